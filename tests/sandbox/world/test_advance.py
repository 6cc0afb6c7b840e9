"""Time passes: new things happen, old things change, and how far one jumps at once makes no difference."""

from collections import Counter

import pytest

from sandbox.store import Store
from sandbox.world import World
from sandbox.world.lift import set_lift
from tests.sandbox.world.conftest import EU, US
from tests.sandbox.world.identities import check_customers, check_order, check_stock
from tests.sandbox.world.test_build import contents


@pytest.fixture
def twin(small, tmp_path):
    small.snapshot(tmp_path / "twin.sqlite")
    store = Store(tmp_path / "twin.sqlite")
    yield store
    store.close()


def test_two_short_jumps_equal_a_long_one(small, twin):
    World(small).advance(days=1)
    World(small).advance(hours=24)
    World(twin).advance(days=2)
    kinds = [
        "Order", "Customer", "GiftCard", "DraftOrder", "AbandonedCheckout", "BasicEvent", "Product",
        "ShopifyPaymentsPayout", "ShopifyPaymentsBalanceTransaction", "ShopifyPaymentsDispute", "TenderTransaction",
        "ShopifyPaymentsAccount",
    ]  # fmt: skip
    assert contents(small, kinds) == contents(twin, kinds)
    assert small.get_meta("now") == twin.get_meta("now") == "2026-11-03T06:00:00Z"


def test_a_world_that_lived_on_still_ties_out(small):
    World(small).advance(days=21)
    for shop in (US, EU):
        for order in small.scan(shop, "Order"):
            check_order(order)
    check_customers(small)
    check_stock(small)


def test_what_changes_is_dated_within_the_jump_and_the_rest_is_left_alone(small):
    before = contents(small, ["Order", "Customer", "Product"])
    World(small).advance(days=10)
    after = contents(small, ["Order", "Customer", "Product"])
    seen: Counter[str] = Counter()
    for key, doc in after.items():
        if key not in before:
            seen[f"new {doc['__typename']}"] += 1
            assert doc["createdAt"] > "2026-11-01T06:00:00Z"
        elif doc != before[key] and doc["updatedAt"] != before[key]["updatedAt"]:
            seen[f"changed {doc['__typename']}"] += 1
            assert "2026-11-01T06:00:00Z" < doc["updatedAt"] <= "2026-11-11T06:00:00Z"
    assert {"new Order", "new Customer", "changed Order", "changed Customer"} <= set(seen)


def test_deletions_and_merges_happen_and_are_told(small):
    before = contents(small, ["Order", "Customer", "Product"])
    World(small).advance(days=120)
    after = contents(small, ["Order", "Customer", "Product"])
    gone = {before[key]["id"] for key in before.keys() - after.keys()}
    told = {
        event["subjectId"]
        for shop in (US, EU)
        for event in small.scan(shop, "BasicEvent")
        if event["action"] == "destroy"
    }
    assert gone
    assert gone <= told
    there = {doc["id"] for doc in after.values()}
    for order in (doc for doc in after.values() if doc["__typename"] == "Order"):
        assert order["customer"] is None or order["customer"]["id"] in there
        assert all(line["product"] is None or line["product"]["id"] in there for line in order["lineItems"])


def test_what_was_written_through_the_api_survives(small):
    order = next(small.scan(US, "Order", order="created_at", reverse=True))
    customer = small.get(US, next(d for d in small.scan(US, "Order", reverse=True) if d["customer"])["customer"]["id"])
    small.put(US, {**order, "tags": ["checked"], "note": "by hand"})
    small.put(US, {**customer, "tags": ["rfm:gold"]})
    small.metafields.set(US, customer["id"], "app", "tier", "single_line_text_field", "gold", "2026-11-01T06:00:00Z")
    World(small).advance(days=15)
    later = small.get(US, order["id"])
    assert later["updatedAt"] > order["updatedAt"]
    assert (later["tags"], later["note"]) == (["checked"], "by hand")
    assert small.get(US, customer["id"])["tags"] == ["rfm:gold"]
    assert small.metafields.get(US, customer["id"], "app", "tier")["value"] == "gold"


def test_the_clock_does_not_go_back(small):
    with pytest.raises(ValueError, match="cannot go back"):
        World(small).advance(days=-1)


def test_a_store_without_a_world_is_refused(tmp_path):
    store = Store(tmp_path / "empty.sqlite")
    with pytest.raises(ValueError, match="holds no world"):
        World(store)
    store.close()


def test_who_carries_what_is_written_back_buys_more_often_by_the_lift_that_was_told(small, twin):
    held = [doc["id"] for doc in list(small.scan(US, "Customer"))[::2]]
    for gid in held:
        small.metafields.set(US, gid, "boomerang", "vip_tier", "single_line_text_field", "gold", "2026-11-01T06:00:00Z")
    set_lift(small, "boomerang.vip_tier", 1)
    for store in (small, twin):
        World(store).advance(days=40)
    before, after = (
        Counter(doc["customer"]["id"] for doc in store.scan(US, "Order") if doc["customer"]) for store in (twin, small)
    )
    since = Counter(
        doc["customer"]["id"]
        for doc in twin.scan(US, "Order")
        if doc["customer"] and doc["createdAt"] > "2026-11-01T06:00:00Z"
    )
    assert after == before + Counter({gid: count for gid, count in since.items() if gid in set(held)})
    assert after != before
    check_customers(small)
