"""A copy of the warehouse for people's SQL tools.

DuckDB's one writing process shuts readers out, so analysts read a copy that is swapped in by a rename: a tool that has
the old copy open keeps reading it in peace.
"""

import os
from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Warehouse


def read_copy_path(settings: Settings) -> Path:
    """Where analysts find the copy: `<data_dir>/boomerang_read.duckdb`."""
    return settings.duckdb_path.with_name("boomerang_read.duckdb")


def renew_read_copy(settings: Settings) -> int:
    """Copy the warehouse and swap the copy in; returns its size in bytes."""
    target = read_copy_path(settings)
    fresh = target.with_suffix(f".{os.getpid()}.part")
    fresh.unlink(missing_ok=True)
    try:
        with Warehouse(settings).session() as session:
            session.execute(f"attach '{_quoted(fresh)}' as fresh_copy")
            try:
                session.execute(f'copy from database "{settings.duckdb_path.stem}" to fresh_copy')
            finally:
                session.execute("detach fresh_copy")
        os.replace(fresh, target)
    finally:
        fresh.unlink(missing_ok=True)
    return target.stat().st_size


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")
