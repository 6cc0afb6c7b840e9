"""A search text and the fields of a connection become a predicate, index bounds for the store, and warnings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.search.fields import DEFAULT_FIELDS, fields_of
from sandbox.search.filters import Field, InvalidValue, instants, labels
from sandbox.search.syntax import All, AnyOf, Node, Not, Predicate, Term, parse

_BOUNDED = {"updated_at": "updated", "created_at": "created", "processed_at": "processed", "customer_date": "created"}


@dataclass
class Search:
    """A compiled search: `matches`, bounds for the store's indexes, and warnings for the reply."""

    matches: Predicate | None
    bounds: dict[str, Any] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)


def compile_search(kind: str, query: str | None, zone: ZoneInfo) -> Search:
    """Compile a `query` argument for nodes of a type.

    A field that the type does not know is ignored, so that everything matches, with a warning; a value that the
    field does not accept matches nothing, with a warning. `zone` is the shop's, for values without one.
    """
    tree = parse(query)
    search = Search(None)
    known = fields_of(kind)
    if not (isinstance(tree, All) and not tree.nodes):
        search.matches = _compile(tree, kind, known, zone, search.warnings)
        search.bounds = _bounds(tree, known, zone)
    return search


def _compile(
    node: Node, kind: str, known: dict[str, Field], zone: ZoneInfo, warnings: list[dict[str, Any]]
) -> Predicate | None:
    if isinstance(node, Not):
        inside = _compile(node.node, kind, known, zone, warnings)
        return None if inside is None else lambda doc: not inside(doc)
    if isinstance(node, Term):
        return _term(node, kind, known, zone, warnings)
    parts = [_compile(child, kind, known, zone, warnings) for child in node.nodes]
    tests = [part for part in parts if part is not None]
    if isinstance(node, AnyOf):
        # An ignored filter matches everything, and so does a choice that holds one.
        return None if len(tests) < len(parts) else lambda doc: any(test(doc) for test in tests)
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else lambda doc: all(test(doc) for test in tests)


def _term(
    term: Term, kind: str, known: dict[str, Field], zone: ZoneInfo, warnings: list[dict[str, Any]]
) -> Predicate | None:
    if term.field is None:
        word = term.value.lower()
        names = DEFAULT_FIELDS.get(kind, ())
        return lambda doc: any(word in text for name in names for text in labels(known[name].get(doc)))
    found = known.get(term.field)
    if found is None:
        warnings.append(_warning(term, "invalid_field", "Invalid search field for this query."))
        return None
    try:
        return found.predicate(term, zone)
    except InvalidValue:
        warnings.append(_warning(term, "invalid_value", f"Input `{term.value}` is not an accepted value."))
        return lambda doc: False


def _warning(term: Term, code: str, message: str) -> dict[str, Any]:
    return {"field": term.field, "message": message, "code": code, "value": f"{term.operator}{term.value}"}


def _bounds(node: Node, known: dict[str, Field], zone: ZoneInfo) -> dict[str, Any]:
    """Return the ranges that every match must lie in, for the store's indexes; the predicate still decides."""
    bounds: dict[str, Any] = {}
    for child in node.nodes if isinstance(node, All) else (node,):
        if not isinstance(child, Term) or child.field not in _BOUNDED or child.field not in known:
            continue
        try:
            low, _ = instants(child.value, zone)
        except InvalidValue:
            continue
        name = _BOUNDED[child.field]
        if child.operator in (">", ">=", ""):
            bounds[f"{name}_from"] = max(low, bounds.get(f"{name}_from", ""))
        if child.operator == "<":
            bounds[f"{name}_to"] = min(low, bounds.get(f"{name}_to", "9"))
    return bounds
