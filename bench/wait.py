"""Waiting for Shopify: from the moment a bulk operation is done to the first byte of its result asked for.

Fifteen exports that take from one to twenty seconds, as many at a time as Shopify allows, with the polling of the
defaults. A client that sleeps between polls is late by up to a whole sleep, whatever it does afterwards.

Then a whole history, an export for each of fifteen entities, with five operations at a time and with one, as was the
rule before API version 2026-01 and still is the habit of others.
"""

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import httpx

from bench.asgi import served
from bench.process import measured
from bench.report import Finding, Goal
from bench.workspace import SHOP, settings_in
from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_export import export
from pipelines.shopify.client import ShopifyClient

EXPORTS = {"small": 5, "default": 15, "full": 30}
LONGEST_SECONDS = 20.0
HISTORY_EXPORTS = 15
HISTORY_SECONDS = {"small": 1.0, "default": 4.0, "full": 12.0}


def run(scale: str, folder: Path) -> list[Finding]:
    """The latest read counts."""
    exports = EXPORTS[scale]
    seconds = [round(1 + (LONGEST_SECONDS - 1) * number / (exports - 1), 2) for number in range(exports)]
    with served("bench.bulk_sink") as origin:
        whole = measured(read, folder, origin=origin, seconds=seconds)
        waits = sorted(httpx.get(f"{origin}/waits").json().values())
    history = [HISTORY_SECONDS[scale]] * HISTORY_EXPORTS
    with served("bench.bulk_sink") as origin:
        five = measured(read, folder, origin=origin, seconds=history).result["seconds"]
        one = measured(read, folder, origin=origin, seconds=history, slots=1).result["seconds"]
    return [
        Finding(
            "wait",
            f"{exports} exports of {seconds[0]:g} to {seconds[-1]:g} s",
            f"read {sum(waits) / len(waits):.2f} s after they are done, on average",
            "the latest of them",
            waits[-1],
            " s",
            Goal(most=2, unit=" s"),
            cpu=whole.cpu,
            peak_mb=whole.peak_mb,
            details={"waits": waits},
        ),
        Finding(
            "wait",
            f"a history of {HISTORY_EXPORTS} exports of {history[0]:g} s",
            f"five at a time: {five:.1f} s",
            f"one at a time: {one:.1f} s",
            one / five,
            " x",
            Goal(least=3.5, unit=" x"),
        ),
    ]


def read(folder: Path, origin: str, seconds: list[float], slots: int = 5) -> dict[str, Any]:
    """Run all exports through one runner, as an extraction does; seconds by the clock."""
    os.environ["BOOMERANG_EXTRACTION__CONCURRENT_BULK_OPERATIONS"] = str(slots)
    settings = settings_in(folder, origin=origin)

    async def all_exports() -> None:
        async with ShopifyClient.configured(settings, SHOP) as client:
            runner = BulkRunner.configured(client, settings)
            texts = [f"{{ shop {{ id }} }} # seconds={each}" for each in seconds]
            await asyncio.gather(
                *(export(runner, text, folder / f"{i}.jsonl", name="orders") for i, text in enumerate(texts))
            )

    began = time.perf_counter()
    asyncio.run(all_exports())
    return {"seconds": time.perf_counter() - began}
