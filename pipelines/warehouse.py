"""The only place that knows DuckDB, Snowflake and BigQuery apart.

DuckDB has one writing process, and it shuts readers out too: a session opens the file, does its work and closes it.
Sessions of one process share the file, so a thread may write while another reads.
"""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseError, WarehouseLocked

RAW_SCHEMAS = ("raw_shopify",)
OPS_SCHEMA = "ops"
SCORES_SCHEMA = "scores"
# A dbt step or another run may hold the file for tens of seconds; after that a person should know.
LOCK_PATIENCE_SECONDS = 60.0
LOCK_RETRY_SECONDS = 0.25


@dataclass
class _OpenFile:
    """A file that sessions of this process have open, and how many of them there are."""

    connection: duckdb.DuckDBPyConnection
    sessions: int = 0


# One thread closing the file while another opens it is refused by DuckDB: both happen under this lock.
_OPENING = threading.Lock()
_OPEN_FILES: dict[str, _OpenFile] = {}


class Session:
    """A connection in use. Statements use `?` placeholders."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Wrap an open connection; made by `Warehouse.session`."""
        self._connection = connection

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection itself, for libraries that take one."""
        return self._connection

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement and ignore its result."""
        self._run(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows as tuples; for small results."""
        return self._run(sql, params).fetchall()

    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows as dicts; for small results."""
        result = self._run(sql, params)
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The whole result as an Arrow table."""
        return self._relation(sql, params).to_arrow_table()

    def batches(self, sql: str, params: Sequence[Any] = (), rows: int = 50_000) -> Iterator[pa.RecordBatch]:
        """The result as a stream of Arrow batches of at most `rows` rows."""
        yield from self._relation(sql, params).to_arrow_reader(rows)

    def append(self, table: str, data: pa.Table) -> None:
        """Append an Arrow table to an existing table (`schema.name`), matching columns by name."""
        self._connection.register("_appended", data)
        try:
            self._run(f"insert into {table} by name select * from _appended", ())
        finally:
            self._connection.unregister("_appended")

    def exists(self, table: str) -> bool:
        """Whether `schema.name` is a table or view."""
        schema, name = table.split(".")
        sql = "select count(*) from information_schema.tables where table_schema = ? and table_name = ?"
        return bool(self.rows(sql, (schema, name))[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside become visible together, or not at all."""
        self._connection.execute("begin transaction")
        try:
            yield
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    def _relation(self, sql: str, params: Sequence[Any]) -> Any:
        # Not through execute(): Arrow output of a DB-API result makes an extra copy of the rows.
        return self._connection.sql(sql, params=list(params)) if params else self._connection.sql(sql)

    def _run(self, sql: str, params: Sequence[Any]) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(sql, params) if params else self._connection.execute(sql)


class Warehouse:
    """Where all tables live. Cheap to make: nothing is opened before `session`."""

    def __init__(self, settings: Settings, *, lock_patience_seconds: float = LOCK_PATIENCE_SECONDS) -> None:
        """Refuse a warehouse that this build cannot drive yet, by name."""
        if settings.warehouse != "duckdb":
            raise ConfigurationError(
                f"Setting warehouse is '{settings.warehouse}', which this version cannot run on yet; "
                "set it to 'duckdb'."
            )
        self._settings = settings
        self._patience = lock_patience_seconds

    @property
    def engine(self) -> str:
        """'duckdb', 'snowflake' or 'bigquery'."""
        return self._settings.warehouse

    @contextmanager
    def session(self, *, memory_limit: str | None = None) -> Iterator[Session]:
        """Open the warehouse, and close it at exit. All instants are UTC; `memory_limit` is DuckDB's, such as '512MB'.

        Raises WarehouseLocked when another process keeps the file longer than the patience, WarehouseError when the
        file is not a DuckDB database or was written by a newer DuckDB.
        """
        with self._connected() as connection:
            if memory_limit is not None:
                connection.execute(f"set memory_limit = '{memory_limit}'")
                # Bulk loads do not need the order of their rows, and would hold them in memory to keep it.
                connection.execute("set preserve_insertion_order = false")
            yield Session(connection)

    @property
    def landing_folder(self) -> Path:
        """Where files land that DuckDB reads in place."""
        return self._settings.data_dir / "landing"

    def landing_destination(self) -> Any:  # dlt's factories have no common public type
        """The destination to which dlt brings files that are then committed from."""
        import dlt  # imported late: reverse ETL uses this module and must not load dlt

        return dlt.destinations.filesystem(bucket_url=self.landing_folder.absolute().as_uri())

    def landed(self, dataset: str, table: str, load_id: str) -> str:
        """SQL of the rows of a table that one load of dlt brought to the landing."""
        files = self.landing_folder.absolute() / dataset / table / f"{load_id}.*.parquet"
        return "read_parquet('" + str(files).replace("'", "''") + "')"

    @contextmanager
    def _connected(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the file, which the sessions of this process open once and close together."""
        path = str(self._settings.duckdb_path.absolute())
        with _OPENING:
            if path not in _OPEN_FILES:
                _OPEN_FILES[path] = _OpenFile(self._open())
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

    def _open(self) -> duckdb.DuckDBPyConnection:
        path = self._settings.duckdb_path
        path.parent.mkdir(parents=True, exist_ok=True)
        give_up_at = time.monotonic() + self._patience
        while True:
            try:
                connection = duckdb.connect(str(path))
            except duckdb.IOException as error:
                if "lock" not in str(error).lower():
                    raise WarehouseError(f"The warehouse file {path} cannot be opened: {_first_line(error)}.") from None
                if time.monotonic() >= give_up_at:
                    raise WarehouseLocked(
                        f"The warehouse file {path} is locked by another process ({_holder(error)}) for more than "
                        f"{self._patience:.0f} seconds; wait for that run or close that program, then try again."
                    ) from None
                time.sleep(LOCK_RETRY_SECONDS)
                continue
            for schema in (*RAW_SCHEMAS, OPS_SCHEMA, SCORES_SCHEMA):
                connection.execute(f"create schema if not exists {schema}")
            return connection


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0].rstrip(".")


def _holder(error: Exception) -> str:
    process = re.search(r"PID \d+", str(error))
    return process.group() if process else "unknown process"
