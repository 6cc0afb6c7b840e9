"""Extraction and load stay under a gigabyte however large the export: a file as large as the memory it may have.

The limit is RLIMIT_DATA (see bench/memory.py): it needs no control group and no root, and is a little stricter than a
limit on resident memory. `python -m bench --only memory --scale full` runs ten gigabytes under the same limit.
"""

import re
from pathlib import Path

import duckdb

from bench.memory import GIGABYTE, LIMIT, SHOP, Extracted, Served, extract_under, served_export


def extracted(folder: Path, entity: str, least_bytes: int, limit: int = LIMIT) -> tuple[Served, Extracted]:
    with served_export(entity, least_bytes) as export:
        return export, extract_under(limit, folder, export.origin, entity)


def rows(folder: Path, table: str) -> int:
    with duckdb.connect(str(folder / "data" / "boomerang.duckdb"), read_only=True) as warehouse:
        found = warehouse.execute(f"select count(*) from raw_shopify.{table} where shop = ?", (SHOP,)).fetchone()
    assert found is not None
    count: int = found[0]
    return count


def test_an_export_as_large_as_the_memory_is_read_and_loaded_whole(tmp_path: Path) -> None:
    export, done = extracted(tmp_path, "orders", GIGABYTE)
    assert done.code == 0, done.output[-2000:]
    assert export.size >= GIGABYTE
    assert done.peak_mb < 1000
    # Every line is a row of one of two tables, none is there twice.
    assert rows(tmp_path, "orders") + rows(tmp_path, "order_lines") == export.lines
    assert f"{export.lines:,} of {export.lines:,} lines, {export.lines:,} loaded, 0 rejected" in done.output


def test_the_limit_limits(tmp_path: Path) -> None:
    """The same with less memory than Python and its libraries take: it is refused, so the limit was in force above."""
    _, done = extracted(tmp_path, "orders", 1, limit=GIGABYTE // 20)
    assert done.code != 0
    assert re.search(r"MemoryError|Cannot allocate|OpenBLAS|out of memory|bad_alloc|ImportError", done.output)
