"""A session on Snowflake: the platform's SQL translated, results turned into what every engine returns."""

import json
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.failures import BoomerangError, WarehouseError
from pipelines.warehouse import dialect, snowflake_failures
from pipelines.warehouse.arrow_types import storable
from pipelines.warehouse.session import BATCH_ROWS, Session
from pipelines.warehouse.snowflake_results import names, tuples, typed

if TYPE_CHECKING:  # the client takes three seconds to import, which only those who use it shall wait
    from snowflake.connector import SnowflakeConnection
    from snowflake.connector.cursor import SnowflakeCursor


class SnowflakeSession(Session):
    """A connection of its own. Temporary tables are dropped when the session ends."""

    engine = "snowflake"

    def __init__(self, connection: "SnowflakeConnection", settings: Settings) -> None:
        """Wrap an open connection whose time zone is UTC."""
        self._connection = connection
        self._settings = settings
        self._prefix = settings.snowflake.schema_prefix
        self._in_transaction = False
        self._temporary: set[str] = set()
        self._columns_of: dict[str, list[str]] = {}
        # True when nobody knows what became of the last transaction: the connection is of no use any more.
        self.broken = False

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement and ignore its result."""
        self._run(sql, params).close()

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        with self._run(sql, params) as cursor:
            return tuples(cursor.fetchall(), cursor.description)

    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows as dicts."""
        with self._run(sql, params) as cursor:
            columns = names(cursor.description)
            return [dict(zip(columns, row, strict=True)) for row in tuples(cursor.fetchall(), cursor.description)]

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The whole result as an Arrow table."""
        with self._run(sql, params) as cursor:
            table = cursor.fetch_arrow_all(force_return_table=True, force_microsecond_precision=True)
            return typed(table if table.num_rows else None, cursor.description)

    def batches(self, sql: str, params: Sequence[Any] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result as a stream: parts are fetched as they are asked for."""
        with self._run(sql, params) as cursor:
            for table in cursor.fetch_arrow_batches(force_microsecond_precision=True):
                yield from typed(table, cursor.description).to_batches(max_chunksize=rows)

    def append(self, table: str, data: pa.Table) -> None:
        """Put a Parquet file to a stage and copy it into the table by the names of its columns."""
        if not data.num_rows:
            return
        rows = storable(data, table, "Snowflake")
        target = self._native(table)
        self._require_columns(table, target, data.column_names)
        with tempfile.TemporaryDirectory(prefix="boomerang-") as folder:
            file = Path(folder) / "rows.parquet"
            pq.write_table(rows, file)
            stage = self._stage(table)
            path = f"{stage}/boomerang/{secrets.token_hex(8)}"
            self._send(f"put 'file://{file}' '{path}' auto_compress = false overwrite = true")
        self._send(
            f"copy into {target} from '{path}' file_format = (type = parquet use_logical_type = true) "
            f"match_by_column_name = case_insensitive purge = true"
        )

    def columns(self, schema: str) -> dict[str, list[str]]:
        """Columns of each table and view of a schema, in their order."""
        database = f'"{(self._settings.snowflake.database or "").upper()}"'
        sql = (
            f"select table_name, column_name from {database}.information_schema.columns where table_schema = ? "
            f"order by table_name, ordinal_position"
        )
        found: dict[str, list[str]] = {}
        with self._send(sql, [(self._prefix + schema).upper()]) as cursor:
            for table, column in cursor.fetchall():
                found.setdefault(table.lower(), []).append(column.lower())
        return found

    def exists(self, table: str) -> bool:
        """Whether `schema.name` is a table or view."""
        schema, name = table.split(".")
        database = f'"{(self._settings.snowflake.database or "").upper()}"'
        sql = f"select count(*) from {database}.information_schema.columns where table_schema = ? and table_name = ?"
        with self._send(sql, [(self._prefix + schema).upper(), name.upper()]) as cursor:
            found = cursor.fetchone()
        return bool(found and found[0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Snowflake's own transaction."""
        self._send("begin transaction").close()
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._in_transaction = False
            try:
                self._send("rollback").close()
            except BoomerangError:  # what failed first is what matters, and the service rolls back what it lost
                self.broken = True
            raise
        self._in_transaction = False
        self._send("commit").close()

    def clean(self) -> None:
        """Leave the connection as the next session expects it."""
        for table in sorted(self._temporary):
            self._send(f'drop table if exists "{table.upper()}"').close()
        self._temporary.clear()

    def run(self, sql: str) -> None:
        """A statement in Snowflake's own SQL, for what no other engine has."""
        self._send(sql).close()

    def _run(self, sql: str, params: Sequence[Any]) -> "SnowflakeCursor":
        statement = dialect.statement(sql, params, "snowflake", self._prefix)
        if statement.definition and self._in_transaction:
            # A defect of ours, and a dangerous one: Snowflake would commit what the transaction had written so far.
            raise RuntimeError(f"Inside a transaction there is no room for: {sql}")
        if statement.definition:
            self._columns_of.clear()
        if statement.temporary is not None:
            self._temporary.add(statement.temporary)
        text, values = statement.bound(params)
        return self._send(text, [_bound(value) for value in values])

    def _send(self, text: str, values: Sequence[Any] = ()) -> "SnowflakeCursor":
        from snowflake.connector.errors import Error

        cursor = self._connection.cursor()
        try:
            cursor.execute(text, values or None)
        except Error as error:
            cursor.close()
            raise snowflake_failures.running(error, self._settings, text) from error
        return cursor

    def _require_columns(self, table: str, target: str, given: Sequence[str]) -> None:
        """Copying by name would pass over a column that the table has not, without a word."""
        if table not in self._columns_of:
            with self._send(f"select * from {target} where false") as cursor:
                self._columns_of[table] = names(cursor.description)
        if unknown := [name for name in given if name.lower() not in self._columns_of[table]]:
            raise WarehouseError(f"Table {table} has no column {unknown[0]}; nothing was written.")

    def _native(self, table: str) -> str:
        schema, _, name = table.rpartition(".")
        parts = [self._prefix + schema, name] if schema else [name]
        return ".".join(f'"{part.upper()}"' for part in parts)

    def _stage(self, table: str) -> str:
        """A named internal stage of the settings; else the table's own, which its owner may always write to."""
        it = self._settings.snowflake
        if it.stage is not None and it.landing_url is None:
            return f"@{it.stage}"
        schema, _, name = table.rpartition(".")
        owned = f'"%{name.upper()}"'
        return f'@"{(self._prefix + schema).upper()}".{owned}' if schema else f"@{owned}"


def _bound(value: Any) -> Any:
    """A value as the client is to send it: instants say that they are ones, lists are the text of a JSON array."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            return ("TIMESTAMP_NTZ", value)
        return ("TIMESTAMP_TZ", value.astimezone(UTC))
    if isinstance(value, list | tuple | set | frozenset):
        return json.dumps(list(value))
    return value
