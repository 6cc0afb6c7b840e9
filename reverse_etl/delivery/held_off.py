"""Keeps deliveries to a shop away while a person of it is erased.

A delivery beside an erasure would write back from a plan in memory what was just cleared, and its ledger would name the
person anew. So the locks of every sync of the shop are taken, after what a dead run left in doubt has been settled: a
value of which nobody knows whether it arrived would not be cleared. A plan that was made before is refused afterwards,
as its model and its rows are not what they were.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from pipelines.warehouse.conflicts import retried
from reverse_etl.delivery.settle import settle_interrupted
from reverse_etl.ledger import locks
from reverse_etl.ledger.tables import LOCKS, ensure_tables
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync, sync_names

# Steps of `redact` at which it holds the DuckDB file itself: to open it there would wait for ever.
_FILE_IN_HAND = frozenset({"copied", "swapped"})


@contextmanager
def deliveries_held_off(
    settings: Settings, shop: str, *, settle: bool = True, folder: Path = SYNCS
) -> Iterator[Callable[[str], None]]:
    """Hold the locks of all syncs of a shop; yields a sign of life, for after each step of `redact`.

    `settle` reads back first what dead runs left in doubt. Raises AlreadyApplying beside a living delivery, before
    anything is changed, and what reading back raises.
    """
    warehouse, holder = Warehouse(settings), f"redaction-{secrets.token_hex(6)}"
    with warehouse.session() as session:
        ensure_tables(session)
        known = {str(name) for (name,) in session.rows(f"select distinct sync from {LOCKS} where shop = ?", (shop,))}
    if settle:
        for name in sync_names(folder):
            settle_interrupted(settings, load_sync(name, folder).sync, [shop])
    names = sorted(known | set(sync_names(folder)))
    try:
        with warehouse.session() as session:
            retried(lambda: [locks.acquire(session, name, [shop], holder) for name in names])

        def alive(step: str) -> None:
            if step in _FILE_IN_HAND:
                return
            with warehouse.session() as session:
                retried(lambda: locks.require_held(session, holder, len(names)))

        yield alive
    finally:
        with warehouse.session() as session:
            retried(lambda: locks.release(session, holder))
