"""The one resolver behind every field of a reply."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLNamedType, GraphQLResolveInfo, get_named_type

from sandbox.graph import metafield_fields  # noqa: F401 - registers its getters
from sandbox.graph.connections import page
from sandbox.graph.defaults import empty_value, from_money_set
from sandbox.graph.getters import Getter, find_getter, is_reference
from sandbox.graph.roots import root_value
from sandbox.graph.session import Doc, Session, needed
from sandbox.graph.sources import ListSource
from sandbox.graph.versions import schema_of
from sandbox.writeback.mutations import MUTATIONS


@dataclass(frozen=True)
class FieldPlan:
    """What is known about a field before any document is seen."""

    restricted: bool
    special: Getter | None
    node_kind: str | None
    type_name: str


@cache
def field_plan(version: str, owner: str, name: str) -> FieldPlan:
    """Return the plan of a field of an object type."""
    kind: Any = schema_of(version).type_map[owner]
    target: Any = get_named_type(kind.fields[name].type)
    is_connection = target.name.endswith("Connection")
    node_kind = get_named_type(target.fields["nodes"].type).name if is_connection else None
    return FieldPlan(bool(needed(version, owner, name)), find_getter(owner, name), node_kind, target.name)


def resolve_field(source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
    """Return the value of a field: scope check, root or document, page, and what stands in for a missing one."""
    session: Session = info.context
    owner, name = info.parent_type.name, info.field_name
    plan = field_plan(session.version, owner, name)
    if plan.restricted:
        session.require(owner, name)
    if owner == "Mutation":
        return MUTATIONS[name](session, args)
    if owner == "QueryRoot":
        value = root_value(session, name, info.return_type, args)
    else:
        value = read(session, source, name, plan, args)
    if plan.node_kind is not None:
        return _page(session, value, plan.node_kind, info, args)
    if value is None:
        value = empty_value(info.return_type, owner, name, session.shop_doc["currencyCode"])
    return value


def read(session: Session, doc: Doc, name: str, plan: FieldPlan, args: dict[str, Any]) -> Any:
    """Return a field of a document, following the document first when it is only a reference."""
    if len(doc) == 2 and name not in doc and is_reference(doc):
        doc = session.load(doc["id"]) or doc
    if plan.special is not None:
        return plan.special(session, doc, args, name)
    value = doc.get(name)
    return from_money_set(doc, name, plan.type_name) if value is None else value


def _page(session: Session, value: Any, node_kind: str, info: GraphQLResolveInfo, args: dict[str, Any]) -> Any:
    if value is None and not str(info.return_type).endswith("!"):
        return None
    source = ListSource(value or []) if isinstance(value, list) or value is None else value
    return page(session, source, node_kind, info.path.as_list(), args)


def resolve_type(value: Any, info: GraphQLResolveInfo, abstract: GraphQLNamedType) -> str | None:
    """Return the concrete type of a document for an interface or a union."""
    kind = value.get("__typename") if isinstance(value, dict) else None
    if kind == "DiscountNode" and abstract.name == "Node":
        return str(value["id"].split("/")[-2])
    return kind
