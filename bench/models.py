"""Models: a full build of all of them, an increment of one order in a hundred, the same increment on a longer history.

Half of an increment is new orders, half are orders that had a line returned: of the last 30 days, as in most shops, or
from all over the history, the hardest mixture, since every part of every table then holds a changed order. The
customers of all these orders are extracted again with them. Model time is the processor time that the statements of
the models take in the warehouse, added up: wall time on a machine that does other work says little. What dbt itself
takes (reading the project and rendering, a tenth of a second a model) is shown apart: it does not grow with the data.
"""

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.process import Measured, measured
from bench.raw_world import (
    HISTORY_SECONDS,
    LINES,
    add_orders,
    change_orders,
    create_world,
    extract_customers_of_orders,
)
from bench.report import Finding, Goal
from bench.workspace import settings_in
from pipelines.warehouse import Warehouse

ORDERS = {"small": 20_000, "default": 250_000, "full": 1_000_000}
# How many times longer the other history is, and how many times longer the same increment may take on it.
LONGER = {"small": (2, 1.5), "default": (2, 1.5), "full": (5, 1.3)}
CHANGED_EVERY = 100
# How many days the orders lie back that changed; none: anywhere.
MIXTURES: dict[str, int | None] = {"of the last 30 days": 30, "all over the history": None}
FIRST_RUN = datetime(2026, 11, 1, 6, tzinfo=UTC)
SLOWEST = 6


def run(scale: str, folder: Path) -> list[Finding]:
    """Build both histories in full and by increment, each increment on a copy of its own."""
    orders = ORDERS[scale]
    times, goal = LONGER[scale]
    changed = orders // CHANGED_EVERY
    full, increments = _build(folder / "once", orders, changed)
    longer_full, longer = _build(folder / "longer", times * orders, changed)
    findings = []
    for mixture in MIXTURES:
        increment, later = increments[mixture], longer[mixture]
        findings += [
            Finding(
                "models",
                f"{orders:,} orders, {orders * LINES:,} lines: {changed:,} orders changed, {mixture}",
                f"increment: models {_models(increment)}",
                f"full build: models {_models(full)}",
                _cpu(increment) / _cpu(full),
                goal=Goal(most=0.167),
                cpu=increment.cpu,
                peak_mb=max(increment.peak_mb, full.peak_mb),
                details={"full": full.result, "increment": increment.result},
            ),
            Finding(
                "models",
                f"the same change after {times * orders:,} orders, {mixture}",
                f"increment: models {_models(later)} (full {_models(longer_full)})",
                f"increment after {orders:,} orders",
                _cpu(later) / _cpu(increment),
                goal=Goal(most=goal),
                cpu=later.cpu,
                peak_mb=max(later.peak_mb, longer_full.peak_mb),
                details={"full": longer_full.result, "increment": later.result},
            ),
        ]
    increment = increments[next(iter(MIXTURES))]
    return [
        *findings,
        Finding(
            "models",
            "what an invocation of dbt costs beside its models",
            f"increment: {_invocation(increment):.1f} s, full: {_invocation(full):.1f} s",
            "model time of the increment",
            _invocation(increment) - float(increment.result["model_seconds"]),
            " s",
        ),
    ]


def _build(folder: Path, orders: int, changed: int) -> tuple[Measured, Mapping[str, Measured]]:
    measured(prepare, folder, orders=orders)
    full = measured(build, folder, full_refresh=True)
    increments = {}
    for mixture, recent_days in MIXTURES.items():
        copy = folder.with_name(f"{folder.name}-again")
        shutil.copytree(folder, copy)
        measured(extract_again, copy, orders=orders, changed=changed, recent_days=recent_days)
        increments[mixture] = measured(build, copy, full_refresh=False)
        shutil.rmtree(copy)
    return full, increments


def _cpu(built: Measured) -> float:
    return float(built.result["model_cpu_seconds"])


def _models(built: Measured) -> str:
    return f"{_cpu(built):.2f} CPU s, {built.result['model_seconds']:.2f} s"


def _invocation(built: Measured) -> float:
    return float(built.result["invocation_seconds"])


def prepare(folder: Path, orders: int) -> dict[str, Any]:
    """Raw tables of so many orders, as extraction leaves them."""
    with Warehouse(settings_in(folder)).session() as session:
        create_world(session.connection, orders, FIRST_RUN)
    return {}


def extract_again(folder: Path, orders: int, changed: int, recent_days: int | None = None) -> dict[str, Any]:
    """An hour later: some orders are new, as many have changed, and all their customers are extracted with them."""
    later = FIRST_RUN + timedelta(hours=1)
    within = orders if recent_days is None else orders * recent_days * 86_400 // HISTORY_SECONDS
    every = max(1, round(2 * within / changed))
    with Warehouse(settings_in(folder)).session() as session, session.transaction():
        change_orders(session.connection, every, orders, later, first=max(0, orders - every * (changed // 2)))
        add_orders(session.connection, orders, orders + changed // 2, orders, later)
        extract_customers_of_orders(session.connection, later)
    return {}


def build(folder: Path, full_refresh: bool) -> dict[str, Any]:
    """Run dbt once, as the platform does, and add up what its models took."""
    from bench.dbt_clock import timed  # brings dbt along, which no other bench needs
    from orchestration.lib import dbt_project

    settings = settings_in(folder)
    os.environ.update(dbt_project.environment(settings))
    arguments = ["build", "--resource-type", "model", "--resource-type", "seed", "--quiet"]
    arguments += ["--full-refresh"] if full_refresh else []
    clock, seconds = timed([*arguments, *dbt_project.variables(settings)])
    slowest = sorted(clock.cpu.items(), key=lambda item: -item[1])[:SLOWEST]
    return {
        "invocation_seconds": seconds,
        "model_seconds": sum(clock.wall.values()),
        "model_cpu_seconds": sum(clock.cpu.values()),
        "models": len(clock.wall),
        "slowest_cpu": dict(slowest),
    }
