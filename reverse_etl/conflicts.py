"""Work that another writer's transaction got in the way of is done again.

On BigQuery, two transactions that change one table at the same time end with one of them undone, also when they change
different rows: deliveries of two shops or syncs meet in the ledger's tables. On Snowflake a statement that waits too
long for another one's lock ends likewise. Nothing of an undone transaction stands, so it may simply be repeated.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from pipelines.failures import WarehouseConflict

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
