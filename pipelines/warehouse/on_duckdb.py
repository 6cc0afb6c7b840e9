"""DuckDB, in this process.

It has one writing process, and it shuts readers out too: a session opens the file, does its work and closes it.
Sessions of one process share the file, so a thread may write while another reads.
"""

import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.failures import WarehouseError, WarehouseLocked, first_line
from pipelines.warehouse.duckdb_copy import replace_by_copy
from pipelines.warehouse.engine import PLATFORM_SCHEMAS, Engine
from pipelines.warehouse.session import BATCH_ROWS, Session

# A dbt step or another run may hold the file for tens of seconds; after that a person should know.
LOCK_PATIENCE_SECONDS = 60.0
LOCK_RETRY_SECONDS = 0.25
LIMITED_THREADS = 2
_INSERT = re.compile(r"\s*insert\s+into\s+([\w.]+)", re.IGNORECASE)


@dataclass
class _OpenFile:
    """A file that sessions of this process have open, and how many of them there are."""

    connection: duckdb.DuckDBPyConnection
    sessions: int = 0


# One thread closing the file while another opens it is refused by DuckDB: both happen under this lock.
_OPENING = threading.Lock()
_OPEN_FILES: dict[str, _OpenFile] = {}
# How many threads work is a setting of the file, which its sessions share: one changes it at a time.
_THREADS = threading.Lock()


