"""NetSuite and ShipBob, read by the connectors as they are at the limits that the sandbox keeps as documented.

NetSuite lets so many requests of an account be under way at a time; each waits LATENCY_MS here beside what it takes.
ShipBob lets 150 calls through in any minute, and a program that asks for all 150 is refused whenever clocks or lines
differ by a moment. Pages are small, so that a small world fills minutes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from bench.process import ROOT, BenchFailed, Measured, measured
from bench.report import Finding, Goal
from orchestration.demo_systems import system_sections, system_variables
from pipelines.config import CONFIG_FILE_VARIABLE, load_settings
from pipelines.progress import SilentProgress

# Orders of the world, rows of a page of NetSuite, orders of a page of ShipBob.
SIZES = {"small": (3_000, 100, 6), "default": (12_000, 200, 12), "full": (12_000, 200, 6)}
LATENCY_MS = 500
CONCURRENCY = 5
CALLS_A_MINUTE = 150
SHOP = '[shops.us]\ndomain = "boomerang-us.myshopify.com"\n'


def run(scale: str, folder: Path) -> list[Finding]:
    """Read both from one sandbox, one after the other."""
    orders, rows, of_shipbob = SIZES[scale]
    with sandbox(folder / "sandbox", orders) as ready:
        sizes = {"netsuite": rows, "shipbob": of_shipbob}
        read = {name: measured(extract, folder / name, ready=ready, name=name, sizes=sizes) for name in sizes}
        log = httpx.get(f"{ready['origin']}/__meta/log", timeout=60).json()
    return [
        _netsuite(read["netsuite"], [entry for entry in log if entry["kind"] == "suiteql"]),
        _shipbob(read["shipbob"], [entry for entry in log if entry["kind"] == "shipbob"]),
    ]


def _netsuite(read: Measured, log: list[dict[str, Any]]) -> Finding:
    good = [entry for entry in log if entry["status"] == 200]
    began, ended = min(entry["at"] - entry["seconds"] for entry in good), max(entry["at"] for entry in good)
    busy = sum(entry["seconds"] for entry in good)
    return Finding(
        "partner_rates",
        f"NetSuite, {CONCURRENCY} requests at a time, {LATENCY_MS} ms and what they take: {read.result['rows']:,} rows",
        f"{len(good):,} requests in {ended - began:.1f} s, {busy / (ended - began):.2f} under way on average, "
        f"{len(log) - len(good):,} turned away",
        "requests that may be under way",
        100 * busy / (ended - began) / CONCURRENCY,
        " %",
        Goal(least=90, unit=" %"),
        cpu=read.cpu,
        peak_mb=read.peak_mb,
        details=read.result,
    )


def _shipbob(read: Measured, log: list[dict[str, Any]]) -> Finding:
    good = sorted(entry["at"] for entry in log if entry["status"] == 200)
    minutes = int((good[-1] - good[0]) // 60)
    if not minutes:
        raise BenchFailed(f"{len(good)} calls of ShipBob do not fill a minute.")
    calls = sum(1 for at in good if at < good[0] + 60 * minutes)
    return Finding(
        "partner_rates",
        f"ShipBob, {CALLS_A_MINUTE} calls in any minute: {read.result['rows']:,} rows",
        f"{calls:,} calls in {minutes} full minutes, {len(log) - len(good):,} refused of {len(log):,}",
        "calls that the limit allows",
        100 * calls / (CALLS_A_MINUTE * minutes),
        " %",
        Goal(least=90, unit=" %"),
        cpu=read.cpu,
        peak_mb=read.peak_mb,
        details=read.result,
    )


@contextmanager
def sandbox(folder: Path, orders: int) -> Iterator[dict[str, Any]]:
    """The sandbox with an ERP and operators behind its shops, a process of its own; yields what it says when ready."""
    options = ["--orders", str(orders), "--backoffice", "--latency-ms", str(LATENCY_MS), "--data-dir", str(folder)]
    command = [sys.executable, "-m", "sandbox", *options, "--netsuite-concurrency", str(CONCURRENCY)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line:
                raise BenchFailed("The sandbox did not start; run it by hand to see why.")
            yield json.loads(line)
        finally:
            process.terminate()


def extract(folder: Path, ready: dict[str, Any], name: str, sizes: dict[str, int]) -> dict[str, Any]:
    """All entities of one system, from nothing; how many rows were loaded."""
    from pipelines.erp import source as erp
    from pipelines.threepl import source as threepl

    sections = system_sections(ready)
    for system, size in sizes.items():
        kind = f'kind = "{system}"\n'
        at_once = f"concurrency = {CONCURRENCY}\n" if system == "netsuite" else ""
        sections = sections.replace(kind, f"{kind}page_size = {size}\n{at_once}")
    (folder / "boomerang.toml").write_text(SHOP + sections, encoding="utf-8")
    variables = {"BOOMERANG_SHOPS__US__ACCESS_TOKEN": "unused", "BOOMERANG_DATA_DIR": str(folder)}
    os.environ.update({**system_variables(ready), **variables, CONFIG_FILE_VARIABLE: str(folder / "boomerang.toml")})
    reading = erp.extract if name == "netsuite" else threepl.extract
    report = reading(load_settings(), name, run_id="bench", progress=SilentProgress())
    return {"rows": sum(entity.loaded_rows for entity in report.entities)}
