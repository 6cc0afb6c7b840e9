"""The document store: upsert, lookup of embedded nodes, scans, threads, snapshots."""

import threading
from pathlib import Path

import pytest

from sandbox.storage.codec import money, pack
from sandbox.store import Store, cursor

SHOP = "a.myshopify.com"


def order(number: int, updated: str = "2026-01-01T00:00:00Z", customer: int = 7) -> dict:
    return {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{number}",
        "createdAt": "2026-01-01T00:00:00Z",
        "processedAt": "2026-01-01T00:00:00Z",
        "updatedAt": updated,
        "customer": {"__typename": "Customer", "id": f"gid://shopify/Customer/{customer}"},
        "totalPriceSet": pack("20.0", "USD", "18.4", "EUR"),
        "lineItems": [{"__typename": "LineItem", "id": f"gid://shopify/LineItem/{number}1"}],
        "refunds": [
            {
                "__typename": "Refund",
                "id": f"gid://shopify/Refund/{number}2",
                "orderAdjustments": [
                    {"__typename": "OrderAdjustment", "id": f"gid://shopify/OrderAdjustment/{number}3"}
                ],
            }
        ],
        "fulfillmentOrders": [
            {
                "__typename": "FulfillmentOrder",
                "id": f"gid://shopify/FulfillmentOrder/{number}4",
                "createdAt": "2026-01-01T00:00:00Z",
                "updatedAt": updated,
                "lineItems": [],
            }
        ],
    }


@pytest.fixture
def store(tmp_path: Path):
    opened = Store(tmp_path / "world.sqlite")
    yield opened
    opened.close()


def test_a_packed_amount_comes_back_as_the_money_bag_of_the_api(store):
    store.put(SHOP, order(1))
    assert store.get(SHOP, "gid://shopify/Order/1")["totalPriceSet"] == {
        "shopMoney": {"amount": "20.0", "currencyCode": "USD"},
        "presentmentMoney": {"amount": "18.4", "currencyCode": "EUR"},
    }


@pytest.mark.parametrize(
    ("cents", "text"), [(2000, "20.0"), (1999, "19.99"), (-5, "-0.05"), (0, "0.0"), (3190, "31.9")]
)
def test_money_is_printed_with_at_least_one_decimal(cents, text):
    assert money(cents) == text


def test_nodes_inside_a_document_are_found_by_their_own_gid(store):
    store.put(SHOP, order(1))
    assert store.get(SHOP, "gid://shopify/OrderAdjustment/13")["__typename"] == "OrderAdjustment"
    assert store.root_of(SHOP, "gid://shopify/Refund/12") == "gid://shopify/Order/1"
    assert store.get(SHOP, "gid://shopify/Refund/99") is None
    assert store.get("b.myshopify.com", "gid://shopify/Order/1") is None


def test_a_deleted_document_takes_its_nodes_and_metafields_with_it(store):
    store.put(SHOP, order(1))
    store.metafields.set(SHOP, "gid://shopify/Order/1", "app", "k", "boolean", "true", "2026-01-01T00:00:00Z")
    assert store.delete(SHOP, "gid://shopify/Order/1")
    assert store.get(SHOP, "gid://shopify/Refund/12") is None
    assert store.metafields.list(SHOP, "gid://shopify/Order/1") == []
    assert not store.delete(SHOP, "gid://shopify/Order/1")


def test_an_embedded_node_cannot_be_deleted_alone(store):
    store.put(SHOP, order(1))
    assert not store.delete(SHOP, "gid://shopify/Refund/12")
    assert store.get(SHOP, "gid://shopify/Refund/12")


def test_scan_streams_in_order_with_bounds_cursor_and_limit(store):
    store.put_many(SHOP, (order(n, f"2026-01-01T00:{n // 60:02d}:{n % 60:02d}Z") for n in range(1, 1001)))
    ids = [int(doc["id"].rpartition("/")[2]) for doc in store.scan(SHOP, "Order", order="updated_at", reverse=True)]
    assert ids == list(range(1000, 0, -1))
    window = {"updated_from": "2026-01-01T00:01:00Z", "updated_to": "2026-01-01T00:02:00Z"}
    assert store.count(SHOP, "Order", **window) == 60
    first = list(store.scan(SHOP, "Order", order="updated_at", limit=10, **window))
    rest = list(store.scan(SHOP, "Order", order="updated_at", after=cursor(first[-1], "updated_at"), **window))
    assert [doc["id"] for doc in first + rest] == [f"gid://shopify/Order/{n}" for n in range(60, 120)]


