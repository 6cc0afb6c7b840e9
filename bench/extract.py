"""Extraction: export files on disk -> committed, typed, contract-checked tables, against DuckDB alone.

Ours is the path that every export takes after its download: read strictly, every line accounted for, rules checked,
repeated keys looked for, Parquet, dlt, commit with the ledger. The ceiling declares the columns, reads the same files
straight into the same tables, and proves nothing.
"""

import asyncio
import os
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from bench import bulk_file
from bench.extract_ceiling import read_into_tables
from bench.process import Measured, measured
from bench.report import Finding, Goal
from bench.workspace import SHOP, settings_in
from pipelines.contracts.arrivals import Admitted
from pipelines.intake import ledger
from pipelines.loading.load import ensure_tables
from pipelines.shopify.contract import shopify_contract
from pipelines.shopify.workbench import Workbench
from pipelines.warehouse import Session, Warehouse

ENTITIES = ("orders", "sales_ledger")
# Of ten lines four are orders with their lines, six the ledger of the same orders.
SHARES = {"orders": 0.4, "sales_ledger": 0.6}
LINES = {"small": [100_000], "default": [1_000_000], "full": [1_000_000, 10_000_000]}
ROUNDS = {"small": 1, "default": 3, "full": 3}
WAYS = (
    ("bench.extract", "ours"),
    ("bench.extract", "ceiling"),
    ("bench.extract_parts", "without_contract"),
    ("bench.extract_parts", "without_proof"),
)
PARTS = ("the contract: rules, keys, whole numbers", "the proof: counting, ledger")
EXTRACTED_AT = datetime(2026, 11, 1, 6, tzinfo=UTC)


def run(scale: str, folder: Path) -> list[Finding]:
    """All ways in turn; the larger file once, and without its parts."""
    findings: list[Finding] = []
    first: Measured | None = None
    for lines in LINES[scale]:
        rounds = ROUNDS[scale] if first is None else 1
        size = sum(_generate(folder, entity, round(lines * SHARES[entity])) for entity in ENTITIES)
        ways = WAYS if first is None else WAYS[:2]
        # In turn, so that what else the machine does falls on all alike; of each the round with the least work.
        runs = [[_fresh(getattr(import_module(module), name), folder) for module, name in ways] for _ in range(rounds)]
        best, bound, *lesser = (min(same, key=_cpu) for same in zip(*runs, strict=True))
        findings += _compared(f"{lines:,} lines, {size / 1e6:,.0f} MB", lines, best, bound)
        findings += [_share(part, less, best) for part, less in zip(PARTS, lesser, strict=False)]
        if first is not None:
            findings.append(_grown(lines, best, LINES[scale][0], first))
        first = first or best
        _remove(folder, "*.jsonl")
    return findings


def ours(folder: Path) -> dict[str, Any]:
    """The workbench of extraction brings both downloads into a new warehouse; the counts are those of its ledger."""
    settings = settings_in(folder)
    began, cpu = time.perf_counter(), time.process_time()
    contract = shopify_contract(settings)
    with Warehouse(settings).session() as session:
        ensure_tables(session, contract)
        windows = [_downloaded(folder, session, entity) for entity in ENTITIES]

    async def read_and_load() -> list[Admitted]:
        with Workbench(settings, contract, SHOP) as workbench:
            return await asyncio.gather(*(workbench.read_and_load(window) for window in windows))

    admitted = asyncio.run(read_and_load())
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    rows = {name: count.loaded for one in admitted for name, count in one.tables.items()}
    return {"seconds": seconds, "cpu": cpu, "rows": rows}


def _downloaded(folder: Path, session: Session, entity: str) -> ledger.Window:
    """A window at the point where its file is on disk; the workbench removes the file, so it gets a name of its own."""
    path = folder / f"{entity}.jsonl"
    copy = folder / f"{entity}.download.jsonl"
    os.link(path, copy)
    lines = int((folder / f"{entity}.lines").read_text(encoding="utf-8"))
    window_id = ledger.new_window_id(SHOP, entity, EXTRACTED_AT)
    window = ledger.Window(window_id, SHOP, entity, "incremental", None, EXTRACTED_AT, EXTRACTED_AT, "bench")
    ledger.plan(session, window)
    window.path, window.expected_rows = str(copy), lines
    ledger.downloaded(session, window)
    return window


def ceiling(folder: Path) -> dict[str, Any]:
    """DuckDB alone, into a new file."""
    contract = shopify_contract(settings_in(folder))
    began, cpu = time.perf_counter(), time.process_time()
    rows: dict[str, int] = {}
    for entity in ENTITIES:
        rows |= read_into_tables(folder / "ceiling.duckdb", contract, entity, folder / f"{entity}.jsonl")
    return {"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu, "rows": rows}


def _generate(folder: Path, entity: str, lines: int) -> int:
    path = folder / f"{entity}.jsonl"
    written = bulk_file.write(entity, lines, path)
    (folder / f"{entity}.lines").write_text(str(written), encoding="utf-8")
    return path.stat().st_size


def _fresh(function: Callable[[Path], dict[str, Any]], folder: Path) -> Measured:
    for leftover in ("*.duckdb*", "*.download.jsonl"):
        _remove(folder, leftover)
    for state in ("dlt", "exports"):
        shutil.rmtree(folder / state, ignore_errors=True)
    return measured(function, folder)


def _compared(subject: str, lines: int, best: Measured, bound: Measured) -> list[Finding]:
    for name, rows in bound.result["rows"].items():
        if best.result["rows"].get(name, 0) != rows:
            raise ValueError(f"table {name} has {best.result['rows'].get(name)} rows, the ceiling {rows}")
    return [
        Finding(
            "extract",
            subject,
            f"{_cpu(best):.1f} s of processor time, {lines / _cpu(best):,.0f} lines/s",
            f"DuckDB alone: {_cpu(bound):.1f} s",
            _cpu(bound) / _cpu(best),
            goal=Goal(least=0.6),
            cpu=_cpu(best),
            peak_mb=best.peak_mb,
            details={"ours": best.result, "ceiling": bound.result},
        ),
        Finding(
            "extract",
            subject,
            f"{_seconds(best):.1f} s by the clock",
            f"DuckDB alone: {_seconds(bound):.1f} s",
            _seconds(bound) / _seconds(best),
        ),
        Finding(
            "extract",
            subject,
            "peak memory",
            f"DuckDB alone: {bound.peak_mb:,.0f} MB",
            best.peak_mb,
            " MB",
            Goal(most=1000, unit=" MB"),
        ),
    ]


def _share(part: str, less: Measured, best: Measured) -> Finding:
    return Finding(
        "extract",
        f"cost of {part}",
        f"without: {_cpu(less):.1f} s of processor time",
        f"with: {_cpu(best):.1f} s",
        100 * (1 - _cpu(less) / _cpu(best)),
        " %",
        cpu=_cpu(less),
        peak_mb=less.peak_mb,
    )


def _grown(lines: int, large: Measured, fewer: int, small: Measured) -> Finding:
    return Finding(
        "extract",
        f"from {fewer:,} to {lines:,} lines",
        f"processor time a line {_cpu(large) / lines / (_cpu(small) / fewer):.2f} times",
        f"peak memory of {fewer:,} lines",
        large.peak_mb / small.peak_mb,
        " x",
        Goal(most=1.25, unit=" x"),
    )


def _seconds(run: Measured) -> float:
    return float(run.result["seconds"])


def _cpu(run: Measured) -> float:
    return float(run.result["cpu"])


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink()
