"""The report reads back what happened, and says so when something does not add up."""

import io
from dataclasses import replace
from datetime import UTC, datetime

from rich.console import Console

from orchestration import report_display as show
from orchestration.report import Cycle, EntityProof, Written, describe_cycle
from orchestration.runs import CheckCount, RunSummary
from pipelines.config import Settings
from pipelines.contracts.dead_letters import ensure_dead_letters
from pipelines.intake.ledger import ensure_ledger
from pipelines.warehouse import Warehouse
from reverse_etl.ledger.tables import ensure_tables

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def cycle(*entities: EntityProof, letters: tuple[dict[str, object], ...] = ()) -> Cycle:
    written = Written({"set": 1_200, "tag_add": 7}, 3, 60, 600.0)
    return Cycle("day 0", entities, letters, 69, 86, 1, 0, ("orders: contract_holds",), written, {"extract": 31.5})


def on_paper() -> tuple[Console, io.StringIO]:
    paper = io.StringIO()
    return Console(file=paper, width=120, color_system=None), paper


def test_rows_add_up_when_all_that_was_announced_is_loaded_or_in_the_dead_letters() -> None:
    assert EntityProof("orders", 2, expected=100, arrived=100, loaded=98, rejected=2).adds_up
    assert not EntityProof("orders", 2, expected=100, arrived=99, loaded=99, rejected=0).adds_up
    assert not EntityProof("orders", 2, expected=100, arrived=100, loaded=99, rejected=0).adds_up


def test_a_cycle_without_a_system_that_could_not_be_read_is_not_complete() -> None:
    whole = cycle(EntityProof("orders", 1, 5, 5, 5, 0))
    assert whole.complete
    assert not replace(whole, unread=("netsuite: The token was refused.",)).complete


def test_an_entity_that_does_not_add_up_cannot_be_overlooked() -> None:
    console, paper = on_paper()
    show.show_completeness(console, [cycle(EntityProof("orders", 1, 100, 99, 99, 0))])
    assert "DOES NOT ADD UP" in paper.getvalue()


def test_quiet_entities_are_counted_and_not_listed() -> None:
    console, paper = on_paper()
    show.show_completeness(console, [cycle(EntityProof("orders", 1, 5, 5, 5, 0), EntityProof("shop", 1, 0, 0, 0, 0))])
    assert "day 0: 5 rows extracted; 1 more entities had nothing new" in paper.getvalue()


def test_dead_letters_are_named_by_table_and_rule() -> None:
    console, paper = on_paper()
    letter = {"rows": 2, "shop": "us", "table_name": "orders", "rule": "total_amount_type"}
    show.show_completeness(console, [cycle(EntityProof("orders", 1, 5, 5, 3, 2), letters=(letter,))])
    assert "dead letters: 2 of us orders, rule total_amount_type" in paper.getvalue()


def test_what_was_written_is_shown_by_action() -> None:
    console, paper = on_paper()
    show.show_written(console, [cycle()])
    row = paper.getvalue().splitlines()[-1].split()
    assert row == ["day", "0", "1,200", "0", "7", "0", "3", "60", "600"]


def test_a_tier_nobody_planned_for_is_shown_too() -> None:
    console, paper = on_paper()
    show.show_customers(console, {"gold": {"us": 3}, "diamond": {"eu": 1}}, {"active": {"us": 3}})
    assert "diamond" in paper.getvalue()


def test_a_cycle_is_read_back_from_the_ledgers_of_its_run(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        ensure_dead_letters(session)
        ensure_tables(session)
        for shop, run, arrived, rejected in (("us", "mine", 10, 1), ("eu", "mine", 4, 0), ("us", "other", 99, 0)):
            session.execute(
                "insert into ops.extraction_windows by name select ? as window_id, ? as shop, 'orders' as entity, "
                "'full' as mode, now() as window_to, now() as extracted_at, 'loaded' as state, ? as expected_rows, "
                "? as arrived_rows, ? as rejected_rows, ? as loaded_rows, ? as run_id, now() as started_at",
                (f"{shop}.{run}", shop, arrived, arrived, rejected, arrived - rejected, run),
            )
    tests = CheckCount(passed=86, warned=1)
    refresh = RunSummary(
        "refresh", "mine", {"shopify": 3.0, "dbt_2": 8.0, "scores": 1.0, "dbt": 5.0}, (), tests, 69, {"dbt_2": tests}
    )
    deliver = RunSummary("deliver", "d", {"dbt": 6.0, "delivered": 4.0}, (), CheckCount())
    found = describe_cycle(settings, "day 0", refresh, deliver, NOW)
    assert found.entities == [EntityProof("orders", 2, 14, 14, 13, 1)]
    assert found.complete
    assert (found.tests_passed, found.tests_warned) == (86, 1)
    assert list(found.seconds) == [
        "extract",
        "models before the scores",
        "fit and backtest",
        "models after the scores",
        "write back",
    ]
    assert found.written == Written({}, 0, 0, 0.0)
