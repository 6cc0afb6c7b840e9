"""What is in a shop, for tests: counts, and what was written back."""

from __future__ import annotations

from typing import Any

from sandbox.search.filters import number_of
from sandbox.shopify import Shopify

_COUNTED = (
    "Customer", "Order", "Product", "ProductVariant", "InventoryItem", "InventoryLevel", "Location",
    "Collection", "DiscountNode",
    "GiftCard", "DraftOrder", "AbandonedCheckout", "Company", "CompanyLocation", "FulfillmentOrder", "Segment",
    "BasicEvent",
    "WebhookSubscription",
)  # fmt: skip


def shop_state(shopify: Shopify, shop: str, customers: bool = True) -> dict[str, Any]:
    """Return counts by type, customers with tags and metafields by number, definitions, segments, operations.

    Of products and orders, only those with metafields, by type and number.
    """
    store = shopify.store
    state: dict[str, Any] = {
        "counts": {kind: store.count(shop, kind) for kind in _COUNTED},
        "definitions": store.metafields.definitions(shop),
        "segments": [{key: doc[key] for key in ("id", "name", "query")} for doc in store.scan(shop, "Segment")],
        "bulk_operations": [{**operation, "query": None} for operation in shopify.all_operations(shop)],
    }
    state["written"] = _written(shopify, shop)
    if customers:
        people: dict[str, dict[str, Any]] = {
            str(number_of(doc["id"])): {
                "tags": doc.get("tags") or [],
                "updatedAt": doc.get("updatedAt"),
                "metafields": {},
            }
            for doc in store.scan(shop, "Customer")
        }
        for row in store.metafields.all(shop):
            if "/Customer/" in row["owner"] and (person := people.get(str(number_of(row["owner"])))):
                value = {key: row[key] for key in ("type", "value", "digest", "updated")}
                person["metafields"][f"{row['namespace']}.{row['key']}"] = value
        state["customers"] = people
    return state


def _written(shopify: Shopify, shop: str) -> dict[str, dict[str, dict[str, Any]]]:
    found: dict[str, dict[str, dict[str, Any]]] = {"Product": {}, "Order": {}}
    for row in shopify.store.metafields.all(shop):
        kind = row["owner"].split("/")[-2]
        if kind in found:
            number = str(number_of(row["owner"]))
            if number not in found[kind]:
                doc = shopify.store.get(shop, row["owner"]) or {}
                found[kind][number] = {"tags": doc.get("tags") or [], "metafields": {}}
            found[kind][number]["metafields"][f"{row['namespace']}.{row['key']}"] = row["value"]
    return found
