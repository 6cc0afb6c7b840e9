"""ShipBob's API: who may ask, how often, three ways of paging, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.shipbob.limits import SlidingWindow
from sandbox.shipbob.listing import page_of
from tests.sandbox.backoffice_fixture import access
from tests.sandbox_fixture import SandboxClient

CENTERS = {141: "Eastern Standard Time", 156: "Pacific Standard Time"}


@pytest.fixture
def shipbob(shown: SandboxClient) -> Iterator[httpx.Client]:
    with _client(shown) as client:
        yield client


def _client(sandbox: SandboxClient) -> httpx.Client:
    told = access(sandbox)["threepl"]["shipbob"]
    return httpx.Client(
        base_url=f"{told['base_url']}/2026-01/", headers={"Authorization": f"Bearer {told['access_token']}"}, timeout=30
    )


def _orders(client: httpx.Client, **wanted: Any) -> list[dict[str, Any]]:
    found, page = [], 1
    while True:
        answer = client.get("order", params={"Page": page, "Limit": 100, **wanted}).raise_for_status()
        found += answer.json()
        if "next-page" not in answer.headers:
            assert len(found) == int(answer.headers["total-count"])
            return found
        page = int(answer.headers["next-page"])


def test_only_the_token_opens(shown: SandboxClient, shipbob: httpx.Client) -> None:
    assert shipbob.get("location", headers={"Authorization": "Bearer other"}).status_code == 401
    shown.faults({"kind": "expired_token", "shop": "shipbob", "times": 1})
    assert [shipbob.get("location").status_code for _ in range(2)] == [401, 200]


def test_places_name_their_zone_as_windows_does(shipbob: httpx.Client) -> None:
    for path in ("location", "fulfillment-center"):
        assert {place["id"]: place["timezone"] for place in shipbob.get(path).json()} == CENTERS


def test_orders_come_as_bare_arrays_that_pages_put_together(shipbob: httpx.Client) -> None:
    orders = _orders(shipbob)
    assert len({order["id"] for order in orders}) == len(orders) > 100
    newest = orders[0]["shipments"][0]
    assert newest["reference_id"] == orders[0]["reference_id"]
    assert {order["status"] for order in orders} >= {"Fulfilled", "Cancelled"}


def test_orders_are_found_by_their_last_change(shipbob: httpx.Client) -> None:
    orders = _orders(shipbob)
    changes = sorted(order["shipments"][0]["last_update_at"] for order in orders)
    since = changes[len(changes) // 2]
    later = _orders(shipbob, LastUpdateStartDate=since)
    assert {order["id"] for order in later} == {
        order["id"] for order in orders if order["shipments"][0]["last_update_at"] >= since
    }


def test_a_parcel_is_labelled_before_it_is_shipped(shipbob: httpx.Client) -> None:
    parcels = [parcel for order in _orders(shipbob) for parcel in order["shipments"]]
    shipped = [parcel for parcel in parcels if parcel["status"] == "Completed"]
    assert shipped
    for parcel in shipped:
        assert parcel["created_date"] <= parcel["actual_fulfillment_date"] <= parcel["tracking"]["shipping_date"]
        assert parcel["tracking"]["shipping_date"] <= parcel["last_update_at"]


def test_levels_come_page_by_page_with_links(shipbob: httpx.Client) -> None:
    found, link = [], "/shipbob/2026-01/inventory-level/locations?PageSize=100"
    while link:
        body = shipbob.get(str(shipbob.base_url.copy_with(raw_path=link.encode()))).raise_for_status().json()
        found += body["items"]
        link = body["next"]
    assert len({item["sku"] for item in found}) == len(found) > 150
    for item in found:
        for place in item["locations"]:
            assert 0 <= place["fulfillable_quantity"] <= max(0, place["on_hand_quantity"] - place["committed_quantity"])


def _movements(client: httpx.Client, facility: int) -> Iterator[dict[str, Any]]:
    start = datetime(2025, 4, 1, tzinfo=UTC)
    while start < datetime(2026, 12, 1, tzinfo=UTC):
        end = start + timedelta(days=90)
        asked = {"facility_id": facility, "start_date": start.isoformat(), "end_date": end.isoformat(), "cursor": None}
        while True:
            body = client.post("inventory/history:query", json=asked).raise_for_status().json()
            yield from body["data"]
            if not body["next"]:
                break
            asked["cursor"] = int(body["next"].partition("cursor=")[2])
        start = end


def test_movements_add_up_to_what_is_on_hand(shipbob: httpx.Client) -> None:
    sums: dict[tuple[int, str], int] = {}
    for facility in CENTERS:
        for event in _movements(shipbob, facility):
            change = event.get("increment") or event["decrement"]
            key = (facility, change["sku"])
            sums[key] = sums.get(key, 0) + change["quantity_change"]
    levels = {
        (place["location_id"], item["sku"]): place["on_hand_quantity"]
        for page in (1, 2, 3)
        for item in shipbob.get("inventory-level/locations", params={"PageSize": 250, "Page": page}).json()["items"]
        for place in item["locations"]
    }
    assert sums == levels


def test_no_more_than_ninety_days_of_movements_are_told_at_a_time(shipbob: httpx.Client) -> None:
    asked = {"facility_id": 141, "start_date": "2026-01-01", "end_date": "2026-06-01"}
    answer = shipbob.post("inventory/history:query", json=asked)
    assert (answer.status_code, "90 days" in answer.json()["detail"]) == (400, True)
    assert shipbob.post("inventory/history:query", json={}).status_code == 400


def test_returns_are_paged_by_a_cursor_and_say_what_became_of_the_goods(shipbob: httpx.Client) -> None:
    first = shipbob.get("return", params={"Limit": 2, "SortOrder": "Asc"}).json()
    again = shipbob.get("return", params={"Limit": 2, "SortOrder": "Asc", "Cursor": 2}).json()
    assert first["next"].endswith("Cursor=2")
    assert not {back["id"] for back in first["items"]} & {back["id"] for back in again["items"]}
    taken = [action for back in first["items"] for line in back["inventory"] for action in line["action_taken"]]
    assert {action["action"] for action in taken} <= {"Restock", "Quarantine", "Dispose"}


def test_received_goods_have_a_purchase_order(shipbob: httpx.Client) -> None:
    rows = shipbob.get("receiving", params={"Limit": 250}).json()
    assert rows
    assert all(row["purchase_order_number"].startswith("PO-US-") and row["status"] == "Completed" for row in rows)
    assert shipbob.get("receiving", params={"Statuses": "Awaiting,ProcessingAtHub"}).json() == []
    assert shipbob.get("receiving", params={"Statuses": "Lost"}).status_code == 400


@pytest.mark.parametrize("bad", [{"Limit": "many"}, {"Limit": 251}, {"Page": 0}, {"LastUpdateStartDate": "today"}])
def test_a_parameter_that_cannot_be_read_is_refused(shipbob: httpx.Client, bad: dict[str, Any]) -> None:
    answer = shipbob.get("order", params=bad)
    assert (answer.status_code, next(iter(bad)) in answer.json()["detail"]) == (400, True)


def test_a_capped_page_and_a_dropped_connection_are_faults(shown: SandboxClient, shipbob: httpx.Client) -> None:
    shown.faults({"kind": "capped_page", "shop": "shipbob", "root": "order", "times": 1})
    capped = shipbob.get("order")
    assert (capped.json(), int(capped.headers["total-pages"]) > 1) == ([], True)
    shown.faults({"kind": "drop_connection", "shop": "shipbob", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        shipbob.get("order")


def test_the_hundred_and_fifty_first_call_of_a_minute_waits(office: SandboxClient) -> None:
    with _client(office) as client:
        answers = [client.get("location") for _ in range(151)]
    assert [answer.status_code for answer in answers] == [200] * 150 + [429]
    assert [answers[0].headers["x-remaining-calls"], answers[149].headers["x-remaining-calls"]] == ["149", "0"]
    assert 1 <= int(answers[-1].headers["x-retry-after"]) <= 61


def test_calls_count_for_a_minute_each() -> None:
    clock = iter([0.0, 30.0, 40.0, 61.0, 62.0])
    window = SlidingWindow(calls=2, window=60.0, clock=lambda: next(clock))
    assert [window.take()[0] for _ in range(5)] == [True, True, False, True, False]


def test_an_empty_listing_has_one_page() -> None:
    assert page_of([], 1, 10) == ([], {"Total-Pages": "1", "Total-Count": "0", "Page": "1"})
