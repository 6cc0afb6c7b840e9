"""Every text that is sent to Shopify, against the schema of each API version: committed slices and official files."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLSchema,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_client_schema,
    build_schema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    parse,
    validate,
    visit,
)

from pipelines.config import MerchantMetafield
from pipelines.shopify import bulk_operation, shop_checks, staged_upload
from pipelines.shopify.bulk_query import load_entity_queries
from pipelines.shopify.connections import nested_connections
from tests.sandbox.schema.official import official

VERSIONS = ("2026-04", "2026-07", "2026-10")
SLICES = Path(__file__).parents[3] / "sandbox" / "schema"
SEARCH = "updated_at:>='2026-10-01T00:00:00Z' updated_at:<'2026-10-02T00:00:00Z'"
METAFIELDS = [
    MerchantMetafield(owner="orders", namespace="custom", key="gift-note"),
    MerchantMetafield(owner="customers", namespace="$app:loyalty", key="points", type="bigint"),
    MerchantMetafield(owner="products", namespace="custom", key="season"),
    MerchantMetafield(owner="variants", namespace="custom", key="length"),
]
QUERIES = load_entity_queries(METAFIELDS)
BULK = [entity for entity, query in QUERIES.items() if query.kind == "bulk"]
REQUESTS = {
    "start query": bulk_operation.RUN_QUERY,
    "start mutation": bulk_operation.RUN_MUTATION,
    "poll": bulk_operation.POLL,
    "list": bulk_operation.LATEST,
    "cancel": bulk_operation.CANCEL,
    "stage": staged_upload.STAGE,
    "check": shop_checks.CHECK,
}


@cache
def sliced(version: str) -> GraphQLSchema:
    text = (SLICES / f"{version}.graphql").read_text(encoding="utf-8")
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


@cache
def published(version: str) -> GraphQLSchema:
    return build_client_schema(official(version)["data"], assume_valid=True)


def texts() -> dict[str, str]:
    """All documents by a name for the reader."""
    found = dict(REQUESTS)
    for entity, query in QUERIES.items():
        found[entity] = query.text
        if query.kind == "bulk":
            found[f"{entity}, whole"] = query.bulk_text()
            found[f"{entity}, ids"] = query.ids_text()
            if query.is_incremental:
                found[f"{entity}, window"] = query.bulk_text(SEARCH)
        if query.kind in ("ids", "paged"):
            for connection in nested_connections(query):
                found[f"{entity}, more {connection.key}"] = connection.follow_up
    return found


def problems(schema: GraphQLSchema) -> dict[str, list[str]]:
    """What the schema finds wrong in which document."""
    found = {name: [error.message for error in validate(schema, parse(text))] for name, text in texts().items()}
    return {name: messages for name, messages in found.items() if messages}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid_in_the_slice_of_the_schema(version: str) -> None:
    assert problems(sliced(version)) == {}


@pytest.mark.parametrize("version", VERSIONS)
def test_every_document_is_valid_in_the_official_schema(version: str) -> None:
    assert problems(published(version)) == {}


class _Connections(Visitor):
    """Collects the connections of a document: how deep they nest, and whether Shopify's bulk rules hold."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info, self.stack, self.found, self.broken = info, [], [], []  # type: ignore[var-annotated]

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        kind = self.info.get_type()
        named = get_named_type(kind)
        is_connection = named is not None and named.name.endswith("Connection")
        if is_connection:
            inside = [what for what, _ in self.stack]
            self.found.append((node.name.value, inside.count("connection")))
            since = inside[len(inside) - inside[::-1].index("connection") :] if "connection" in inside else inside
            if since.count("list") > 1:  # the first is `edges` of the connection around it
                self.broken.append(f"{node.name.value} is below a list")
        what = "connection" if is_connection else "list" if is_list_type(get_nullable_type(kind)) else "object"
        self.stack.append((what, node))
        if node.name.value == "node" and node.selection_set:
            names = [item.name.value for item in node.selection_set.selections if isinstance(item, FieldNode)]
            if "id" not in names:
                self.broken.append(f"a node without id below {self.stack[-3][1].name.value}")
        if node.name.value == "nodes":
            self.broken.append("nodes instead of edges")

    def leave_field(self, *_: Any) -> None:
        self.stack.pop()


@pytest.mark.parametrize("entity", BULK)
def test_every_bulk_query_keeps_the_rules_of_bulk_operations(entity: str) -> None:
    document, info = parse(QUERIES[entity].bulk_text()), TypeInfo(sliced("2026-10"))
    seen = _Connections(info)
    visit(document, TypeInfoVisitor(info, seen))
    assert seen.broken == []
    assert 1 <= len(seen.found) <= 5
    assert max(depth for _, depth in seen.found) <= 2
    assert not document.definitions[0].variable_definitions  # type: ignore[attr-defined]


@pytest.mark.parametrize("entity", BULK)
def test_every_node_of_a_bulk_query_names_its_type_first(entity: str) -> None:
    document = parse(QUERIES[entity].bulk_text())
    nodes = []

    class Nodes(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            if node.name.value == "node" and node.selection_set:
                nodes.append(node.selection_set.selections[0].name.value)  # type: ignore[attr-defined]

    visit(document, Nodes())
    assert set(nodes) == {"__typename"}