class DuckDBSession(Session):
    """A connection to the file."""

    engine = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap an open connection."""
        self._connection = connection
        # Tables, in the transaction that is open; None outside of one.
        self._inserted_nothing: set[str] | None = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, for work that is DuckDB's alone."""
        return self._connection

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement and ignore its result."""
        insert = _INSERT.match(sql)
        if insert is None:
            self._run(sql, params)
        else:
            self._insert(insert.group(1), sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        return self._run(sql, params).fetchall()

    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows as dicts."""
        result = self._run(sql, params)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The whole result as an Arrow table."""
        return self._relation(sql, params).to_arrow_table()

    def batches(self, sql: str, params: Sequence[Any] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result as a stream of Arrow batches."""
        yield from self._relation(sql, params).to_arrow_reader(rows)

    def append(self, table: str, data: pa.Table) -> None:
        """Insert by name; DuckDB reads the Arrow table in place."""
        self._connection.register("_appended", data)
        try:
            self._insert(table, f"insert into {table} by name select * from _appended", ())
        finally:
            self._connection.unregister("_appended")

    def columns(self, schema: str) -> dict[str, list[str]]:
        """Columns of each table and view of a schema, in their order."""
        sql = """select table_name, column_name from information_schema.columns where table_schema = ?
                 order by table_name, ordinal_position"""
        found: dict[str, list[str]] = {}
        for table, column in self.rows(sql, (schema,)):
            found.setdefault(table, []).append(column)
        return found

    def exists(self, table: str) -> bool:
        """Whether `schema.name` is a table or view."""
        schema, name = table.split(".")
        sql = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
        return bool(self.rows(sql, (schema, name))[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """DuckDB's own transaction."""
        self._connection.execute("begin transaction")
        self._inserted_nothing = set()
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        finally:
            self._inserted_nothing = None
        self._connection.execute("commit")

    def _insert(self, table: str, sql: str, params: Sequence[Any]) -> None:
        """Insert so that the rows are seen.

        DuckDB 2.0.0 loses sight of a large insert by several threads that follows, in one transaction, an insert of no
        rows into the same table: filters and groups miss the rows until the file is opened again. One thread does not.
        """
        nothing = self._inserted_nothing
        with self._one_thread() if nothing is not None and table in nothing else nullcontext():
            inserted = self._run(sql, params).fetchall()
        if nothing is not None and inserted == [(0,)]:
            nothing.add(table)

    @contextmanager
    def _one_thread(self) -> Iterator[None]:
        with _THREADS:
            (threads,) = self.rows("select current_setting('threads')")[0]
            self._connection.execute("set threads = 1")
            try:
                yield
            finally:
                self._connection.execute(f"set threads = {threads}")

    def _relation(self, sql: str, params: Sequence[Any]) -> Any:
        # Not through execute(): Arrow output of a DB-API result makes an extra copy of the rows.
        return self._connection.sql(sql, params=list(params)) if params else self._connection.sql(sql)

    def _run(self, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql, params) if params else self._connection.execute(sql)


class OnDuckDB(Engine):
    """The embedded warehouse: a file, and beside it a folder of Parquet that it reads in place."""

    name = "duckdb"
    landing_workers = 1

    def __init__(self, settings: Settings, lock_patience_seconds: float) -> None:
        """Nothing is opened yet."""
        self._path = settings.duckdb_path
        self._landing = settings.data_dir / "landing"
        self._patience = lock_patience_seconds

    @contextmanager
    def session(self, memory_limit: str | None) -> Iterator[Session]:
        """A connection of its own to the file."""
        with self._connected() as connection:
            if memory_limit is not None:
                connection.execute(f"set memory_limit = '{memory_limit}'")
                # Each thread fills a row group of its own, which is memory: as many as the limit was measured with.
                connection.execute(f"set threads = {LIMITED_THREADS}")
            try:
                yield DuckDBSession(connection)
            except duckdb.OutOfMemoryException as error:
                raise WarehouseError(
                    f"DuckDB needs more memory than it may have ({first_line(error)}); nothing of it is written; "
                    "raise extraction.load_memory_limit, or give the machine more, then run again."
                ) from None

    def landing_dataset(self, source: str) -> str:
        """The folder's name."""
        return source

    def landing_destination(self) -> Any:
        """A folder: DuckDB reads Parquet as fast as its own tables, so rows are written into the file once."""
        import dlt  # imported late: reverse ETL uses this module and must not load dlt

        return dlt.destinations.filesystem(bucket_url=self._landing.absolute().as_uri())

    def landed(self, source: str, table: str, load_id: str) -> str:
        """The files of the load."""
        files = self._landing.absolute() / source / table / f"{load_id}.*.parquet"
        return "read_parquet('" + str(files).replace("'", "''") + "')"

    def forget_landed(self, source: str) -> None:
        """Remove the folder."""
        shutil.rmtree(self._landing / source, ignore_errors=True)

    def forget_deleted(self, checkpoint: Callable[[str], None]) -> bool:
        """Copy the file and put the copy in its place: a checkpoint leaves deleted rows in blocks that are free."""
        with _OPENING:
            if str(self._path.absolute()) in _OPEN_FILES:
                raise WarehouseLocked(f"The warehouse file {self._path} is in use by this process; try again.")
            replace_by_copy(self._path, _open(self._path, self._patience), checkpoint)
        return True

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the file, which the sessions of this process open once and close together."""
        path = str(self._path.absolute())
        with _OPENING:
            if path not in _OPEN_FILES:
                _OPEN_FILES[path] = _OpenFile(_open(self._path, self._patience))
            file = _OPEN_FILES[path]
            file.sessions += 1
        try:
            connection = file.connection.cursor()
            try:
                connection.execute("set timezone = 'UTC'")
                yield connection
            finally:
                connection.close()
        finally:
            with _OPENING:
                file.sessions -= 1
                if not file.sessions:
                    del _OPEN_FILES[path]
                    file.connection.close()


def _open(path: Path, patience: float) -> duckdb.DuckDBPyConnection:
    path.parent.mkdir(parents=True, exist_ok=True)
    give_up_at = time.monotonic() + patience
    while True:
        try:
            connection = duckdb.connect(str(path))
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise WarehouseError(f"The warehouse file {path} cannot be opened: {first_line(error)}.") from None
            if time.monotonic() >= give_up_at:
                raise WarehouseLocked(
                    f"The warehouse file {path} is locked by another process ({_holder(error)}) for more than "
                    f"{patience:.0f} seconds; wait for that run or close that program, then try again."
                ) from None
            time.sleep(LOCK_RETRY_SECONDS)
            continue
        # Bulk loads do not need the order of their rows, and would hold them in memory to keep it.
        connection.execute("set preserve_insertion_order = false")
        # DuckDB 2.0.0 ends the database over some joins of a large table with a small one that this optimizer, new in
        # 2.0, rearranges ("dict-surviving join", its issue 24807). The dbt profile leaves it out too.
        connection.execute("set disabled_optimizers = 'projection_pullup'")
        for schema in PLATFORM_SCHEMAS:
            connection.execute(f"create schema if not exists {schema}")
        return connection


def _holder(error: Exception) -> str:
    process = re.search(r"PID \d+", str(error))
    return process.group() if process else "unknown process"
