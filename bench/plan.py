"""Planning over a million customers with five attributes, of whom one in a hundred has changed."""

import time
from pathlib import Path
from typing import Any

from bench.customers import ATTRIBUTES, SYNC, SYNCS, change, come_and_go, fill_acknowledged
from bench.process import measured
from bench.report import Finding, Goal
from bench.workspace import settings_in
from pipelines.warehouse import Warehouse
from reverse_etl.plan import plan_sync

CUSTOMERS = {"small": 50_000, "default": 1_000_000, "full": 1_000_000}
CHANGED_EVERY = 100
COME_AND_GO_EVERY = 1_000
ROUNDS = 3


def run(scale: str, folder: Path) -> list[Finding]:
    """Plan the same change a few times over; the best time counts."""
    customers = CUSTOMERS[scale]
    measured(prepare, folder, customers=customers)
    whole = measured(plan, folder, rounds=ROUNDS)
    seconds, rows = min(whole.result["seconds"]), whole.result["rows"]
    return [
        Finding(
            "plan",
            f"{customers:,} customers, {ATTRIBUTES} attributes, 1 % changed",
            f"{rows:,} values to send",
            f"all {customers * ATTRIBUTES:,} values compared",
            seconds,
            " s",
            Goal(most=1, unit=" s"),
            cpu=whole.result["cpu"] / ROUNDS,
            peak_mb=whole.peak_mb,
            details=whole.result,
        )
    ]


def prepare(folder: Path, customers: int) -> dict[str, Any]:
    """A warehouse in which all values were acknowledged once, and some are different now."""
    settings = settings_in(folder)
    fill_acknowledged(settings, customers)
    with Warehouse(settings).session() as session:
        change(session, CHANGED_EVERY)
        come_and_go(session, COME_AND_GO_EVERY)
    return {}


def plan(folder: Path, rounds: int) -> dict[str, Any]:
    """Plan as `boomerang plan` does: open the warehouse, compare, store the plan, read it back."""
    settings = settings_in(folder)
    seconds, rows, cpu = [], 0, time.process_time()
    for _ in range(rounds):
        began = time.perf_counter()
        rows = plan_sync(settings, SYNC, folder=SYNCS).rows
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds, "rows": rows, "cpu": time.process_time() - cpu}
