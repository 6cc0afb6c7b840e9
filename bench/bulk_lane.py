"""The bulk lane end to end: every customer changed, sent as files of bulk mutations, each line's outcome in the ledger.

The figure is the client's own processor time a customer: reading the plan, writing the files, uploading, reading the
results, and acknowledging value by value. How long Shopify works on a file is Shopify's; the stand-in's time is shown.
"""

import os
import time
from pathlib import Path
from typing import Any

import httpx

from bench.asgi import served
from bench.customers import ATTRIBUTES, SYNC, SYNCS, change, fill_acknowledged
from bench.process import measured
from bench.report import Finding, Goal
from bench.workspace import SHOP, settings_in
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.ledger.tables import VALUES
from reverse_etl.plan import plan_sync

CUSTOMERS = {"small": 20_000, "default": 200_000, "full": 1_000_000}


def run(scale: str, folder: Path) -> list[Finding]:
    """Fill, plan and deliver, each in a process of its own; then compare what the shop holds with the ledger."""
    customers = CUSTOMERS[scale]
    measured(prepare, folder, customers=customers)
    with served("bench.bulk_write_sink") as origin:
        whole = measured(deliver, folder, origin=origin)
        sink = httpx.get(f"{origin}/stats").json()
        compared = measured(compare, folder, origin=origin, run_id=whole.result["run_id"]).result
    found = {**whole.result, **sink, **compared}
    subject = f"{customers:,} customers, all changed, {ATTRIBUTES} attributes"
    files = f"{sink['lines']:,} lines in {sink['files']:,} files"
    return [
        Finding(
            "bulk_lane",
            subject,
            f"{found['acknowledged']:,} values acknowledged in {found['seconds']:.1f} s, {files}",
            f"processor time of the client a customer; the stand-in worked {sink['worked']:.1f} s",
            1e6 * found["cpu"] / customers,
            " µs",
            cpu=found["cpu"],
            peak_mb=whole.peak_mb,
            details=found,
        ),
        Finding(
            "bulk_lane",
            subject,
            f"{found['lost']:,} lost, {found['repeated']:,} sent twice",
            f"{found['planned']:,} values: in the shop = in the ledger",
            found["lost"],
            " lost",
            Goal(most=0),
        ),
    ]


def prepare(folder: Path, customers: int) -> dict[str, Any]:
    """A warehouse in which all values were acknowledged once, and are all different now; planned."""
    settings = settings_in(folder)
    fill_acknowledged(settings, customers)
    with Warehouse(settings).session() as session:
        change(session, every=1)
    plan = plan_sync(settings, SYNC, folder=SYNCS)
    (folder / "plan").write_text(plan.plan_id, encoding="utf-8")
    return {}


def deliver(folder: Path, origin: str) -> dict[str, Any]:
    """`boomerang apply` of the plan, all of it by the bulk lane."""
    os.environ["BOOMERANG_DELIVERY__BULK_THRESHOLD"] = "1"
    settings = settings_in(folder, origin=origin)
    plan_id = (folder / "plan").read_text(encoding="utf-8")
    cpu, began = time.process_time(), time.perf_counter()
    report = apply_plan(settings, plan_id, allow_large_change=True, folder=SYNCS)
    return {
        "run_id": report.run_id,
        "planned": report.planned,
        "acknowledged": report.acknowledged,
        "seconds": time.perf_counter() - began,
        "cpu": time.process_time() - cpu,
    }


def compare(folder: Path, origin: str, run_id: str) -> dict[str, Any]:
    """Lost is every value that only one side holds, or that the two sides hold differently."""
    settings = settings_in(folder, origin=origin)
    held = folder / "values.jsonl"
    with httpx.stream("GET", f"{origin}/values", timeout=600) as response, held.open("wb") as file:
        for part in response.iter_bytes():
            file.write(part)
    with Warehouse(settings).session() as session:
        lost, values = session.rows(
            f"""
            select count(*) filter (where shop.value is distinct from ledger.value), count(shop.value)
            from read_ndjson('{held}', columns = {{'key': 'varchar', 'value': 'varchar'}}) as shop
            full join (
                select record_id || '|' || attribute as key, value from {VALUES} where shop = '{SHOP}' and run_id = ?
            ) as ledger on ledger.key = shop.key
            """,
            (run_id,),
        )[0]
    return {"lost": lost, "repeated": httpx.get(f"{origin}/stats").json()["writes"] - values}
