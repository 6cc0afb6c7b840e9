"""Lines of a bulk result: written as they come, slashes escaped, children interleaved or grouped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

import orjson

from sandbox.bulk.projection import Connection, Pending
from sandbox.graph.session import Doc

BLOCK = 40
PARENT = "__parentId"


@dataclass
class Written:
    """How many lines there are, and how many of them are roots."""

    objects: int = 0
    roots: int = 0


def encode_line(line: dict[str, Any]) -> bytes:
    """Return an object as a line; every slash is escaped, as in Shopify's files."""
    return orjson.dumps(line).replace(b"/", b"\\/") + b"\n"


def write_lines(
    root: Connection, file: BinaryIO, *, grouped: bool, go_on: Callable[[Written], bool] = lambda _: True
) -> Written:
    """Write the lines of a root connection and everything below it.

    Grouped: children directly follow their parent. Else each connection keeps its own order, a child comes somewhere
    after its parent, and lines of different parents and connections mix: roots go out in blocks, and the children of a
    block only after the roots of the next. `go_on` is asked after each block; when it says no, writing stops there.
    """
    written = Written()
    lines = _grouped(root) if grouped else _interleaved(root)
    for block, roots in lines:
        file.write(b"".join(map(encode_line, block)))
        written.objects += len(block)
        written.roots += roots
        if not go_on(written):
            break
    return written


def _grouped(root: Connection) -> Iterator[tuple[list[dict[str, Any]], int]]:
    def family(connection: Connection, doc: Doc, parent: str | None, lines: list[dict[str, Any]]) -> None:
        pending: Pending = []
        line = connection.project(doc, pending)
        if parent is not None:
            line[PARENT] = parent
        lines.append(line)
        for child, nodes in pending:
            for node in nodes:
                family(child, node, line["id"], lines)

    block: list[dict[str, Any]] = []
    roots = 0
    for doc in root.nodes({}):
        family(root, doc, None, block)
        roots += 1
        if roots == BLOCK:
            yield block, roots
            block, roots = [], 0
    yield block, roots


Waiting = list[tuple[Connection, list[tuple[str, Doc]]]]


def _interleaved(root: Connection) -> Iterator[tuple[list[dict[str, Any]], int]]:
    waiting: list[Waiting] = []
    docs = iter(root.nodes({}))
    more = True
    while more or waiting:
        lines: list[dict[str, Any]] = []
        families: dict[int, tuple[Connection, list[tuple[str, Doc]]]] = {}
        roots = 0
        for doc in docs if more else ():
            pending: Pending = []
            line = root.project(doc, pending)
            lines.append(line)
            _remember(families, line, pending)
            roots += 1
            if roots == BLOCK:
                break
        more = roots == BLOCK
        older, waiting = waiting, [list(families.values())] if families else []
        for generation in older:
            below: dict[int, tuple[Connection, list[tuple[str, Doc]]]] = {}
            for connection, nodes in generation:
                for parent, node in nodes:
                    pending = []
                    line = connection.project(node, pending)
                    line[PARENT] = parent
                    lines.append(line)
                    _remember(below, line, pending)
            if below:
                waiting.append(list(below.values()))
        yield lines, roots


def _remember(
    families: dict[int, tuple[Connection, list[tuple[str, Doc]]]], line: dict[str, Any], pending: Pending
) -> None:
    for connection, nodes in pending:
        family = families.get(id(connection))
        if family is None:
            family = families[id(connection)] = (connection, [])
        parent = line["id"]
        family[1].extend((parent, node) for node in nodes)
