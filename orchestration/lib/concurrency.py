"""What may run at the same time, by warehouse: the executor of the code location, pools, and runs by shop.

DuckDB has one writing process, which shuts readers out too: steps run in the process of their run, every op that opens
the file takes its turn in one pool, and one run covers all shops. Snowflake and BigQuery take any number of sessions:
steps are processes, each shop is extracted by a run of its own, and only what would undo another's work takes turns.
"""

from typing import Literal

import dagster as dg

from pipelines.config import Settings

# What an op does: read a source, build and fit, write to a destination.
Room = Literal["extraction", "models", "delivery"]

DUCKDB = "duckdb"
# Steps of one run at a time. A refresh has at most two that do not wait for each other; the rest is syncs.
CONCURRENT_STEPS = 4


def takes_turns(settings: Settings) -> bool:
    """Whether the warehouse has one writer only."""
    return settings.warehouse == "duckdb"


def executor(settings: Settings) -> dg.ExecutorDefinition:
    """How the steps of a run are executed."""
    if takes_turns(settings):
        return dg.in_process_executor
    return dg.multiprocess_executor.configured({"max_concurrent": CONCURRENT_STEPS}, name="processes")


def pool(settings: Settings, room: Room) -> str | None:
    """The pool in which an op of this room takes its turn, over all runs; every pool has one slot.

    Two builds at once would write the same tables, and two deliveries would share the rate limit of a shop. Extractions
    of different shops have nothing in common, and those of one shop are kept apart by the queue of runs (see
    `PER_SHOP` in deploy/dagster.yaml): they need no pool.
    """
    if takes_turns(settings):
        return DUCKDB
    return None if room == "extraction" else room


def backfill_policy(settings: Settings) -> dg.BackfillPolicy:
    """How many shops one run covers."""
    return dg.BackfillPolicy.single_run() if takes_turns(settings) else dg.BackfillPolicy.multi_run()
