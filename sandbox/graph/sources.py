"""Where the nodes of a connection come from: a list inside a document, or documents of the store."""

from __future__ import annotations

import base64
import binascii
import heapq
import itertools
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from sandbox.graph.errors import bad_request
from sandbox.store import Store, cursor

Doc = dict[str, Any]
# Sort keys that the store keeps an index for; any other is sorted in memory.
INDEXED = {"": "id", "ID": "id", "CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "PROCESSED_AT": "processed_at"}
# Types whose own times stand deeper in the document than the store's index looks.
_TIMES_INSIDE = frozenset({"DiscountNode"})


class Source(Protocol):
    """Nodes in an order, from a place on."""

    def walk(self, order: str, *, reverse: bool = False, after: str | None = None) -> Iterator[Doc]:
        """Yield the nodes."""
        ...

    def place(self, doc: Doc, order: str) -> str:
        """Return the cursor of a node."""
        ...


@dataclass(frozen=True)
class StoreSource:
    """Documents of one or more types (the members of an interface), streamed."""

    store: Store
    shop: str
    kinds: tuple[str, ...]
    owner: str | None = None
    bounds: dict[str, Any] = field(default_factory=dict)
    only: Callable[[Doc], bool] | None = None
    packed: bool = False

    def within(self, bounds: dict[str, Any]) -> StoreSource:
        """Return the same source, narrowed by ranges of the store's indexes."""
        if set(self.kinds) & _TIMES_INSIDE:
            return self
        merged = dict(self.bounds)
        for name, value in bounds.items():
            known = merged.get(name)
            choose = max if name.endswith("_from") else min
            merged[name] = value if known is None else choose(known, value)
        return replace(self, bounds=merged)

    def walk(self, order: str, *, reverse: bool = False, after: str | None = None) -> Iterator[Doc]:
        """Yield the documents from the store's index of this order, or sorted when it has none."""
        indexed = INDEXED.get(order)
        if indexed is None:
            everything = itertools.chain.from_iterable(self._scan(kind, "id", False, None) for kind in self.kinds)
            yield from ListSource(list(everything)).walk(order, reverse=reverse, after=after)
            return
        position = _decode(after) if after else None
        streams = [self._scan(kind, indexed, reverse, position) for kind in self.kinds]
        key = _sorter(order or "ID")
        yield from streams[0] if len(streams) == 1 else heapq.merge(*streams, key=key, reverse=reverse)

    def _scan(self, kind: str, order: str, reverse: bool, after: str | None) -> Iterator[Doc]:
        try:
            found = self.store.scan(
                self.shop,
                kind,
                owner=self.owner,
                order=order,
                reverse=reverse,
                after=after,
                packed=self.packed,
                **self.bounds,
            )
            yield from filter(self.only, found) if self.only else found
        except ValueError as problem:
            raise bad_request("Invalid cursor for current pagination sort.") from problem

    def place(self, doc: Doc, order: str) -> str:
        """Return a cursor that names the last id and value, as Shopify's do."""
        indexed = INDEXED.get(order)
        return _encode(cursor(doc, indexed) if indexed else doc["id"])


@dataclass(frozen=True)
class ListSource:
    """Nodes that are already at hand; a cursor is the position of the node or its id."""

    nodes: list[Doc]
    load: Callable[[Doc], Doc | None] | None = None

    def walk(self, order: str, *, reverse: bool = False, after: str | None = None) -> Iterator[Doc]:
        """Yield the nodes, sorted when they carry the sort key's value and else as they stand."""
        nodes: Iterable[Doc] = self.nodes
        if order not in ("", "ID", "POSITION", "RELEVANCE", "BEST_SELLING", "MANUAL"):
            nodes = sorted(self.nodes, key=_sorter(order))
        if reverse:
            nodes = reversed(list(nodes))
        waiting = after is not None
        wanted = _decode(after) if after else None
        for node in nodes:
            if waiting:
                waiting = self._own(node) != wanted
            else:
                full = self.load(node) if self.load else node
                if full is not None:
                    yield full

    def place(self, doc: Doc, order: str) -> str:
        """Return the cursor of a node."""
        return _encode(self._own(doc))

    def _own(self, doc: Doc) -> str:
        return str(doc.get("id") or json.dumps(doc, sort_keys=True, default=str))


def _sorter(order: str) -> Callable[[Doc], Any]:
    if order == "ID":
        return lambda doc: int(doc["id"].rsplit("/", 1)[-1].split("?")[0])
    words = order.lower().split("_")
    name = words[0] + "".join(word.title() for word in words[1:])
    names = {"NUMBER": "number", "ORDER_NUMBER": "number", "PRODUCT_TYPE": "productType"}
    name = names.get(order, name)

    def key(doc: Doc) -> tuple[Any, ...]:
        value = doc.get(name)
        value = value if value is not None else ""
        number = int(doc["id"].rsplit("/", 1)[-1].split("?")[0]) if doc.get("id") else 0
        return (isinstance(value, str), value.lower() if isinstance(value, str) else _comparable(value), number)

    return key


def _comparable(value: Any) -> Any:
    return value if isinstance(value, int | float) else json.dumps(value, sort_keys=True)


def _encode(place: str) -> str:
    parts = place.split("|")
    body: dict[str, Any] = {"last_id": parts[0]}
    if len(parts) == 2:
        body = {"last_id": int(parts[0]), "last_value": parts[0], "part": int(parts[1])}
    elif len(parts) == 3:
        body = {"last_id": int(parts[1]), "last_value": parts[0], "part": int(parts[2])}
    return base64.b64encode(json.dumps(body, separators=(",", ":")).encode()).decode()


def _decode(text: str) -> str:
    try:
        body = json.loads(base64.b64decode(text, validate=True))
        if "part" not in body:
            return str(body["last_id"])
        if body["last_value"] == str(body["last_id"]):
            return f"{body['last_id']}|{body['part']}"
        return f"{body['last_value']}|{body['last_id']}|{body['part']}"
    except (binascii.Error, ValueError, KeyError, TypeError) as problem:
        raise bad_request("Invalid cursor for current pagination sort.") from problem
