"""A validated bulk query compiled, once, into functions from documents to the objects of its lines.

Nothing of GraphQL is left when it runs: for each type a list of steps, one a field, and a list of nested connections.
The nodes of a nested connection are handed back, to be written as lines of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import SelectionSetNode, get_nullable_type, is_abstract_type, is_list_type, is_non_null_type

from sandbox.bulk.selection import Selected, Selections, node_selection
from sandbox.graph.defaults import empty_value, from_money_set
from sandbox.graph.getters import find_getter, is_reference
from sandbox.graph.session import Doc, Session
from sandbox.graph.sources import ListSource
from sandbox.search.compile import compile_search
from sandbox.storage.codec import expand

# What a node leaves behind besides its line: the connections below it, each with its nodes.
Pending = list[tuple["Connection", Iterable[Doc]]]
Project = Callable[[Doc, Pending], dict[str, Any]]
_POINTED_AT = frozenset({"id", "__typename", "legacyResourceId"})
_BAGS = 50_000


@dataclass
class Connection:
    """A connection of the query: how its nodes are found below a document and what their lines hold."""

    name: str
    project: Project
    nodes: Callable[[Doc], Iterable[Doc]]
    children: list[Connection] = field(default_factory=list)


class Compiler:
    """Compiles one query for one session; the scopes of every field are checked on the way."""

    def __init__(self, session: Session, selections: Selections) -> None:
        """Take the session that the operation runs in."""
        self.session = session
        self.selections = selections
        self.currency = session.shop_doc["currencyCode"]

    def root(self, item: Selected, source: Iterable[Doc]) -> Connection:
        """Return the root connection over its documents; raises AccessDenied."""
        self.session.require("QueryRoot", item.name)
        kind, sets = node_selection(self.selections, item)
        return Connection(item.name, self.projector(kind, sets), lambda _: source)

    def projector(self, kind: Any, sets: tuple[SelectionSetNode, ...]) -> Project:
        """Return the function for objects of a type; for an interface or a union one that looks at `__typename`."""
        if kind.name == "MoneyBag":
            return _unpacking(self._concrete(kind, sets))
        if not is_abstract_type(kind):
            return self._concrete(kind, sets)
        known: dict[str, Project] = {}
        for member in self.selections.schema.get_possible_types(kind):
            known[member.name] = self._concrete(member, sets)

        def project(doc: Doc, pending: Pending) -> dict[str, Any]:
            return known[doc["__typename"]](doc, pending)

        return project

    def _concrete(self, kind: Any, sets: tuple[SelectionSetNode, ...]) -> Project:
        owner = kind.name
        template: dict[str, Any] = {}
        steps: list[
            tuple[str, str, Callable[[Doc], Any] | None, Project | None, bool, Callable[[Doc], Any] | None]
        ] = []
        below: list[Connection] = []
        wanted = self.selections.fields(kind, sets)
        for item in wanted:
            if item.name == "__typename":
                template[item.key] = owner
                continue
            self.session.require(owner, item.name)
            if item.is_connection:
                below.append(self._nested(owner, item))
                continue
            template[item.key] = None
            inner = self.projector(item.target, item.sets) if item.sets else None
            many = inner is not None and is_list_type(get_nullable_type(item.definition.type))
            steps.append((item.key, item.name, self._special(owner, item), inner, many, self._default(owner, item)))
        needs_more = any(item.name not in _POINTED_AT for item in wanted)
        load = self.session.load

        def project(doc: Doc, pending: Pending) -> dict[str, Any]:
            if needs_more and len(doc) == 2 and is_reference(doc):
                doc = load(doc["id"]) or doc
            line = template.copy()
            get = doc.get
            for key, name, special, inner, many, default in steps:
                value = special(doc) if special else get(name)
                if value is None:
                    value = default(doc) if default else None
                    if value is None:
                        continue
                if inner is None:
                    line[key] = value
                elif many:
                    line[key] = [None if element is None else inner(element, pending) for element in value]
                else:
                    line[key] = inner(value, pending)
            for connection in below:
                pending.append((connection, connection.nodes(doc)))
            return line

        return project

    def _special(self, owner: str, item: Selected) -> Callable[[Doc], Any] | None:
        found, name, args, session = find_getter(owner, item.name), item.name, item.args, self.session
        return None if found is None else lambda doc: found(session, doc, args, name)

    def _default(self, owner: str, item: Selected) -> Callable[[Doc], Any] | None:
        name, kind, currency = item.name, item.definition.type, self.currency
        type_name = item.target.name
        if not is_non_null_type(kind) and type_name not in ("Money", "MoneyV2"):
            return None

        def default(doc: Doc) -> Any:
            value = from_money_set(doc, name, type_name)
            return empty_value(kind, owner, name, currency) if value is None else value

        return default

    def _nested(self, owner: str, item: Selected) -> Connection:
        kind, sets = node_selection(self.selections, item)
        matches = compile_search(kind.name, item.args.get("query"), self.session.zone).matches
        name = item.name
        read = self._special(owner, item) or (lambda doc: doc.get(name))
        order, reverse = item.args.get("sortKey") or "", bool(item.args.get("reverse"))
        load = self.session.load

        def nodes(doc: Doc) -> Iterable[Doc]:
            source = read(doc)
            if not source:
                return ()
            if isinstance(source, list):
                if not order and not reverse and matches is None:
                    return source
                source = ListSource(source, lambda node: load(node["id"]) if is_reference(node) else node)
            found: Iterator[Doc] = source.walk(order, reverse=reverse)
            return filter(matches, found) if matches else found

        return Connection(item.name, self.projector(kind, sets), nodes)


def _unpacking(project: Project) -> Project:
    """Return a projector of money bags that takes packed ones as well and makes equal ones only once."""
    known: dict[str, dict[str, Any]] = {}

    def bag(value: Any, pending: Pending) -> dict[str, Any]:
        if type(value) is not str:
            return project(value, pending)
        found = known.get(value)
        if found is None:
            if len(known) >= _BAGS:
                known.clear()
            found = known[value] = project(expand(value), pending)
        return found

    return bag
