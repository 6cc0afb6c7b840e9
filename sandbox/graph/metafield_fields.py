"""Metafields and their definitions as the Admin API shows them."""

from __future__ import annotations

import json
from typing import Any

from sandbox.graph.getters import Args, getter
from sandbox.graph.session import Doc, Session
from sandbox.graph.sources import ListSource

# The owner type of a metafield, by the GraphQL type of its owner.
OWNER_TYPES = {
    "Article": "ARTICLE", "Blog": "BLOG", "Collection": "COLLECTION", "Company": "COMPANY",
    "CompanyLocation": "COMPANY_LOCATION",
    "Customer": "CUSTOMER", "DiscountNode": "DISCOUNT", "DraftOrder": "DRAFTORDER",
    "GiftCardTransaction": "GIFT_CARD_TRANSACTION",
    "Location": "LOCATION", "Market": "MARKET", "Order": "ORDER", "Page": "PAGE", "Product": "PRODUCT",
    "ProductVariant": "PRODUCTVARIANT", "Shop": "SHOP",
}  # fmt: skip


def metafield_doc(row: dict[str, Any]) -> Doc:
    """Return a stored value as a `Metafield`; what takes another look-up has a getter."""
    kind = row["owner"].split("/")[-2]
    return {
        "__typename": "Metafield",
        "id": f"gid://shopify/Metafield/{row['id']}",
        "namespace": row["namespace"],
        "key": row["key"],
        "type": row["type"],
        "value": row["value"],
        "compareDigest": row["digest"],
        "createdAt": row["created"],
        "updatedAt": row["updated"],
        "ownerType": OWNER_TYPES.get(kind),
        "owner": {"__typename": kind, "id": row["owner"]},
        "sizeInBytes": len(row["value"].encode()),
    }


def json_value(type_name: str, value: str) -> Any:
    """Return what `jsonValue` says: decimals stay texts."""
    if type_name.startswith("list.") or type_name in ("json", "money", "rating", "dimension", "weight", "volume"):
        return json.loads(value)
    if type_name == "boolean":
        return value == "true"
    return int(value) if type_name == "number_integer" else value


def definition_doc(row: dict[str, Any]) -> Doc:
    """Return a stored definition as a `MetafieldDefinition`."""
    return {**row, "__typename": "MetafieldDefinition", "id": f"gid://shopify/MetafieldDefinition/{row['id']}"}


@getter("*.metafield")
def _metafield(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    namespace = session.app.namespace(args.get("namespace"))
    key = args["key"]
    if "." in key and args.get("namespace") is None:
        namespace, key = key.split(".", 1)
    row = session.store.metafields.get(session.shop, doc["id"], namespace, key)
    return metafield_doc(row) if row else None


@getter("*.metafields")
def _metafields(session: Session, doc: Doc, args: Args, field: str) -> ListSource:
    namespace = args.get("namespace")
    rows = session.store.metafields.list(
        session.shop, doc["id"], session.app.namespace(namespace) if namespace else None
    )
    keys = args.get("keys")
    if keys:
        rows = [row for row in rows if row["key"] in keys or f"{row['namespace']}.{row['key']}" in keys]
    return ListSource([metafield_doc(row) for row in rows])


@getter("Metafield.jsonValue")
def _json_value(session: Session, doc: Doc, args: Args, field: str) -> Any:
    return json_value(doc["type"], doc["value"])


@getter("Metafield.definition")
def _definition(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    row = session.store.metafields.definition(session.shop, doc["ownerType"], doc["namespace"], doc["key"])
    return definition_doc(row) if row else None


@getter("MetafieldDefinition.metafieldsCount")
def _values(session: Session, doc: Doc, args: Args, field: str) -> int:
    kind = next((name for name, owner in OWNER_TYPES.items() if owner == doc["ownerType"]), "")
    return sum(
        1
        for row in session.store.metafields.all(session.shop)
        if row["namespace"] == doc["namespace"] and row["key"] == doc["key"] and f"/{kind}/" in row["owner"]
    )
