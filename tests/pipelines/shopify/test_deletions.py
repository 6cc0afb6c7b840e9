"""Rows that are gone at the source are marked, by the feed or by a sweep; never half a shop."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.failures import IncompleteExtraction
from pipelines.intake import ledger
from pipelines.intake.ledger import Window
from pipelines.loading.landing import Landing
from pipelines.progress import SilentProgress
from pipelines.shopify.contract import shopify_contract
from pipelines.shopify.deletions import ImplausibleSweep, commit_sweep, mark_deleted_by_events, sweep_is_due
from pipelines.shopify.ids import read_ids
from pipelines.shopify.source import ExtractionFailed, extract
from pipelines.warehouse import Warehouse
from tests.pipelines.shopify.exports import NOON, arrival, load_lines, order, rows, settings_in, write
from tests.sandbox_fixture import US, SandboxClient, sandbox, sandbox_world  # noqa: F401

LATER = NOON + timedelta(days=8)
DELETED = "select order_id from raw_shopify.orders where deleted_at is not null order by 1"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def event(number: int, subject: str, action: str = "destroy") -> dict[str, Any]:
    return {
        "__typename": "BasicEvent",
        "id": f"gid://shopify/BasicEvent/{number}",
        "action": action,
        "createdAt": "2026-03-02T08:00:00Z",
        "message": "x",
        "subjectId": f"gid://shopify/{subject}",
        "subjectType": "ORDER",
    }


def test_an_event_of_deletion_marks_its_row_once(settings: Settings) -> None:
    load_lines(settings, [order(1), order(2), order(3)])
    events = [event(1, "Order/2"), event(2, "Order/3", "update"), event(3, "Product/1"), event(4, "Order/77")]
    load_lines(settings, events, entity="events", window_id="w2")
    contract = shopify_contract(settings)
    with Warehouse(settings).session() as session:
        assert mark_deleted_by_events(session, contract, "us", LATER) == 1
        assert mark_deleted_by_events(session, contract, "us", LATER + timedelta(hours=1)) == 0
    found = rows(
        settings, "select order_id, deleted_at, _extracted_at from raw_shopify.orders where deleted_at is not null"
    )
    ((number, deleted_at, extracted_at),) = found
    assert (number, deleted_at.isoformat()) == (2, "2026-03-02T08:00:00+00:00")
    assert extracted_at == LATER


def swept(settings: Settings, present: list[Any], announced: int | None = None, end: str = "\n") -> int:
    """Sweep the orders with an export that lists these lines."""
    table = shopify_contract(settings).table("orders")
    path = write(settings.data_dir / "ids.jsonl", present, end=end) if present else None
    ids, lines = read_ids(settings, table, path, settings.data_dir / "sweep")
    window = Window("sweep-1", "us", "orders", "sweep", None, LATER, LATER, "run-1")
    window.expected_rows = len(present) if announced is None else announced
    admitted = Admitted(arrival(window_id="sweep-1", at=LATER), lines=lines)
    landed = Landing(settings, shopify_contract(settings), "us").land_ids("orders", ids)
    with Warehouse(settings).session() as session:
        ledger.plan(session, window)
        return commit_sweep(session, table, window, landed, admitted)


def bare(number: int) -> dict[str, Any]:
    return {"__typename": "Order", "id": f"gid://shopify/Order/{number}"}


def test_a_sweep_marks_what_it_does_not_find(settings: Settings) -> None:
    load_lines(settings, [order(number) for number in range(1, 61)])
    assert swept(settings, [bare(number) for number in range(1, 61) if number not in (7, 8)]) == 2
    assert rows(settings, DELETED) == [(7,), (8,)]
    assert rows(settings, "select state, mode from ops.extraction_windows where mode = 'sweep'") == [
        ("loaded", "sweep")
    ]


def test_a_sweep_does_not_judge_rows_that_came_after_it_began(settings: Settings) -> None:
    load_lines(settings, [order(1)])
    load_lines(settings, [order(2)], window_id="w2", at=LATER + timedelta(seconds=1))
    assert swept(settings, [bare(1)]) == 0


def test_a_sweep_that_would_delete_an_implausible_share_is_refused(settings: Settings) -> None:
    load_lines(settings, [order(number) for number in range(1, 61)])
    with pytest.raises(
        ImplausibleSweep, match=r"would mark 13 of 60 rows as deleted, more than 20%; nothing was marked"
    ):
        swept(settings, [bare(number) for number in range(1, 48)])
    assert rows(settings, DELETED) == []


@pytest.mark.parametrize(
    ("present", "sentence"),
    [
        ([bare(1)], "lists 1 ids instead of 2"),
        ([bare(1), {**bare(2), "id": None}], "lists 1 ids instead of 2"),
        ([bare(1), {**bare(2), "__typename": "Product"}], "lists 1 ids instead of 2"),
        ([bare(1), "not json"], "cannot be read"),
    ],
)
def test_an_incomplete_list_of_ids_deletes_nothing(settings: Settings, present: list[Any], sentence: str) -> None:
    load_lines(settings, [order(1), order(2)])
    with pytest.raises(IncompleteExtraction, match=sentence):
        swept(settings, present, announced=2)
    assert rows(settings, DELETED) == []


def test_a_sweep_is_due_some_days_after_the_first_window_and_after_the_last_sweep(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ledger.ensure_ledger(session)
        assert not sweep_is_due(session, settings, "us", "orders", NOON)
    load_lines(settings, [order(1)])
    with Warehouse(settings).session() as session:
        assert not sweep_is_due(session, settings, "us", "orders", NOON + timedelta(days=6))
        assert sweep_is_due(session, settings, "us", "orders", LATER)
    swept(settings, [bare(1)])
    with Warehouse(settings).session() as session:
        assert not sweep_is_due(session, settings, "us", "orders", LATER + timedelta(days=6))
        assert sweep_is_due(session, settings, "us", "orders", LATER + timedelta(days=7))


def test_a_run_sweeps_when_it_is_due(sandbox: SandboxClient, tmp_path: Path) -> None:  # noqa: F811
    shop = {
        "domain": US,
        "base_url": sandbox.base_url(),
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
    }
    settings = settings_in(tmp_path, shops={"us": shop}, extraction={"poll_seconds": 0.05})

    def run(run_id: str) -> None:
        extract(settings, "us", entities=["products"], run_id=run_id, progress=SilentProgress())

    run("run-1")
    with Warehouse(settings).session() as session:
        session.execute(
            "insert into raw_shopify.products by name select * replace (99 as product_id) from "
            "raw_shopify.products limit 1"
        )
    sandbox.advance(days=8)
    run("run-2")
    assert (99,) in rows(settings, "select product_id from raw_shopify.products where deleted_at is not null")
    modes = "select mode, state, expected_rows, arrived_rows from ops.extraction_windows where mode = 'sweep'"
    ((_, state, expected, arrived),) = rows(settings, modes)
    assert (state, expected) == ("loaded", arrived)
    with Warehouse(settings).session() as session:
        session.execute(
            "insert into raw_shopify.products by name select p.* replace (1000 + i as product_id) from "
            "(select * from raw_shopify.products limit 1) p, range(500) r(i)"
        )
    sandbox.advance(days=8)
    with pytest.raises(ExtractionFailed, match="products: The sweep of products of shop us would mark 500 of"):
        run("run-3")
