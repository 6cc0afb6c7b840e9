"""The one resolver behind every field of a reply."""

from __future__ import annotations

from functools import cache
from typing import Any

from graphql import GraphQLNamedType, GraphQLResolveInfo, get_named_type

from sandbox.graph import metafield_fields  # noqa: F401 - registers its getters
from sandbox.graph.connections import page
from sandbox.graph.defaults import empty_value, from_money_set
from sandbox.graph.getters import find_getter, is_reference
from sandbox.graph.roots import root_value
from sandbox.graph.session import Doc, Session
from sandbox.graph.sources import ListSource
from sandbox.graph.versions import schema_of
from sandbox.writeback.mutations import MUTATIONS


def resolve_field(source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
    """Return the value of a field: scope check, root or document, page, and what stands in for a missing one."""
    session: Session = info.context
    owner, name = info.parent_type.name, info.field_name
    session.require(owner, name)
    if owner == "Mutation":
        return MUTATIONS[name](session, args)
    value = root_value(session, name, info.return_type, args) if owner == "QueryRoot" else read(session, source, owner, name, args)
    connection = get_named_type(info.return_type).name
    if connection.endswith("Connection"):
        return _page(session, value, connection, info, args)
    if value is None:
        value = empty_value(info.return_type, owner, name, session.shop_doc["currencyCode"])
    return value


def read(session: Session, doc: Doc, owner: str, name: str, args: dict[str, Any]) -> Any:
    """Return a field of a document, following the document first when it is only a reference."""
    if is_reference(doc) and name not in doc:
        doc = session.load(doc["id"]) or doc
    special = find_getter(owner, name)
    if special is not None:
        return special(session, doc, args, name)
    value = doc.get(name)
    return from_money_set(doc, name) if value is None else value


def _page(session: Session, value: Any, connection: str, info: GraphQLResolveInfo, args: dict[str, Any]) -> Any:
    if isinstance(value, dict) and "pageInfo" in value:
        return value
    if value is None and not str(info.return_type).endswith("!"):
        return None
    source = ListSource(value or []) if isinstance(value, list) or value is None else value
    return page(session, source, node_type(session.version, connection), info.path.as_list(), args)


@cache
def node_type(version: str, connection: str) -> str:
    """Return the name of the type of a connection's nodes."""
    kind: Any = schema_of(version).type_map[connection]
    return str(get_named_type(kind.fields["nodes"].type).name)


def resolve_type(value: Any, info: GraphQLResolveInfo, abstract: GraphQLNamedType) -> str | None:
    """Return the concrete type of a document for an interface or a union."""
    kind = value.get("__typename") if isinstance(value, dict) else None
    if kind == "DiscountNode" and abstract.name == "Node":
        return str(value["id"].split("/")[-2])
    return kind
