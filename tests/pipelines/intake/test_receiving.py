"""Rows that a connector hands over: checked, landed, committed with ledger and letters, and replayed after a fix."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.config import Settings
from pipelines.contracts.dead_letters import list_dead_letters
from pipelines.contracts.replay import replay
from pipelines.failures import IncompleteExtraction
from pipelines.intake.handing_over import Rows, UnexpectedColumns
from pipelines.intake.problems import report_problem
from pipelines.intake.receiving import Intake
from pipelines.intake.report import ExtractionFailed
from pipelines.intake.sources import contracts
from pipelines.warehouse import Session
from tests.pipelines.shopify.exports import rows, settings_in

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def order(number: int, **changes: Any) -> dict[str, Any]:
    """An order of the ERP as a query returns it: every value a text."""
    return {
        "sales_order_id": str(number),
        "number": f"SO{number}",
        "shopify_reference": f"gid://shopify/Order/{number}",
        "order_date": "2026-02-01",
        "created_at": "2026-02-01T05:00:00.000-05:00",
        "updated_at": "2026-02-02T10:00:00Z",
        "status": "billed",
        "currency": "USD",
        "exchange_rate": "1.0",
        "total_amount": "1234567890123.4567",
        **changes,
    }


def line(order_number: int, number: int, **changes: Any) -> dict[str, Any]:
    given = {"line_id": f"{order_number}-{number}", "sales_order_id": str(order_number), "line_number": str(number)}
    return {**given, "line_type": "item", "sku": "A", "quantity": "2.5", "is_closed": "false", **changes}


def table(*given: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(given))


def hand_over(settings: Settings, *, at: datetime = NOON, expected: int | None = None, **given: Rows) -> Intake:
    with Intake(settings, "erp", "netsuite", run_id="run-1", source_now=at) as intake:
        window = intake.plan("sales_orders", window_from=intake.cursor("sales_orders"))
        intake.receive(window, given, expected=expected)
    return intake


def test_texts_become_typed_rows_of_the_connection(settings: Settings) -> None:
    intake = hand_over(settings, sales_orders=table(order(1)), sales_order_lines=table(line(1, 1), line(1, 2)))
    (found,) = intake.report.entities
    assert (found.expected_rows, found.arrived_rows, found.loaded_rows, found.rejected_rows) == (3, 3, 3, 0)
    wanted = "erp, sales_order_id, created_at, cast(total_amount as varchar), exchange_rate, _extracted_at"
    assert rows(settings, f"select {wanted} from raw_erp.sales_orders") == [
        ("netsuite", "1", datetime(2026, 2, 1, 10, tzinfo=UTC), "1234567890123.4567", 1, NOON)
    ]
    assert rows(settings, "select sum(quantity), bool_or(is_closed) from raw_erp.sales_order_lines") == [(5, False)]
    ledger = "select shop, entity, mode, state, window_to, loaded_rows from ops.extraction_windows"
    assert rows(settings, ledger) == [("netsuite", "sales_orders", "incremental", "loaded", NOON, 3)]


def test_what_breaks_the_contract_is_a_dead_letter_and_the_rest_flows(settings: Settings) -> None:
    early = order(3, updated_at="2026-01-01T00:00:00Z")
    given = table(order(1), order(2, currency="usd"), early, order(4, created_at="2026-02-01 05:00:00"))
    intake = hand_over(settings, sales_orders=given, sales_order_lines=table(line(1, 1), line(2, 1)))
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders") == [("1",)]
    assert intake.report.entities[0].rejected_rows == 4
    letters = {(one.row_key, one.rule): one.message for one in list_dead_letters(settings, shop="netsuite")}
    assert letters[("3", "updated_after_created")] == "Nothing is updated before it was created"
    assert letters[("2-1", "parent_rejected")] == "sales_order_id 2 was rejected itself"
    assert "created_at 2026-02-01 05:00:00 without a zone is not a timestamptz" in letters[("4", "created_at_type")]
    assert ("2", "currency_pattern") in letters


def test_a_line_without_its_order_is_a_dead_letter(settings: Settings) -> None:
    hand_over(settings, sales_orders=table(order(1)), sales_order_lines=table(line(1, 1), line(9, 1)))
    (letter,) = list_dead_letters(settings, shop="netsuite")
    assert (letter.row_key, letter.rule) == ("9-1", "parent_missing")
    assert rows(settings, "select line_id from raw_erp.sales_order_lines") == [("1-1",)]


def test_a_corrected_line_is_replayed_through_the_same_door(settings: Settings, tmp_path: Path) -> None:
    hand_over(settings, sales_orders=table(order(1), order(2, currency="usd")), sales_order_lines=table(line(1, 1)))
    (letter,) = list_dead_letters(settings, shop="netsuite")
    assert replay(settings, run_id="run-2").still_open == 1
    file = tmp_path / "corrected.jsonl"
    file.write_text(letter.payload.replace('"usd"', '"USD"'))
    report = replay(settings, ids=[letter.dead_letter_id], corrected=file, run_id="run-3")
    assert (report.replayed, report.still_open) == (1, 0)
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders order by 1") == [("1",), ("2",)]
    assert rows(settings, "select count(*) from raw_erp.sales_order_lines") == [(1,)]


def test_a_parent_that_comes_again_replaces_its_lines(settings: Settings) -> None:
    hand_over(
        settings, sales_orders=table(order(1), order(2)), sales_order_lines=table(line(1, 1), line(1, 2), line(2, 1))
    )
    later = NOON + timedelta(hours=1)
    hand_over(settings, at=later, sales_orders=table(order(1)), sales_order_lines=table(line(1, 3)))
    assert rows(settings, "select line_id from raw_erp.sales_order_lines order by 1") == [("1-3",), ("2-1",)]


def test_a_document_that_comes_again_replaces_all_its_rows(settings: Settings) -> None:
    def post(at: datetime, *lines: tuple[str, str]) -> None:
        entry = {"document_type": "invoice", "posting_date": "2026-02-01", "period": "2026-02", "is_posted": "true"}
        entry |= {"is_manual": "false", "account_code": "4000", "account_type": "revenue", "debit_amount": "0"}
        entry |= {"credit_amount": "5", "currency": "USD", "created_at": NOON, "updated_at": NOON}
        given = [{"gl_entry_id": f"{document}-{line}", "document_id": document, **entry} for document, line in lines]
        with Intake(settings, "erp", "netsuite", run_id="run-1", source_now=at) as intake:
            intake.receive(intake.plan("gl_entries"), {"gl_entries": table(*given)})

    post(NOON, ("7", "1"), ("7", "2"), ("8", "1"))
    post(NOON + timedelta(hours=1), ("7", "3"))
    assert rows(settings, "select gl_entry_id from raw_erp.gl_entries order by 1") == [("7-3",), ("8-1",)]


def test_fewer_rows_than_announced_move_nothing(settings: Settings) -> None:
    hand_over(settings, sales_orders=table(order(1)))
    later = NOON + timedelta(hours=1)
    with pytest.raises(IncompleteExtraction, match="has 2 lines instead of 3"):
        hand_over(settings, at=later, expected=3, sales_orders=table(order(2), order(3)))
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders") == [("1",)]
    assert rows(settings, "select state from ops.extraction_windows order by started_at") == [("loaded",), ("failed",)]
    with Intake(settings, "erp", "netsuite", run_id="run-3") as again:
        assert again.cursor("sales_orders") == NOON


def test_columns_that_the_contract_does_not_know_are_refused(settings: Settings) -> None:
    with pytest.raises(UnexpectedColumns, match="Rows of sales_orders bring the unknown column total; nothing"):
        hand_over(settings, sales_orders=table(order(1, total="3")))
    with pytest.raises(UnexpectedColumns, match="Rows of sales_order_lines lack the column line_type"):
        hand_over(
            settings, sales_orders=table(order(1)), sales_order_lines=table({"line_id": "1", "sales_order_id": "1"})
        )
    assert rows(settings, "select count(*) from raw_erp.sales_orders") == [(0,)]


def test_a_snapshot_replaces_what_the_connection_had_and_no_other(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "places.parquet"
    for erp in ("netsuite", "tryton"):
        pq.write_table(pa.table({"location_id": ["1", "2"], "name": ["Reno", "Leipzig"]}), file)
        with Intake(settings, "erp", erp, run_id="run-1") as intake:
            intake.receive(intake.plan("locations", mode="full"), {"locations": file})
    with Intake(settings, "erp", "netsuite", run_id="run-2") as intake:
        intake.receive(intake.plan("locations", mode="full"), {})
    assert rows(settings, "select erp, count(*) from raw_erp.locations group by all") == [("tryton", 2)]


def test_several_windows_are_loaded_together_and_the_good_one_clears_its_feed(settings: Settings) -> None:
    noted: list[str] = []

    def note(session: Session) -> None:
        noted.append("in the transaction")

    with Intake(settings, "threepl", "shipbob", run_id="run-1", source_now=NOON) as intake:
        with intake.session() as session:
            for feed in ("warehouses", "movements"):
                about = {"source": "threepl", "connection": "shipbob", "feed": feed, "run_id": "run-0"}
                report_problem(session, code="FED-09", message="The key is refused.", **about)
        one, other = intake.plan("warehouses", mode="full"), intake.plan("inventory_snapshots")
        intake.receive(one, {"warehouses": table({"warehouse_code": "3"})}, on_commit=note)
        snapshot = {"snapshot_id": "s", "warehouse_code": "3", "sku": "A", "as_of": NOON, "on_hand_quantity": -1}
        intake.receive(other, {"inventory_snapshots": table(snapshot)})
        intake.load()
    assert [one.entity for one in intake.report.entities] == ["warehouses", "inventory_snapshots"]
    assert rows(settings, "select partner, on_hand_quantity from raw_threepl.inventory_snapshots") == [("shipbob", -1)]
    open_still = "select feed, code, detected_at is not null from ops.feed_problems where cleared_at is null"
    assert (noted, rows(settings, open_still)) == (["in the transaction"], [("movements", "FED-09", True)])


def test_one_entity_that_fails_is_told_and_the_others_are_loaded(settings: Settings) -> None:
    with Intake(settings, "threepl", "shipbob", run_id="run-1") as intake:
        intake.receive(intake.plan("warehouses", mode="full"), {"warehouses": table({"warehouse_code": "3"})})
        intake.give_up(intake.plan("movements"), IncompleteExtraction("A page is missing."))
    with pytest.raises(
        ExtractionFailed, match=r"Extraction of partner shipbob failed for movements; 1 other .* missing"
    ):
        intake.raise_failures()
    assert rows(settings, "select count(*) from raw_threepl.warehouses") == [(1,)]


def test_every_merchant_has_all_tables(settings: Settings) -> None:
    with Intake(settings, "erp", "netsuite", run_id="run-1"):
        pass
    found = "select schema_name || '.' || table_name from duckdb_tables() where schema_name like 'raw%'"
    wanted = {f"{contract.raw_schema}.{one.name}" for contract in contracts(settings) for one in contract.tables}
    assert {name for (name,) in rows(settings, found)} == wanted


def test_an_open_problem_is_renewed_and_not_repeated(settings: Settings) -> None:
    with Intake(settings, "erp", "netsuite", run_id="run-1") as intake, intake.session() as session:
        about = {"source": "erp", "connection": "netsuite", "feed": "invoices", "detected_at": NOON}
        first = report_problem(session, code="FED-06", message="one", run_id="run-1", **about)
        assert report_problem(session, code="FED-06", message="two", run_id="run-2", **about) == first
        other = report_problem(session, code="FED-06", message="three", run_id="run-2", file="a.csv", **about)
    found = rows(settings, "select problem_id, message, run_id from ops.feed_problems order by message desc")
    assert found == [(first, "two", "run-2"), (other, "three", "run-2")]
