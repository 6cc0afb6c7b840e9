"""Writes that become visible together, repeated when another transaction was in their way.

Shops share the tables of rows, dead letters and the ledger. BigQuery cancels the second of two transactions that change
one table, also when they change different rows; Snowflake lets it wait, and ends deadlocks. Nothing of a cancelled
transaction stands, so it may simply be repeated.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines.failures import WarehouseConflict
from pipelines.warehouse import Session

ATTEMPTS = 6

Result = TypeVar("Result")


def together(session: Session, write: Callable[[], Result]) -> Result:
    """What `write` returns, done in one transaction; raises WarehouseConflict when it is cancelled time and again."""
    for attempt in range(1, ATTEMPTS):
        try:
            with session.transaction():
                return write()
        except WarehouseConflict:
            time.sleep(random.uniform(0.5, 1.5) * attempt)  # noqa: S311  # spreads retries, guards nothing
    with session.transaction():
        return write()
