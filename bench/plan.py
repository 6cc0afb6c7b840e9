"""Planning and applying over a million customers with five attributes, of whom one in a hundred has changed."""

import os
import time
from pathlib import Path
from typing import Any

import httpx

from bench.asgi import served
from bench.customers import ATTRIBUTES, SYNC, SYNCS, change, come_and_go, fill_acknowledged
from bench.process import measured
from bench.report import Finding, Goal
from bench.workspace import settings_in
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.plan import plan_sync

CUSTOMERS = {"small": 50_000, "default": 1_000_000, "full": 1_000_000}
CHANGED_EVERY = 100
COME_AND_GO_EVERY = 1_000
ROUNDS = 3
POINTS_PER_SECOND = 2_000  # the fastest of Shopify's plans
LATENCY_MS = 100


def run(scale: str, folder: Path) -> list[Finding]:
    """Plan the same change a few times over, of which the best time counts; then plan and apply it."""
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
        ),
        _applied(customers, folder),
    ]


def _applied(customers: int, folder: Path) -> Finding:
    with served("bench.shopify_sink", "--rate", str(POINTS_PER_SECOND), "--latency-ms", str(LATENCY_MS)) as origin:
        whole = measured(plan_and_apply, folder, origin=origin)
        sink = httpx.get(f"{origin}/stats").json()
    took, least = whole.result["seconds"], sink["points"] / POINTS_PER_SECOND
    return Finding(
        "plan",
        f"{customers:,} customers, planned and applied",
        f"{whole.result['acknowledged']:,} values acknowledged in {took:.1f} s",
        f"{sink['points']:,.0f} points, for which {POINTS_PER_SECOND:,} a second allow {least:.1f} s",
        took / least,
        cpu=whole.result["cpu"],
        peak_mb=whole.peak_mb,
        details={**whole.result, **sink},
    )


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


def plan_and_apply(folder: Path, origin: str) -> dict[str, Any]:
    """From `boomerang plan` to the end of `boomerang apply`; then there is nothing left to plan."""
    os.environ["BOOMERANG_DELIVERY__BULK_THRESHOLD"] = str(10**9)  # the stand-in takes calls alone
    settings = settings_in(folder, origin=origin)
    began, cpu = time.perf_counter(), time.process_time()
    made = plan_sync(settings, SYNC, folder=SYNCS)
    report = apply_plan(settings, made.plan_id, allow_large_change=True, folder=SYNCS)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    rest = plan_sync(settings, SYNC, folder=SYNCS).rows
    if rest or report.acknowledged != made.rows:
        raise RuntimeError(f"{report.acknowledged} of {made.rows} values acknowledged, {rest} left to plan")
    return {"seconds": seconds, "cpu": cpu, "planned": made.rows, "acknowledged": report.acknowledged}
