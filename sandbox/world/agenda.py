"""Which orders have something coming, and when: so that ``advance`` looks at those and at no others."""

from collections.abc import Iterable
from typing import NamedTuple

from sandbox.store import Store

_DDL = """
CREATE TABLE IF NOT EXISTS agenda (
    shop INTEGER NOT NULL, number INTEGER NOT NULL, due INTEGER NOT NULL, moment INTEGER NOT NULL,
    customer INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (shop, number)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS agenda_due ON agenda (shop, due);
"""


class Entry(NamedTuple):
    """An order (number, instant, customer, which purchase of theirs) and when it changes next."""

    number: int
    due: int
    moment: int
    customer: int
    position: int


def open_agenda(store: Store) -> None:
    """Create the table if it is not there."""
    with store.transaction() as connection:
        for statement in _DDL.split(";"):
            connection.execute(statement)


def note(store: Store, shop: int, entries: Iterable[Entry]) -> None:
    """Write down, or move, when orders change next."""
    with store.transaction() as connection:
        connection.executemany(
            "INSERT OR REPLACE INTO agenda (shop, number, due, moment, customer, position) VALUES (?, ?, ?, ?, ?, ?)",
            ((shop, *entry) for entry in entries),
        )


def take_due(store: Store, shop: int, until: int) -> list[Entry]:
    """Orders with something due up to an instant, in the order of their numbers; they leave the agenda."""
    with store.transaction() as connection:
        rows = connection.execute(
            "SELECT number, due, moment, customer, position FROM agenda WHERE shop = ? AND due <= ? ORDER BY number",
            (shop, until),
        ).fetchall()
        connection.execute("DELETE FROM agenda WHERE shop = ? AND due <= ?", (shop, until))
    return [Entry(*row) for row in rows]