def test_scan_by_owner_and_of_embedded_types(store):
    store.put_many(SHOP, [order(1, customer=7), order(2, "2026-02-01T00:00:00Z", customer=8)])
    assert [doc["id"] for doc in store.scan(SHOP, "Order", owner="gid://shopify/Customer/8")] == [
        "gid://shopify/Order/2"
    ]
    listed = list(store.scan(SHOP, "FulfillmentOrder", order="updated_at", updated_from="2026-01-15T00:00:00Z"))
    assert [doc["id"] for doc in listed] == ["gid://shopify/FulfillmentOrder/24"]


def test_an_inventory_level_gid_keeps_its_query_string(store):
    level = {
        "__typename": "InventoryLevel",
        "id": "gid://shopify/InventoryLevel/5?inventory_item_id=9",
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
    }
    store.put(
        SHOP,
        {"__typename": "InventoryItem", "id": "gid://shopify/InventoryItem/9", "inventoryLevels": [level]},
    )
    assert store.get(SHOP, level["id"]) == level
    assert store.get(SHOP, "gid://shopify/InventoryLevel/5") is None


def test_a_transaction_that_fails_leaves_nothing(store):
    def broken():
        yield order(1)
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError):
        store.put_many(SHOP, broken())
    assert store.count(SHOP, "Order") == 0
    store.put(SHOP, order(2))
    assert store.count(SHOP, "Order") == 1


def test_readers_in_other_threads_see_committed_writes(store):
    store.put_many(SHOP, (order(n) for n in range(1, 400)))
    seen: list[int] = []

    def read():
        seen.append(sum(1 for _ in store.scan(SHOP, "Order")))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    store.put_many(SHOP, (order(n) for n in range(1, 400)))
    for thread in threads:
        thread.join()
    assert seen == [399] * 4


def test_a_snapshot_brings_everything_back(store, tmp_path):
    store.put(SHOP, order(1))
    store.set_meta("now", "2026-01-02T00:00:00Z")
    store.snapshot(tmp_path / "pristine.sqlite")
    store.put("other.myshopify.com", order(2))
    store.set_meta("now", "2026-01-03T00:00:00Z")
    store.restore(tmp_path / "pristine.sqlite")
    assert store.get_meta("now") == "2026-01-02T00:00:00Z"
    assert store.count("other.myshopify.com", "Order") == 0
    store.put("third.myshopify.com", order(3))
    assert store.get("third.myshopify.com", "gid://shopify/Order/3")


def test_metafields_keep_id_and_digest_until_the_value_changes(store):
    owner = "gid://shopify/Customer/7"
    first = store.metafields.set(SHOP, owner, "app", "tier", "single_line_text_field", "gold", "2026-01-01T00:00:00Z")
    same = store.metafields.set(SHOP, owner, "app", "tier", "single_line_text_field", "gold", "2026-01-02T00:00:00Z")
    changed = store.metafields.set(
        SHOP, owner, "app", "tier", "single_line_text_field", "silver", "2026-01-03T00:00:00Z"
    )
    assert first == same
    assert len(first["digest"]) == 64
    assert (changed["id"], changed["created"]) == (first["id"], first["created"])
    assert changed["digest"] != first["digest"]


def test_definitions_keep_their_number(store):
    number = store.metafields.put_definition(SHOP, "CUSTOMER", "app", "tier", {"type": "single_line_text_field"})
    assert store.metafields.put_definition(SHOP, "CUSTOMER", "app", "tier", {"type": "boolean"}) == number
    assert store.metafields.definition(SHOP, "CUSTOMER", "app", "tier") == {"id": number, "type": "boolean"}
    assert [row["id"] for row in store.metafields.definitions(SHOP)] == [number]


def test_sequences_count_up(store):
    assert [store.next_number("Segment", 100), store.next_number("Segment", 100)] == [100, 101]
