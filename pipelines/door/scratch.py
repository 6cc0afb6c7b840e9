"""The in-memory DuckDB in which exports are read: bounded in memory, spilling to disk below the data folder."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.config import Settings
from pipelines.contracts.sql import text
from pipelines.door.shapes import MACROS
from pipelines.failures import WarehouseError, first_line

THREADS = 2
# Files are read once, at once, on the same machine: light compression costs less than it saves in writing. A row group
# is held in memory by each thread; at DuckDB's default size, wide rows reach the memory limit and spill.
PARQUET = "(format parquet, compression zstd, compression_level 1, row_group_size 40_960)"


@contextmanager
def scratch(settings: Settings, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the transforms of the contract as macros; it spills below `folder`."""
    spill = folder / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    try:
        connection.execute(f"set temp_directory = {text(str(spill))}")
        connection.execute(f"set memory_limit = {text(settings.extraction.memory_limit)}")
        connection.execute(f"set threads = {THREADS}")
        # The order of lines means nothing, and keeping it would hold whole files in memory.
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set timezone = 'UTC'")
        # Knowing that a file has no nulls, DuckDB would write the column as NOT NULL, and dlt rewrite the whole file
        # to make it nullable again.
        connection.execute("set disabled_optimizers = 'statistics_propagation'")
        for macro in MACROS:
            connection.execute(macro)
        yield connection
    except duckdb.OutOfMemoryException as error:
        raise WarehouseError(
            f"Reading an export needs more memory than DuckDB may have ({first_line(error)}); nothing of it is loaded; "
            "raise extraction.memory_limit, then run again."
        ) from None
    finally:
        connection.close()
        shutil.rmtree(spill, ignore_errors=True)
