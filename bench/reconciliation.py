"""Reconciliation: from raw tables to fct_breaks, in full, and again when one order in a hundred has changed.

Orders of a shop with their rows in the ERP, at the warehouse partners and in the payments stand in the raw tables
(reconciliation_world.py). Four orders in a thousand have one break, and the breaks found must be these. Half of an
increment is new orders, half are orders of the last 30 days that had a line returned.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.process import BenchFailed, Measured, measured
from bench.raw_world import LINES
from bench.reconciliation_world import create_systems, extract_orders_again, rows_by_table
from bench.report import Finding, Goal
from bench.workspace import settings_in
from pipelines.warehouse import Warehouse

ORDERS = {"small": 20_000, "default": 250_000, "full": 1_000_000}
CHANGED_EVERY = 100
RECENT_DAYS = 30
# Two weeks after the last order, so that all of them have gone their way.
FIRST_RUN = datetime(2026, 11, 25, 6, tzinfo=UTC)
SELECTED = ("--select", "+fct_breaks", "--resource-type", "model", "--resource-type", "seed")
SLOWEST = 30


def run(scale: str, folder: Path) -> list[Finding]:
    """Build in full, change one order in a hundred, build again."""
    orders = ORDERS[scale]
    changed = orders // CHANGED_EVERY
    full, increment = built_twice(folder, orders, changed)
    rows = sum(full.result["rows"].values())
    return [
        Finding(
            "reconciliation",
            f"{orders:,} orders, {orders * LINES:,} lines, {rows:,} raw rows of four systems, raw to fct_breaks",
            f"full build: models {_models(full)}, {sum(full.result['found'].values()):,} breaks, as planted",
            "of wall time",
            full.wall,
            " s",
            cpu=full.cpu,
            peak_mb=full.peak_mb,
            details=full.result,
        ),
        Finding(
            "reconciliation",
            f"{changed:,} orders changed, with their rows in all systems",
            f"increment: models {_models(increment)}",
            f"full build: models {_models(full)}",
            increment.result["model_cpu_seconds"] / full.result["model_cpu_seconds"],
            goal=Goal(most=0.1),
            cpu=increment.cpu,
            peak_mb=increment.peak_mb,
            details=increment.result,
        ),
    ]


def built_twice(folder: Path, orders: int, changed: int) -> tuple[Measured, Measured]:
    """A full build of so many orders, and the increment after; raises BenchFailed when one finds other breaks."""
    prepared = measured(prepare, folder, orders=orders)
    full = _built(folder, prepared, full_refresh=True)
    full.result["rows"] = prepared.result["rows"]
    again = measured(extract_again, folder, orders=orders, changed=changed)
    return full, _built(folder, again, full_refresh=False)


def _models(built: Measured) -> str:
    return f"{built.result['model_cpu_seconds']:.2f} CPU s, {built.result['model_seconds']:.2f} s"


def _built(folder: Path, prepared: Measured, *, full_refresh: bool) -> Measured:
    done = measured(build, folder, full_refresh=full_refresh)
    done.result["found"] = measured(count, folder).result["found"]
    if done.result["found"] != prepared.result["planted"]:
        raise BenchFailed(f"Planted are {prepared.result['planted']}, and found are {done.result['found']}")
    return done


def prepare(folder: Path, orders: int) -> dict[str, Any]:
    """Raw tables of all systems, as extraction leaves them."""
    with Warehouse(settings_in(folder)).session() as session:
        planted = create_systems(session.connection, orders, FIRST_RUN)
        return {"planted": planted, "rows": rows_by_table(session.connection)}


def extract_again(folder: Path, orders: int, changed: int) -> dict[str, Any]:
    """A day later: some orders are new, as many have changed, in all systems."""
    later = FIRST_RUN + timedelta(days=1)
    with Warehouse(settings_in(folder)).session() as session, session.transaction():
        return {"planted": extract_orders_again(session.connection, orders, changed, later, RECENT_DAYS)}


def build(folder: Path, full_refresh: bool) -> dict[str, Any]:
    """Run dbt once, as the platform does, and add up what its models took."""
    from bench.dbt_clock import timed  # brings dbt along, which no other bench needs
    from orchestration.lib import dbt_project

    settings = settings_in(folder)
    os.environ.update(dbt_project.environment(settings))
    arguments = ["build", *SELECTED, "--quiet", *(["--full-refresh"] if full_refresh else [])]
    clock, seconds = timed([*arguments, *dbt_project.variables(settings)])
    slowest = sorted(clock.cpu.items(), key=lambda item: -item[1])[:SLOWEST]
    return {
        "invocation_seconds": seconds,
        "model_seconds": sum(clock.wall.values()),
        "model_cpu_seconds": sum(clock.cpu.values()),
        "models": len(clock.wall),
        "slowest_cpu": {name: round(spent, 3) for name, spent in slowest},
    }


def count(folder: Path) -> dict[str, Any]:
    """Breaks by code and state; not in the process that dbt ran in, which keeps the warehouse file open."""
    with Warehouse(settings_in(folder)).session() as session:
        counted = session.rows(
            "select code || ' ' || state, count(*) from marts.fct_breaks where state != 'explained' "
            "group by 1 order by 1"
        )
    return {"found": {str(row[0]): int(row[1]) for row in counted}}
