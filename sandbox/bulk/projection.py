"""A validated bulk query compiled, once, into functions from documents to the objects of its lines.

Nothing of GraphQL is left when it runs: for each type a list of plain fields, one of objects, one of fields with a
getter, one of nested connections. The nodes of a nested connection are handed back, to be written as lines of their own.
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
from sandbox.search.syntax import Predicate
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
        plain: list[tuple[str, str, Any]] = []
        steps: list[tuple[str, Callable[[Doc, Pending], Any]]] = []
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
            if not item.sets and find_getter(owner, item.name) is None:
                plain.append((item.key, item.name, self._default(owner, item)))
            else:
                steps.append((item.key, self._step(owner, item)))
        needs_more = any(item.name not in _POINTED_AT for item in wanted)
        load = self.session.load

        def project(doc: Doc, pending: Pending) -> dict[str, Any]:
            if needs_more and len(doc) == 2 and is_reference(doc):
                doc = load(doc["id"]) or doc
            line = template.copy()
            get = doc.get
            for key, name, default in plain:
                value = get(name)
                line[key] = default(doc) if value is None and default else value
            for key, step in steps:
                line[key] = step(doc, pending)
            for connection in below:
                pending.append((connection, connection.nodes(doc)))
            return line

        return project

    def _default(self, owner: str, item: Selected) -> Callable[[Doc], Any] | None:
        name, kind, currency = item.name, item.definition.type, self.currency
        if not is_non_null_type(kind) and item.target.name != "Money":
            return None

        def default(doc: Doc) -> Any:
            value = from_money_set(doc, name)
            return empty_value(kind, owner, name, currency) if value is None else value

        return default

    def _step(self, owner: str, item: Selected) -> Callable[[Doc, Pending], Any]:
        read = self._reader(owner, item)
        if not item.sets:
            return lambda doc, pending: read(doc)
        inner = self.projector(item.target, item.sets)
        default = self._default(owner, item)
        if is_list_type(get_nullable_type(item.definition.type)):

            def many(doc: Doc, pending: Pending) -> Any:
                values = read(doc)
                if values is None:
                    return default(doc) if default else None
                return [None if value is None else inner(value, pending) for value in values]

            return many

        def one(doc: Doc, pending: Pending) -> Any:
            value = read(doc)
            if value is None:
                value = default(doc) if default else None
            return None if value is None else inner(value, pending)

        return one

    def _reader(self, owner: str, item: Selected) -> Callable[[Doc], Any]:
        special, name, args, session = find_getter(owner, item.name), item.name, item.args, self.session
        if special is None:
            return lambda doc: doc.get(name)
        return lambda doc: special(session, doc, args, name)

    def _nested(self, owner: str, item: Selected) -> Connection:
        kind, sets = node_selection(self.selections, item)
        matches = nested_search(self.session, kind.name, item)
        read = self._reader(owner, item)
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


def nested_search(session: Session, kind: str, item: Selected) -> Predicate | None:
    """Return the test of a connection's `query` argument."""
    return compile_search(kind, item.args.get("query"), session.zone).matches
