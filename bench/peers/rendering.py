"""Renders the result of a bulk query, whoever asks it, for one world of orders: the same orders in everybody's words.

A query is compiled once into text with a few places for what differs between rows, so that a hundred thousand orders
take seconds. What a field holds: `vocabulary.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from graphql import FieldNode, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse, print_ast

from bench.peers.vocabulary import CHILDREN, EMPTY_LISTS, LISTS, NO_OBJECT, SOME, TYPES, leaf

EPOCH = datetime(2026, 9, 1, tzinfo=UTC)
SECONDS_BETWEEN_ORDERS = 20
FIRST_ID = 5_000_000_000


@dataclass
class Lines:
    """A line of the result: its text, what some rows have in it, and the lines below it."""

    text: str
    some: list[tuple[str, int, str]]
    below: list[tuple[str, Lines]] = field(default_factory=list)

    def render(self, values: dict[str, Any]) -> str:
        """The text of one row."""
        extra = {name: text % values if values["n"] % every == 0 else "" for name, every, text in self.some}
        return self.text % {**values, **extra} if extra else self.text % values


def key_of(query: str) -> str:
    """What tells queries apart, whatever window they ask for and however their operation is named."""
    root = _root(query)
    return hashlib.sha256(print_ast(root.selection_set or root).encode()).hexdigest()[:16]


def write(query: str, orders: int, path: Path, *, grouped: bool) -> tuple[int, int]:
    """Write the result of a query over so many orders; the number of lines and of root lines."""
    count = 0
    partial = path.with_suffix(".part")
    with partial.open("w", encoding="utf-8", buffering=1 << 20) as file:
        for line in lines(query, orders, grouped=grouped):
            file.write(line)
            file.write("\n")
            count += 1
    partial.replace(path)
    return count, orders


def lines(query: str, orders: int, *, grouped: bool, block: int = 200) -> Iterator[str]:
    """The lines: children right after their parent when grouped, else after a block of parents."""
    root = _root(query)
    top = _lines_of("orders", root.selection_set, parent=None)
    if grouped:
        for number in range(orders):
            yield from _nested(top, values_of(number, 0, number))
        return
    for first in range(0, orders, block):
        yield from _level([(top, values_of(number, 0, number)) for number in range(first, min(first + block, orders))])


def values_of(number: int, place: int, order: int, parent: int = 0) -> dict[str, Any]:
    """What differs from row to row; spread by multiplication, so that neighbours differ and two runs do not."""
    mixed = (number * 2_654_435_761 + place * 40_503) % 4_294_967_296
    created = EPOCH + timedelta(seconds=SECONDS_BETWEEN_ORDERS * order)
    return {
        "n": number,
        "id": FIRST_ID + number,
        "parent": FIRST_ID + parent,
        "amount": f"{500 + mixed % 49_500:d}"[:-2] + f".{mixed % 100:02d}",
        "quantity": 1 + mixed % 3,
        "variant": 1 + mixed % 2000,
        "customer": 7_000_000_000 + mixed % 60_000,
        "tag": mixed % 1000,
        "created": created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "updated": (created + timedelta(seconds=1 + mixed % 86_400)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "order": order,
    }


def _nested(line: Lines, values: dict[str, Any]) -> Iterator[str]:
    yield line.render(values)
    for child, below in _children(line, values):
        yield from _nested(child, below)


def _level(rows: list[tuple[Lines, dict[str, Any]]]) -> Iterator[str]:
    for line, values in rows:
        yield line.render(values)
    following = [child for line, values in rows for child in _children(line, values)]
    if following:
        yield from _level(following)


def _children(line: Lines, values: dict[str, Any]) -> Iterator[tuple[Lines, dict[str, Any]]]:
    for name, child in line.below:
        count = CHILDREN.get(name, 0)
        for place in range(count):
            yield child, values_of(values["n"] * count + place, place, values["order"], values["n"])


def _root(query: str) -> FieldNode:
    operation = next(node for node in parse(query).definitions if isinstance(node, OperationDefinitionNode))
    return next(node for node in operation.selection_set.selections if isinstance(node, FieldNode))


def _lines_of(name: str, selections: SelectionSetNode | None, parent: str | None) -> Lines:
    type_name = TYPES[name]
    line = Lines("", [])
    parts = _members(_nodes(selections), type_name, line)
    if parent is not None:
        parts.append(rf'"__parentId":"gid:\/\/shopify\/{parent}\/%(parent)d"')
    line.text = "{" + ",".join(parts) + "}"
    return line


def _nodes(connection: SelectionSetNode | None) -> SelectionSetNode | None:
    """The selection below `edges { node`."""
    for name in ("edges", "node"):
        fields = connection.selections if connection else ()
        connection = next(f.selection_set for f in fields if isinstance(f, FieldNode) and f.name.value == name)
    return connection


def _members(selections: SelectionSetNode | None, type_name: str, line: Lines) -> list[str]:
    parts: dict[str, str] = {}
    for node in selections.selections if selections else ():
        if isinstance(node, InlineFragmentNode):
            if node.type_condition is not None and node.type_condition.name.value == type_name:
                parts.update((part.split(":", 1)[0], part) for part in _members(node.selection_set, type_name, line))
        elif isinstance(node, FieldNode):
            key = f'"{(node.alias or node.name).value}"'
            value = _value(node, type_name, line)
            if value is not None:
                parts[key] = f"{key}:{value}"
    return list(parts.values())


def _value(node: FieldNode, type_name: str, line: Lines) -> str | None:
    """Text of a field's value; None for a connection, which becomes lines."""
    name, below = node.name.value, node.selection_set
    if below is None:
        return leaf(name, type_name)
    if any(isinstance(each, FieldNode) and each.name.value == "edges" for each in below.selections):
        line.below.append((name, _lines_of(name, below, type_name)))
        return None
    if name in NO_OBJECT:
        return "null"
    if name in EMPTY_LISTS:
        return "[]"
    value = "{" + ",".join(_members(below, TYPES.get(name, name[0].upper() + name[1:]), line)) + "}"
    if name in SOME:
        place = f"some{len(line.some)}"
        line.some.append((place, SOME[name], value))
        return f"[%({place})s]"
    return f"[{','.join([value] * LISTS[name])}]" if name in LISTS else value
