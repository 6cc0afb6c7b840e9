"""Metafields and their definitions: values keyed by owner, namespace and key."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import orjson

Row = dict[str, Any]
Rows = list[Row]
_COLUMNS = "id, owner, namespace, key, type, value, digest, created, updated"


def digest(type_name: str, value: str) -> str:
    """What Shopify calls compareDigest: 64 hex digits that follow from type and value."""
    return hashlib.sha256(f"{type_name}\0{value}".encode()).hexdigest()


class MetafieldTable:
    """Reached as ``store.metafields``.

    Rows are dicts: id (number), owner, namespace, key, type, value, digest, created, updated.
    """

    def __init__(
        self,
        connection: Callable[[], sqlite3.Connection],
        transaction: Callable[[], AbstractContextManager[sqlite3.Connection]],
    ) -> None:
        """Share the document store's connections, so that values and documents commit together."""
        self._connection = connection
        self._transaction = transaction

    def get(self, shop: str, owner: str, namespace: str, key: str) -> Row | None:
        """One value, or None."""
        row = (
            self._connection()
            .execute(
                f"SELECT {_COLUMNS} FROM metafields WHERE shop = ? AND owner = ? AND namespace = ? AND key = ?",
                (shop, owner, namespace, key),
            )
            .fetchone()
        )
        return _row(row) if row else None

    def list(self, shop: str, owner: str, namespace: str | None = None) -> Rows:
        """Every value of one owner, by id."""
        where = "shop = ? AND owner = ? AND (? IS NULL OR namespace = ?)"
        sql = f"SELECT {_COLUMNS} FROM metafields WHERE {where} ORDER BY id"
        return [_row(row) for row in self._connection().execute(sql, (shop, owner, namespace, namespace))]

    def all(self, shop: str) -> Iterator[Row]:
        """Every value of a shop, by id."""
        last = 0
        sql = f"SELECT {_COLUMNS} FROM metafields WHERE shop = ? AND id > ? ORDER BY id LIMIT 1000"
        while rows := self._connection().execute(sql, (shop, last)).fetchall():
            yield from map(_row, rows)
            last = rows[-1][0]

    def set(self, shop: str, owner: str, namespace: str, key: str, type_name: str, value: str, now: str) -> Row:
        """Write one value. Writing the value already there changes nothing, not even ``updated``."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO metafields (shop, owner, namespace, key, type, value, digest, created, updated)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (shop, owner, namespace, key) DO UPDATE SET"
                " type = excluded.type, value = excluded.value, digest = excluded.digest,"
                " updated = excluded.updated"
                " WHERE digest <> excluded.digest",
                (shop, owner, namespace, key, type_name, value, digest(type_name, value), now, now),
            )
        row = self.get(shop, owner, namespace, key)
        if row is None:
            raise RuntimeError(f"metafield {namespace}.{key} of {owner} vanished while it was written")
        return row

    def delete(self, shop: str, owner: str, namespace: str, key: str) -> bool:
        """Remove one value; False when there was none."""
        with self._transaction() as connection:
            return (
                connection.execute(
                    "DELETE FROM metafields WHERE shop = ? AND owner = ? AND namespace = ? AND key = ?",
                    (shop, owner, namespace, key),
                ).rowcount
                > 0
            )

    def delete_owner(self, shop: str, owner: str) -> None:
        """Remove every value of an owner that is gone."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM metafields WHERE shop = ? AND owner = ?", (shop, owner))

    def definition(self, shop: str, owner_type: str, namespace: str, key: str) -> Row | None:
        """One definition as written, with its number under ``id``, or None."""
        row = (
            self._connection()
            .execute(
                "SELECT id, body FROM definitions WHERE shop = ? AND owner_type = ? AND namespace = ? AND key = ?",
                (shop, owner_type, namespace, key),
            )
            .fetchone()
        )
        return {**orjson.loads(row[1]), "id": row[0]} if row else None

    def definitions(self, shop: str, owner_type: str | None = None) -> Rows:
        """The definitions of a shop, by id."""
        rows = self._connection().execute(
            "SELECT id, body FROM definitions WHERE shop = ? AND (? IS NULL OR owner_type = ?) ORDER BY id",
            (shop, owner_type, owner_type),
        )
        return [{**orjson.loads(body), "id": number} for number, body in rows]

    def put_definition(self, shop: str, owner_type: str, namespace: str, key: str, body: Row) -> int:
        """Create or replace a definition; returns its number, which stays."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO definitions (shop, owner_type, namespace, key, body) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (shop, owner_type, namespace, key) DO UPDATE SET body = excluded.body",
                (shop, owner_type, namespace, key, orjson.dumps(body)),
            )
            row = connection.execute(
                "SELECT id FROM definitions WHERE shop = ? AND owner_type = ? AND namespace = ? AND key = ?",
                (shop, owner_type, namespace, key),
            ).fetchone()
        return int(row[0])

    def delete_definition(self, shop: str, owner_type: str, namespace: str, key: str) -> bool:
        """Remove a definition; its values stay. False when there was none."""
        with self._transaction() as connection:
            return (
                connection.execute(
                    "DELETE FROM definitions WHERE shop = ? AND owner_type = ? AND namespace = ? AND key = ?",
                    (shop, owner_type, namespace, key),
                ).rowcount
                > 0
            )


def _row(row: tuple[Any, ...]) -> Row:
    return dict(
        zip(
            ("id", "owner", "namespace", "key", "type", "value", "digest", "created", "updated"),
            row,
            strict=True,
        )
    )
