"""Write-back beside drt-core, on the same bucket of points, at 100 ms latency; some calls throttled, some refused.

Of each: the share of the points that the limit allows, the values a second that arrived, and the values reported as
delivered that the shop lacks.
"""

from pathlib import Path

import httpx

from bench.asgi import served
from bench.customers import ATTRIBUTES
from bench.peers import drt_core
from bench.process import measured
from bench.report import Finding, Goal
from bench.shopify_sink import COST
from bench.writeback import CALLS_PER_CUSTOMER, LATENCY_MS, PLANS, REFUSE_EVERY, THROTTLE_EVERY, deliver

BENCH = "writeback"
RATE = PLANS["plus"]
SECONDS = {"small": 5, "default": 30, "full": 60}
# What a sender can do that waits for each answer before it sends the next call.
SEQUENTIAL_CALLS_PER_SECOND = 1000 / LATENCY_MS
FAULTS = ("--throttle-every", str(THROTTLE_EVERY), "--refuse-every", str(REFUSE_EVERY))


def run(scale: str, folder: Path) -> list[Finding]:
    """Ours, then the peer, for about the same time each: the figures are shares, not times."""
    seconds = SECONDS[scale]
    return [_ours(seconds, folder / "ours"), _peer(seconds, folder / "drt")]


def _ours(seconds: int, folder: Path) -> Finding:
    customers = round(RATE / COST * seconds / CALLS_PER_CUSTOMER)
    with served("bench.shopify_sink", "--rate", str(RATE), "--latency-ms", str(LATENCY_MS), *FAULTS) as origin:
        whole = measured(deliver, folder, origin=origin, customers=customers, refused_every=REFUSE_EVERY)
        sink = httpx.get(f"{origin}/stats").json()
    found = {**whole.result, **sink}
    return _finding("ours", found["acknowledged"], found["lost"], sink, found["cpu"], whole.peak_mb, goal=98.0)


def _peer(seconds: int, folder: Path) -> Finding:
    customers = round(SEQUENTIAL_CALLS_PER_SECOND * seconds * drt_core.VALUES_PER_CALL / ATTRIBUTES)
    with served("bench.shopify_sink", "--rate", str(RATE), "--latency-ms", str(LATENCY_MS), *FAULTS) as origin:
        report, used = drt_core.deliver(folder, origin, RATE, customers, ATTRIBUTES)
        sink = httpx.get(f"{origin}/stats").json()
        stored = len(httpx.get(f"{origin}/values", timeout=120).json())
    synced = report["rows_synced"]
    return _finding("drt-core 1.2.1, rest_api in batches", synced, synced - stored, sink, used.cpu, used.peak_mb)


def _finding(
    name: str,
    reported: int,
    missing: int,
    sink: dict[str, float],
    cpu: float,
    peak_mb: float,
    goal: float | None = None,
) -> Finding:
    return Finding(
        BENCH,
        f"{name}: plus, {RATE:,} points/s, faults mixed in",
        f"{(reported - missing) / sink['seconds']:,.0f} values a second; {reported:,} reported as delivered, "
        f"{missing:,} of them not in the shop",
        f"points that the limit allows in {sink['seconds']:.0f} s",
        100 * sink["points"] / sink["allowed"],
        " %",
        Goal(least=goal, unit=" %") if goal is not None else None,
        cpu=cpu,
        peak_mb=peak_mb,
        details={**sink, "reported": reported, "missing": missing},
    )
