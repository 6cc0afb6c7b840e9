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
    """Return counts by type, customers with tags and metafields by their number, definitions, segments, operations."""
    store = shopify.store
    state: dict[str, Any] = {
        "counts": {kind: store.count(shop, kind) for kind in _COUNTED},
        "definitions": store.metafields.definitions(shop),
        "segments": [{key: doc[key] for key in ("id", "name", "query")} for doc in store.scan(shop, "Segment")],
        "bulk_operations": [{**operation, "query": None} for operation in shopify.all_operations(shop)],
    }
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
