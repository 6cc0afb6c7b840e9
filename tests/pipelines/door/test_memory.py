"""Extraction and load stay under a gigabyte however large the export: a file as large as the memory it may have.

Two limits hold: the kernel's RLIMIT_DATA, and one on resident memory that is watched (see bench/memory.py for what each
is worth). `python -m bench --only memory --scale full` runs ten gigabytes.
"""

import signal
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from bench.memory import GIGABYTE, LIMIT, SHOP, Extracted, Served, extract_under, served_export
from pipelines.config import Settings, load_settings
from pipelines.door.scratch import scratch
from pipelines.failures import WarehouseError
from pipelines.warehouse import Warehouse


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


MUCH = "select count(*) from (select distinct i, repeat(i::text, 20) from range(3_000_000) as r (i))"
NOWHERE_TO_SPILL = "set max_temp_directory_size = '1MB'"


def read_much(settings: Settings, folder: Path) -> None:
    with scratch(settings, folder) as connection:
        connection.execute(NOWHERE_TO_SPILL)
        connection.execute(MUCH)


def commit_much(settings: Settings, folder: Path) -> None:
    with Warehouse(settings).session(memory_limit=settings.extraction.load_memory_limit) as session:
        session.execute(NOWHERE_TO_SPILL)
        session.rows(MUCH)


@pytest.mark.parametrize(
    ("work", "setting", "named"),
    [
        (read_much, "memory_limit", "Reading an export needs more memory"),
        (commit_much, "load_memory_limit", "DuckDB needs more memory"),
    ],
    ids=["reading", "committing"],
)
def test_a_limit_that_is_too_low_is_a_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    work: Callable[[Settings, Path], None],
    setting: str,
    named: str,
) -> None:
    config = tmp_path / "boomerang.toml"
    config.write_text('[shops.us]\ndomain = "a-shop.myshopify.com"\n', encoding="utf-8")
    monkeypatch.setenv("BOOMERANG_CONFIG", str(config))
    monkeypatch.setenv("BOOMERANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BOOMERANG_SHOPS__US__ACCESS_TOKEN", "public-dummy")
    monkeypatch.setenv(f"BOOMERANG_EXTRACTION__{setting.upper()}", "10MB")
    with pytest.raises(WarehouseError, match=rf"{named}.*raise extraction\.{setting}"):
        work(load_settings(), tmp_path)
