"""Work that another writer's transaction got in the way of is done again.

On BigQuery, two transactions that change one table at the same time end with one of them undone, also when they change
different rows: shops share the tables of rows, dead letters and ledgers. On Snowflake a statement that waits too long
for another one's lock ends likewise. Nothing of an undone transaction stands, so it may simply be repeated.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines.failures import WarehouseConflict
from pipelines.warehouse.session import Session

ATTEMPTS = 8
PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 8.0

Result = TypeVar("Result")


def retried(work: Callable[[], Result]) -> Result:
    """What `work`, which is one transaction, returns; raises WarehouseConflict when it is undone time and again."""
    for attempt in range(1, ATTEMPTS):
        try:
            return work()
        except WarehouseConflict:
            pause = min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2.0**attempt)
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads retries, guards nothing
    return work()


def together(session: Session, write: Callable[[], Result]) -> Result:
    """What `write` returns, done in one transaction and repeated as `retried` does."""

    def in_one_transaction() -> Result:
        with session.transaction():
            return write()

    return retried(in_one_transaction)
