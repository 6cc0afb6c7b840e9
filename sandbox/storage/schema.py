"""Tables of the document file, and which nodes live inside which root document."""

import re
from collections.abc import Iterator
from typing import Any

DDL = """
CREATE TABLE IF NOT EXISTS names (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS docs (
    shop INTEGER NOT NULL, kind INTEGER NOT NULL, num INTEGER NOT NULL, sub INTEGER NOT NULL, owner INTEGER,
    created TEXT NOT NULL, updated TEXT NOT NULL, processed TEXT NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS docs_key ON docs (shop, kind, num, sub);
CREATE INDEX IF NOT EXISTS docs_updated ON docs (shop, kind, updated, num, sub);
CREATE INDEX IF NOT EXISTS docs_created ON docs (shop, kind, created, num, sub);
CREATE INDEX IF NOT EXISTS docs_processed ON docs (shop, kind, processed, num, sub) WHERE processed <> '';
CREATE INDEX IF NOT EXISTS docs_owner ON docs (shop, kind, owner, num) WHERE owner IS NOT NULL;
CREATE TABLE IF NOT EXISTS nodes (
    shop INTEGER NOT NULL, kind INTEGER NOT NULL, num INTEGER NOT NULL, sub INTEGER NOT NULL,
    root_kind INTEGER NOT NULL, root_num INTEGER NOT NULL, root_sub INTEGER NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL,
    PRIMARY KEY (shop, kind, num, sub)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nodes_updated ON nodes (shop, kind, updated, num, sub) WHERE updated <> '';
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS metafields (
    id INTEGER PRIMARY KEY, shop TEXT NOT NULL, owner TEXT NOT NULL, namespace TEXT NOT NULL,
    key TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, digest TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL,
    UNIQUE (shop, owner, namespace, key)
);
CREATE TABLE IF NOT EXISTS definitions (
    id INTEGER PRIMARY KEY, shop TEXT NOT NULL, owner_type TEXT NOT NULL, namespace TEXT NOT NULL,
    key TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (shop, owner_type, namespace, key)
);
"""

_PREFIX = len("gid://shopify/")
_GID = re.compile(r"^gid://shopify/([A-Za-z]+)/(\d+)(?:\?(?:[a-z_]+=(\d+))?.*)?$")

# Types whose gid says something other than their GraphQL type name.
_KIND_OF_GID = {"DiscountCodeNode": "DiscountNode", "DiscountAutomaticNode": "DiscountNode"}

# Root type -> list fields that hold nodes with an identity of their own -> the same, one level down.
EMBEDDED: dict[str, dict[str, dict[str, Any]]] = {
    "Order": {
        "lineItems": {},
        "transactions": {},
        "refunds": {"orderAdjustments": {}, "refundShippingLines": {}},
        "fulfillments": {"fulfillmentLineItems": {}},
        "fulfillmentOrders": {"lineItems": {}},
        "returns": {"returnLineItems": {}, "exchangeLineItems": {}},
    },
    "Customer": {"addressesV2": {}},
    "InventoryItem": {"inventoryLevels": {}},
    "ProductVariant": {"productVariantComponents": {}},
    "DraftOrder": {"lineItems": {}},
    "AbandonedCheckout": {"lineItems": {}},
}

# Embedded types that the API also lists by themselves: their times are indexed, so that scan() finds them.
LISTED = frozenset({"FulfillmentOrder", "InventoryLevel"})

# The field by which documents are looked up from their owner (Customer.orders, Product.variants, ...).
OWNER_FIELD = {
    "Order": "customer",
    "DraftOrder": "customer",
    "AbandonedCheckout": "customer",
    "GiftCard": "customer",
    "ProductVariant": "product",
    "InventoryItem": "variant",
    "CompanyLocation": "company",
    "CompanyContact": "company",
    "BasicEvent": "subjectId",
    "ShopifyPaymentsDispute": "order",
}


def parse_gid(gid: str) -> tuple[str, int, int]:
    """(type, number, number in the query string or 0) of a gid; ValueError when it is none."""
    # Almost every gid is plain, and a million orders hold twenty million of them.
    kind, _, number = gid[_PREFIX:].partition("/")
    if number.isdigit() and gid.startswith("gid://shopify/"):
        return _KIND_OF_GID.get(kind, kind), int(number), 0
    match = _GID.match(gid)
    if match is None:
        raise ValueError(f"'{gid}' is not a Shopify gid")
    kind = match[1]
    return _KIND_OF_GID.get(kind, kind), int(match[2]), int(match[3] or 0)


def embedded_nodes(doc: dict[str, Any], spec: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every node inside a document that can be asked for by its own gid."""
    for field, below in spec.items():
        for node in doc.get(field) or ():
            yield node
            if below:
                yield from embedded_nodes(node, below)


def owner_number(doc: dict[str, Any]) -> int | None:
    """The number of the owner's gid, or None when a document has no owner."""
    field = OWNER_FIELD.get(doc["__typename"])
    value = doc.get(field) if field else None
    if value is None:
        return None
    return parse_gid(value if isinstance(value, str) else value["id"])[1]
