"""Extraction and load stay under a gigabyte however large the export: a file as large as the memory it may have.

Two limits hold: the kernel's RLIMIT_DATA, and one on resident memory that is watched (see bench/memory.py for what each
is worth). `python -m bench --only memory --scale full` runs ten gigabytes.
"""

import signal
from pathlib import Path

import duckdb
import pytest

from bench.memory import GIGABYTE, LIMIT, SHOP, Extracted, Served, extract_under, served_export


def extracted(
    folder: Path, least_bytes: int, *, limit: int = LIMIT, by_kernel: bool = True
) -> tuple[Served, Extracted]:
    with served_export("orders", least_bytes) as export:
        return export, extract_under(limit, folder, export.origin, "orders", by_kernel=by_kernel)


def rows(folder: Path, table: str) -> int:
    with duckdb.connect(str(folder / "data" / "boomerang.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(f"select count(*) from raw_shopify.{table} where shop = ?", (SHOP,)).fetchone()
    assert found is not None
    count: int = found[0]
    return count


def test_an_export_as_large_as_the_memory_is_read_and_loaded_whole(tmp_path: Path) -> None:
    export, done = extracted(tmp_path, GIGABYTE)
    assert done.code == 0, done.output[-2000:]
    assert export.size >= GIGABYTE
    assert done.peak_mb < 1000
    # Every line is a row of one of two tables, none is there twice.
    assert rows(tmp_path, "orders") + rows(tmp_path, "order_lines") == export.lines
    assert f"{export.lines:,} of {export.lines:,} lines, {export.lines:,} loaded, 0 rejected" in done.output


@pytest.mark.parametrize("by_kernel", [True, False], ids=["by the kernel", "watched"])
def test_the_limit_limits(tmp_path: Path, by_kernel: bool) -> None:
    """The same with less memory than Python and its libraries take is ended: so the limit was in force above."""
    _, done = extracted(tmp_path, 1, limit=GIGABYTE // 20, by_kernel=by_kernel)
    assert done.code == -signal.SIGKILL if not by_kernel else done.code != 0
    assert "loaded" not in done.output
