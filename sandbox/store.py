"""Every object of every shop as the GraphQL-shaped document the Admin API would give, in one SQLite file."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sandbox.storage.codec import decode, encode
from sandbox.storage.database import Database
from sandbox.storage.metafields import MetafieldTable
from sandbox.storage.schema import EMBEDDED, LISTED, embedded_nodes, owner_number, parse_gid

Doc = dict[str, Any]

_LIST_OF: dict[str, dict[str, dict[str, Any]]] = {
    "FulfillmentOrder": {"fulfillmentOrders": {}},
    "InventoryLevel": {"inventoryLevels": {}},
}
_BATCH = 500
_PAGE = 200
_ORDER_COLUMN = {"id": "", "updated_at": "updated", "created_at": "created", "processed_at": "processed"}
_PUT = (
    "INSERT INTO docs (shop, kind, num, sub, owner, created, updated, processed, body)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (shop, kind, num, sub) DO UPDATE SET owner = excluded.owner, created = excluded.created,"
    " updated = excluded.updated, processed = excluded.processed, body = excluded.body"
)
_ROOT = "SELECT root_kind, root_num, root_sub FROM nodes WHERE shop = ? AND kind = ? AND num = ? AND sub = ?"
_PUT_NODE = "INSERT OR REPLACE INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


class Store(Database):
    """Documents by gid, listed by id or time. Safe from several threads.

    ``shop`` is the myshopify domain. A document is a dict with ``__typename`` and ``id``; its fields are those of
    the Admin API, connections are plain lists, references are ``{"__typename": ..., "id": ...}``, times are UTC
    ``YYYY-MM-DDTHH:MM:SSZ``. Nodes inside a document (``schema.EMBEDDED``) are found by their own gid too.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, or create it."""
        super().__init__(path)
        self.metafields = MetafieldTable(self.connection, self.transaction)

    def put(self, shop: str, doc: Doc) -> None:
        """Write one document, replacing the one with the same gid."""
        self.put_many(shop, (doc,))

    def put_many(self, shop: str, docs: Iterable[Doc]) -> None:
        """Write documents in one transaction, as they come: never more than a batch is held."""
        with self.transaction() as connection:
            shop_code = self._new_code(shop)
            rows: list[tuple[Any, ...]] = []
            nodes: list[tuple[Any, ...]] = []
            for doc in docs:
                self._collect(shop_code, doc, rows, nodes)
                if len(rows) >= _BATCH:
                    self._write(connection, rows, nodes)
            self._write(connection, rows, nodes)

    def _collect(self, shop_code: int, doc: Doc, rows: list[tuple[Any, ...]], nodes: list[tuple[Any, ...]]) -> None:
        typename = doc["__typename"]
        kind, number, sub = parse_gid(doc["id"])
        if kind != typename:
            raise ValueError(f"document {doc['id']} says it is a {typename}, its gid says {kind}")
        code = self._new_code(kind)
        get = doc.get
        rows.append((
            shop_code, code, number, sub, owner_number(doc), get("createdAt") or "", get("updatedAt") or "",
            get("processedAt") or "", encode(doc),
        ))  # fmt: skip
        spec = EMBEDDED.get(typename)
        if spec is None:
            return
        for node in embedded_nodes(doc, spec):
            node_kind, node_number, node_sub = parse_gid(node["id"])
            listed = node_kind in LISTED
            nodes.append((
                shop_code, self._new_code(node_kind), node_number, node_sub, code, number, sub,
                node["createdAt"] if listed else "", node["updatedAt"] if listed else "",
            ))  # fmt: skip

    @staticmethod
    def _write(connection: sqlite3.Connection, rows: list[tuple[Any, ...]], nodes: list[tuple[Any, ...]]) -> None:
        connection.executemany(_PUT, rows)
        connection.executemany(_PUT_NODE, nodes)
        rows.clear()
        nodes.clear()

    def get(self, shop: str, gid: str, packed: bool = False) -> Doc | None:
        """The document of a gid, or the part of a document that carries this gid; None when there is none.

        ``packed``: leave money packed (``codec.expand`` opens one), which is several times faster.
        """
        kind, number, sub = parse_gid(gid)
        key = (self._code(shop), self._code(kind), number, sub)
        body = self._body(*key)
        if body is not None:
            return decode(body, packed)
        root = (
            self.connection()
            .execute(
                _ROOT,
                key,
            )
            .fetchone()
        )
        body = self._body(key[0], *root) if root else None
        return _embedded(decode(body, packed), gid) if body else None

    def _body(self, shop: int, kind: int, number: int, sub: int) -> bytes | None:
        row = (
            self.connection()
            .execute(
                "SELECT body FROM docs WHERE shop = ? AND kind = ? AND num = ? AND sub = ?",
                (shop, kind, number, sub),
            )
            .fetchone()
        )
        return row[0] if row else None

    def root_of(self, shop: str, gid: str) -> str | None:
        """The gid of the document that holds this gid (its own when it is one itself); None when unknown."""
        kind, number, sub = parse_gid(gid)
        key = (self._code(shop), self._code(kind), number, sub)
        if self._body(*key) is not None:
            return gid
        root = (
            self.connection()
            .execute(
                _ROOT,
                key,
            )
            .fetchone()
        )
        body = self._body(key[0], *root) if root else None
        return str(decode(body, packed=True)["id"]) if body else None

    def delete(self, shop: str, gid: str) -> bool:
        """Remove a document, the nodes inside it and its metafields; False when there was none."""
        doc = self.get(shop, gid)
        if doc is None or doc["id"] != gid or self.root_of(shop, gid) != gid:
            return False
        kind, number, sub = parse_gid(gid)
        with self.transaction() as connection:
            shop_code = self._code(shop)
            keys = [parse_gid(node["id"]) for node in embedded_nodes(doc, EMBEDDED.get(kind, {}))]
            connection.executemany(
                "DELETE FROM nodes WHERE shop = ? AND kind = ? AND num = ? AND sub = ?",
                [(shop_code, self._code(name), node, part) for name, node, part in keys],
            )
            connection.execute(
                "DELETE FROM docs WHERE shop = ? AND kind = ? AND num = ? AND sub = ?",
                (shop_code, self._code(kind), number, sub),
            )
            self.metafields.delete_owner(shop, gid)
        return True

    def scan(
        self,
        shop: str,
        typename: str,
        *,
        owner: str | None = None,
        order: str = "id",
        reverse: bool = False,
        after: str | None = None,
        limit: int | None = None,
        packed: bool = False,
        **bounds: str | int | None,
    ) -> Iterator[Doc]:
        """Documents of a type, streamed by pages, so that writes in between neither block nor break it.

        ``bounds``: ``updated_from``, ``updated_to``, ``created_...``, ``processed_...`` (UTC text) and ``id_...``
        (numbers); ``from`` is included, ``to`` is not. ``owner``: gid of the customer, product, company or event
        subject. ``order``: id, updated_at, created_at, processed_at. ``after``: a ``cursor()`` of that order.
        """
        embedded = typename in LISTED
        where, values = self._filter(shop, typename, owner, bounds)
        column = _ORDER_COLUMN[order]
        keys = f"{column}, num, sub" if column else "num, sub"
        marks = "?, ?, ?" if column else "?, ?"
        direction = "DESC" if reverse else "ASC"
        if column == "processed":
            where += " AND processed <> ''"
        by = ", ".join(f"{key} {direction}" for key in keys.split(", "))
        fields = "root_kind, root_num, root_sub" if embedded else "body"
        table = "nodes" if embedded else "docs"
        position = _parse_cursor(after, bool(column)) if after else None
        left = limit
        while left is None or left > 0:
            past = f" AND ({keys}) {'<' if reverse else '>'} ({marks})" if position else ""
            page = _PAGE if left is None else min(left, _PAGE)
            sql = f"SELECT {keys}, {fields} FROM {table} WHERE {where}{past} ORDER BY {by} LIMIT {page}"
            rows = self.connection().execute(sql, [*values, *(position or ())]).fetchall()
            if not rows:
                return
            width = 3 if column else 2
            position = rows[-1][:width]
            left = None if left is None else left - len(rows)
            for row in rows:
                doc = self._listed(shop, typename, row, packed) if embedded else decode(row[-1], packed)
                if doc is not None:
                    yield doc

    def _listed(self, shop: str, typename: str, row: tuple[Any, ...], packed: bool) -> Doc | None:
        body = self._body(self._code(shop), *row[-3:])
        number, sub = row[-5], row[-4]
        for node in embedded_nodes(decode(body, packed), _LIST_OF[typename]) if body else ():
            if parse_gid(node["id"]) == (typename, number, sub):
                return node
        return None

    def count(self, shop: str, typename: str, *, owner: str | None = None, **bounds: str | int | None) -> int:
        """How many documents ``scan`` would give."""
        where, values = self._filter(shop, typename, owner, bounds)
        table = "nodes" if typename in LISTED else "docs"
        row = self.connection().execute(f"SELECT count(*) FROM {table} WHERE {where}", values).fetchone()
        return int(row[0])

    def _filter(
        self, shop: str, typename: str, owner: str | None, bounds: dict[str, str | int | None]
    ) -> tuple[str, list[Any]]:
        where = "shop = ? AND kind = ?"
        values: list[Any] = [self._code(shop), self._code(typename)]
        if owner is not None:
            where += " AND owner = ?"
            values.append(parse_gid(owner)[1])
        for name, value in bounds.items():
            field, _, side = name.rpartition("_")
            if field not in ("updated", "created", "processed", "id") or side not in ("from", "to"):
                raise TypeError(f"scan and count know no filter '{name}'")
            if value is not None:
                where += f" AND {'num' if field == 'id' else field} {'>=' if side == 'from' else '<'} ?"
                values.append(value)
        return where, values


def cursor(doc: Doc, order: str = "id") -> str:
    """The place of a document in a scan of this order, to go on ``after`` it."""
    _, number, sub = parse_gid(doc["id"])
    if order == "id":
        return f"{number}|{sub}"
    field = {"updated_at": "updatedAt", "created_at": "createdAt", "processed_at": "processedAt"}[order]
    return f"{doc.get(field) or ''}|{number}|{sub}"


def _parse_cursor(text: str, timed: bool) -> tuple[Any, ...]:
    parts = text.split("|")
    if len(parts) != (3 if timed else 2) or not parts[-1].isdigit() or not parts[-2].isdigit():
        raise ValueError(f"'{text}' is not a cursor of this order")
    return (*parts[:-2], int(parts[-2]), int(parts[-1]))


def _embedded(doc: Doc, gid: str) -> Doc | None:
    for node in embedded_nodes(doc, EMBEDDED.get(doc["__typename"], {})):
        if node["id"] == gid:
            return node
    return None
