"""Write-back at the rate limit of each Shopify plan: `apply` as it is, real HTTP on loopback, 100 ms latency.

100,000 changed customers take 110 s at the fastest plan and 37 min at the slowest. The default scale sends what each
plan allows in about a minute and works from there; `--scale full` sends all 100,000 to each, which takes an hour.
"""

import os
import time
from pathlib import Path
from typing import Any

import httpx
import orjson

from bench.asgi import served
from bench.customers import ATTRIBUTES, SYNC, SYNCS, TAGGED_EVERY, change, fill_acknowledged
from bench.process import measured
from bench.report import Finding, Goal
from bench.shopify_sink import COST
from bench.workspace import SHOP, settings_in
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.ledger.tables import PLAN_ROWS, VALUES
from reverse_etl.plan import plan_sync

PLANS = {"standard": 100, "advanced": 200, "plus": 1_000, "enterprise": 2_000}
CUSTOMERS = 100_000
SECONDS = {"small": 10, "default": 60, "full": 7_200}
LATENCY_MS = 100
CUSTOMERS_PER_CALL = 25 // ATTRIBUTES
# Now and then another program drains the bucket, and some values are refused.
THROTTLE_EVERY, REFUSE_EVERY = 150, 97
CALLS_PER_CUSTOMER = 1 / CUSTOMERS_PER_CALL + 1 / TAGGED_EVERY


def run(scale: str, folder: Path) -> list[Finding]:
    """Deliver to each plan's bucket in turn, then to one that throttles and refuses."""
    rows = [row for plan, rate in PLANS.items() for row in _plan(plan, rate, SECONDS[scale], folder / plan)]
    return [*rows, _faults(PLANS["plus"], min(SECONDS[scale], SECONDS["default"]), folder / "faults")]


def _faults(rate: int, seconds: int, folder: Path) -> Finding:
    customers = round(rate / COST * seconds / CALLS_PER_CUSTOMER)
    faults = ("--throttle-every", str(THROTTLE_EVERY), "--refuse-every", str(REFUSE_EVERY))
    with served("bench.shopify_sink", "--rate", str(rate), "--latency-ms", str(LATENCY_MS), *faults) as origin:
        whole = measured(deliver, folder, origin=origin, customers=customers, refused_every=REFUSE_EVERY)
        sink = httpx.get(f"{origin}/stats").json()
    found = {**whole.result, **sink}
    return Finding(
        "writeback",
        f"plus, with faults mixed in: {customers:,} customers",
        f"{found['lost']:,} lost, {found['repeated']:,} sent twice, {found['rejected']:,} rejected with their reason",
        f"{found['planned']:,} values, one record in {REFUSE_EVERY} refused, {sink['throttled']:,} calls THROTTLED",
        found["lost"],
        " lost",
        Goal(most=0),
        cpu=found["cpu"],
        peak_mb=whole.peak_mb,
        details=found,
    )


def _plan(plan: str, rate: int, seconds: int, folder: Path) -> list[Finding]:
    customers = min(CUSTOMERS, round(rate / COST * seconds / CALLS_PER_CUSTOMER))
    with served("bench.shopify_sink", "--rate", str(rate), "--latency-ms", str(LATENCY_MS)) as origin:
        whole = measured(deliver, folder, origin=origin, customers=customers)
        sink = httpx.get(f"{origin}/stats").json()
    found = {**whole.result, **sink}
    share, throttled = sink["points"] / sink["allowed"], sink["throttled"] / sink["calls"]
    minutes = CUSTOMERS * CALLS_PER_CUSTOMER * COST / (share * rate) / 60
    rest = "" if customers == CUSTOMERS else f"; all {CUSTOMERS:,} would take {minutes:.1f} min"
    subject = f"{plan}, {rate:,} points/s: {customers:,} customers"
    return [
        Finding(
            "writeback",
            subject,
            f"{sink['points']:,.0f} points in {sink['seconds']:.1f} s{rest}",
            "points that the limit allows",
            100 * share,
            " %",
            Goal(least=98, unit=" %"),
            cpu=found["cpu"],
            peak_mb=whole.peak_mb,
            details=found,
        ),
        Finding(
            "writeback",
            subject,
            f"{sink['throttled']:,} calls throttled",
            f"{sink['calls']:,} calls",
            100 * throttled,
            " %",
            Goal(most=1, unit=" %"),
        ),
        Finding(
            "writeback",
            subject,
            f"{found['lost']:,} lost, {found['repeated']:,} sent twice",
            f"{found['planned']:,} values: sent = in the ledger",
            found["lost"],
            " lost",
            Goal(most=0),
        ),
    ]


def deliver(folder: Path, origin: str, customers: int, refused_every: int = 0) -> dict[str, Any]:
    """Plan and apply; then compare what the shop holds with what the ledger says it acknowledged, value by value.

    Lost is what either side lacks, and every value without an outcome, or with the wrong one.
    """
    os.environ["BOOMERANG_DELIVERY__BULK_THRESHOLD"] = str(10**9)  # it is the paced lane that is measured
    settings = settings_in(folder, origin=origin)
    fill_acknowledged(settings, customers)
    with Warehouse(settings).session() as session:
        change(session, every=1)
    plan = plan_sync(settings, SYNC, folder=SYNCS)
    cpu, began = time.process_time(), time.perf_counter()
    report = apply_plan(settings, plan.plan_id, allow_large_change=True, folder=SYNCS)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    with Warehouse(settings).session() as session:
        rows = session.rows(
            f"select record_id || '|' || attribute, value from {VALUES} where shop = ? and run_id = ?",
            (SHOP, report.run_id),
        )
        refused = 0
        if refused_every:
            sql = f"select count(*) from {PLAN_ROWS} where plan_id = ? and record_id % ? = 0"
            refused = session.rows(sql, (plan.plan_id, refused_every))[0][0]
    ledger = dict(rows)
    shop: dict[str, str] = orjson.loads(httpx.get(f"{origin}/values", timeout=120).content)
    writes = httpx.get(f"{origin}/stats").json()["writes"]
    lost = sum(shop.get(key) != value for key, value in ledger.items()) + len(shop.keys() - ledger.keys())
    lost += abs(plan.rows - len(ledger) - refused) + abs(report.rejected - refused)
    return {
        "planned": plan.rows,
        "acknowledged": report.acknowledged,
        "rejected": report.rejected,
        "lost": lost,
        "repeated": writes - len(shop),
        "apply_seconds": seconds,
        "cpu": cpu,
    }
