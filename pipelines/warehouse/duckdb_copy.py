"""A DuckDB file without what was deleted from it.

DuckDB marks deleted rows and, at a checkpoint, frees their blocks; the bytes stay in the file until something else is
written there. A copy of the database has none of them. It is made beside the file and renamed over it while the file is
still held: a crash leaves either the old file or the new one, and a copy that was begun is removed by the next one.
"""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb

SUFFIX = ".rewritten.part"


def replace_by_copy(path: Path, connection: duckdb.DuckDBPyConnection, checkpoint: Callable[[str], None]) -> None:
    """Rewrite the file that `connection` alone holds, and close it.

    The log of writes is emptied first and nothing is written after, so that the name of no log outlives the file that
    it belongs to.
    """
    fresh = path.with_name(f"{path.name}{SUFFIX}")
    try:
        for left in (fresh, _log_of(fresh)):
            left.unlink(missing_ok=True)
        connection.execute("force checkpoint")
        # Rows lie in an order that scans pass over blocks by.
        connection.execute("set preserve_insertion_order = true")
        connection.execute(f"attach {_quoted(fresh)} as fresh_copy")
        (name,) = connection.execute("select current_database()").fetchall()[0]
        connection.execute(f'copy from database "{name}" to fresh_copy')
        connection.execute("checkpoint fresh_copy")
        connection.execute("detach fresh_copy")
        checkpoint("copied")
        _log_of(path).unlink(missing_ok=True)  # empty since the checkpoint
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        checkpoint("swapped")
    finally:
        connection.close()
        fresh.unlink(missing_ok=True)


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _quoted(path: Path) -> str:
    return "'" + str(path.absolute()).replace("'", "''") + "'"
