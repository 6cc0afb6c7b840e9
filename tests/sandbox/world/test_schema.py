"""Documents have the fields and types that the schema slice promises."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from tests.sandbox.world.conftest import EU, US

KINDS = (
    "AbandonedCheckout", "BasicEvent", "Collection", "Company", "CompanyContact", "CompanyLocation",
    "CompanyLocationCatalog", "Customer", "DiscountNode", "DraftOrder", "FulfillmentOrder", "GiftCard",
    "InventoryItem", "Location", "Order", "PriceList", "Product", "ProductVariant", "Segment", "Shop",
    "ShopifyPaymentsAccount", "ShopifyPaymentsBalanceTransaction", "ShopifyPaymentsDispute", "ShopifyPaymentsPayout",
    "TenderTransaction",
)  # fmt: skip
# Looked up by the server, from other documents or the clock.
RESOLVED = re.compile(
    r"Connection|\.defaultCursor|\.metafield|\.inCatalog|published|\.inCollection|\.hasProduct|^Shop\.|TaxSettings"
)
INDEXED = {"createdAt", "updatedAt"}
SCALARS = {"Int": int, "Boolean": bool, "String": str, "ID": str, "Decimal": str, "UnsignedInt64": str, "Money": str}


@pytest.fixture(scope="module")
def schema() -> GraphQLSchema:
    path = Path(__file__).parents[3] / "sandbox" / "schema" / "2026-10.graphql"
    return build_schema(path.read_text(encoding="utf-8"), assume_valid=True)


def problems(schema: GraphQLSchema, kind: Any, doc: dict[str, Any]) -> Iterator[str]:
    """What a document has wrong, by field."""
    if set(doc) == {"__typename", "id"}:
        return
    if is_abstract_type(kind):
        kind = schema.type_map[doc["__typename"]]
    for name, field in kind.fields.items():
        where = f"{kind.name}.{name}: {field.type}"
        if doc.get(name) is None:
            if is_non_null_type(field.type) and not field.deprecation_reason and not RESOLVED.search(where):
                yield f"{where} is missing"
            continue
        target = get_named_type(field.type)
        connection = target.name.endswith("Connection")
        if connection:
            target = get_named_type(target.fields["nodes"].type)
        many = connection or is_list_type(get_nullable_type(field.type))
        if many != isinstance(doc[name], list):
            yield f"{where} is {type(doc[name])}"
            continue
        for value in doc[name] if many else [doc[name]]:
            if isinstance(target, GraphQLEnumType) and value not in target.values:
                yield f"{where} is {value}"
            elif is_composite_type(target):
                yield from problems(schema, target, value)
            elif target.name in SCALARS and not isinstance(value, SCALARS[target.name]):
                yield f"{where} is {value!r}"
            elif target.name == "DateTime" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value):
                yield f"{where} is {value}"


@pytest.mark.parametrize("kind", KINDS)
def test_documents_fit_the_published_types(world, schema, kind):
    for shop in (US, EU):
        documents = list(world.scan(shop, kind, limit=600))
        assert documents
        found = {text for doc in documents for text in problems(schema, schema.type_map[kind], doc)}
        assert found == set()
