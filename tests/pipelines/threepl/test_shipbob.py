"""ShipBob's API, asked over HTTP: what becomes of its records, and of answers that cannot be trusted."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.config import Settings
from pipelines.failures import AuthenticationFailed
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import SilentProgress
from pipelines.threepl.shipbob.window import SlidingWindow
from pipelines.threepl.source import extract
from pipelines.warehouse import Warehouse
from tests.pipelines.threepl.shipbob_api import (
    TOKEN,
    Api,
    comeback,
    event,
    level,
    order,
    place,
    receipt,
    shipbob_api,
)  # fmt: skip


@dataclass
class Account:
    """An account of the API, and the settings with which it is read."""

    api: Api
    folder: Path
    token: str = TOKEN
    page_size: int = 2

    def extract(self, *entities: str) -> ExtractionReport:
        """Read what is new."""
        return extract(self.settings(), "shipbob", entities=entities or None, run_id="run", progress=SilentProgress())

    def settings(self) -> Settings:
        section = {
            "kind": "shipbob", "base_url": self.api.url, "access_token": self.token, "page_size": self.page_size,
            "history_days": 100,
        }  # fmt: skip
        return Settings(
            data_dir=self.folder / "data",
            shops={"us": {"domain": "boomerang-us.myshopify.com", "access_token": "unused"}},  # type: ignore[dict-item]
            threepl={"shipbob": section},  # type: ignore[dict-item]
            extraction={"attempts": 2, "request_timeout_seconds": 10},  # type: ignore[arg-type]
        )

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with Warehouse(self.settings()).session() as session:
            return session.rows(sql)

    def problems(self) -> set[tuple[Any, ...]]:
        """Open problems: feed and code."""
        return set(self.rows("select feed, code from ops.feed_problems where cleared_at is null"))


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """An account with something of everything."""
    with shipbob_api() as api:
        api.orders = [order(number) for number in (1, 2, 3, 4, 5)]
        api.levels = [level(1, "SKU-A", 7), level(2, "SKU-B", 3), level(3, "SKU-C", 1)]
        api.events = [event(1, "OrderPicked", down=-2), event(2, "InventoryFacilityUpdated", up=4, down=-4),
                      event(3, "ReceivingStow", up=9)]  # fmt: skip
        api.receiving = [receipt(1, "Completed"), receipt(2, "Awaiting"), receipt(3, "Processing")]
        api.returns = [comeback(1), comeback(2), comeback(3)]
        yield Account(api, tmp_path)


def test_records_of_all_three_ways_of_paging_become_rows_of_the_contract(account: Account) -> None:
    account.api.orders[0] = order(1, items=((1, 2), (2, 1)))

    report = account.extract()

    assert {result.entity: result.loaded_rows for result in report.entities} == {
        "warehouses": 2, "orders": 10, "shipments": 11, "inventory_snapshots": 3, "movements": 4, "receipts": 6,
        "returns": 9,
    }  # fmt: skip
    assert account.rows("select warehouse_code, zone, zone_source from raw_threepl.warehouses order by 1") == [
        ("141", "America/New_York", "file"), ("156", "America/Los_Angeles", "file"),
    ]  # fmt: skip
    assert account.rows(
        "select status, order_reference, cast(labeled_at as varchar), cast(shipped_at as varchar), zone "
        "from raw_threepl.shipments where shipment_id = '9001'"
    ) == [("shipped", "551", "2026-11-23 09:30:00+00", "2026-11-23 10:00:00+00", "America/New_York")]
    lines = "select line_number, sku, quantity from raw_threepl.shipment_lines where shipment_id = '9001' order by 1"
    assert account.rows(lines) == [(1, "SKU-A", 2), (2, "SKU-B", 1)]
    assert account.rows("select distinct snapshot_id, cast(as_of as varchar) from raw_threepl.inventory_snapshots") == [
        ("141.20261123T120000Z", "2026-11-23 12:00:00+00")
    ]
    assert account.rows("select movement_id, warehouse_code, kind, quantity from raw_threepl.movements order by 1") == [
        ("1", "156", "shipment", -2), ("2.in", "141", "transfer_in", 4), ("2.out", "156", "transfer_out", -4),
        ("3", "141", "receipt", 9),
    ]  # fmt: skip
    assert account.rows(
        "select disposition, expected_quantity, processed_quantity from raw_threepl.return_lines "
        "where return_id = '1' order by line_number"
    ) == [("restock", 3, 2), ("dispose", 0, 1)]
    assert account.problems() == set()


def test_open_documents_are_read_again_until_they_are_over_and_those_that_vanish_are_told(account: Account) -> None:
    account.extract("receipts")
    account.api.receiving = [receipt(1, "Completed"), receipt(2, "Cancelled")]

    account.extract("receipts")

    assert account.rows("select receipt_id, status from raw_threepl.receipts order by 1") == [
        ("1", "completed"), ("2", "cancelled"), ("3", "processing"),
    ]  # fmt: skip
    assert account.problems() == {("receipts", "FED-08")}


def test_a_capped_page_loads_nothing_of_its_window_and_does_not_hold_back_the_others(account: Account) -> None:
    def capped(path: str, query: dict[str, str]) -> tuple[int, dict[str, str], Any] | None:
        if path.endswith("/order") and query["Page"] == "2":
            return 200, {"Total-Pages": "3", "Total-Count": "5"}, []
        return None

    account.api.before = capped
    with pytest.raises(ExtractionFailed, match="announced 5 records of order but gave 2") as failed:
        account.extract()

    assert set(failed.value.failures) == {"orders", "shipments"}
    assert account.problems() == {("orders", "FED-07"), ("shipments", "FED-07")}
    assert account.rows("select count(*) from raw_threepl.orders") == [(0,)]
    assert account.rows("select count(*) from raw_threepl.returns") == [(3,)]
    account.api.before = lambda path, query: None
    account.extract()
    assert account.rows("select count(*) from raw_threepl.orders") == [(5,)]
    assert account.problems() == set()


def test_a_linked_page_without_records_is_capped_too(account: Account) -> None:
    account.api.before = lambda path, query: (
        (200, {}, {"items": [], "next": None}) if path.endswith("/locations") and query.get("Page") == "2" else None
    )

    with pytest.raises(ExtractionFailed, match="without records, though it was announced") as failed:
        account.extract("inventory_snapshots", "movements")

    assert set(failed.value.failures) == {"inventory_snapshots"}
    assert account.rows("select count(*) from raw_threepl.inventory_snapshots") == [(0,)]


def test_an_expired_token_is_told_with_the_variable_to_set(account: Account) -> None:
    account.token = "expired"

    with pytest.raises(AuthenticationFailed, match="BOOMERANG_THREEPL__SHIPBOB__ACCESS_TOKEN"):
        account.extract()

    assert ("shipments", "FED-09") in account.problems()


def test_refusals_for_the_limit_are_waited_for_and_failures_of_the_server_tried_again(account: Account) -> None:
    refusals = [(429, {"x-retry-after": "0.1"}, {}), (503, {}, {}), (429, {"x-retry-after": "0.1"}, {})]
    account.api.before = lambda path, query: refusals.pop() if refusals and path.endswith("/return") else None

    account.extract("returns")

    assert account.rows("select count(*) from raw_threepl.returns") == [(3,)]
    assert refusals == []


def test_an_unknown_word_and_an_unknown_zone_are_refused_with_what_to_do(account: Account) -> None:
    account.api.orders.append(order(6, status="Teleported"))
    account.api.places[0] = place(141, "Quidditch Standard Time")

    with pytest.raises(ExtractionFailed) as failed:
        account.extract("warehouses", "orders", "shipments")

    assert "'Teleported' in shipments" in str(failed.value.failures["shipments"])
    assert "threepl.shipbob.warehouses.141.zone" in str(failed.value.failures["warehouses"])
    assert account.problems() == {("shipments", "FED-04"), ("warehouses", "FED-05")}


def test_movements_are_asked_in_ranges_that_the_api_allows(account: Account) -> None:
    account.extract("movements")

    asked = [query for path, query in account.api.asked if path.endswith("history:query") and "cursor" not in query]
    assert [(query["facility_id"], query["start_date"][:10], query["end_date"][:10]) for query in asked] == [
        ("141", "2026-08-15", "2026-11-12"), ("141", "2026-11-12", "2026-11-23"),
        ("156", "2026-08-15", "2026-11-12"), ("156", "2026-11-12", "2026-11-23"),
    ]  # fmt: skip


class _Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += max(0.0, seconds)


@given(st.integers(1, 20), st.lists(st.floats(0, 90), min_size=1, max_size=80))
def test_no_minute_sees_more_calls_than_allowed(calls: int, pauses: list[float]) -> None:
    clock = _Clock()
    window = SlidingWindow(calls, clock)
    made: list[float] = []

    async def call() -> None:
        for pause in pauses:
            clock.at += pause
            await window.take()
            made.append(clock.at)

    asyncio.run(call())

    assert all(late - early >= 60 - 1e-6 for early, late in zip(made, made[calls:], strict=False))
