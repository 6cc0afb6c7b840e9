"""Reads entities from an ERP's database, each in one read-only transaction, so that head and lines belong together.

Rows are streamed by a cursor of the server's and counted by a query of its own in the same transaction. dlt's
sql_database reads tables, one at a time, by a cursor column: it knows neither queries of several tables as of one
moment nor the count that a window is proven by, so SQLAlchemy is used by itself.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError

from pipelines.contracts.odcs import Table
from pipelines.erp.queries import CURSOR, WINDOW, ErpQuery
from pipelines.erp.reading import Asked, Delivered, Span
from pipelines.erp.sql.batches import batches, check_columns, schema_of
from pipelines.erp_settings import SqlErp
from pipelines.failures import (
    AuthenticationFailed,
    ConfigurationError,
    IncompleteExtraction,
    InvalidQuery,
    SourceError,
    SourceUnavailable,
    first_line,
    shortened,
)
from pipelines.intake.clock import Clock, SystemClock

ATTEMPTS = 3
PAUSE_SECONDS = 2.0
# What databases say about a login, in the words of their drivers.
_LOGIN = ("password", "authentication", "access denied", "login failed", "role ")
_READ_ONLY = {
    "postgresql": ("set transaction isolation level repeatable read read only",),
    "mysql": (
        "set transaction isolation level repeatable read",
        "start transaction with consistent snapshot, read only",
    ),
    "mariadb": ("start transaction with consistent snapshot, read only",),
    "sqlite": ("pragma query_only = on", "begin"),
}

Result = TypeVar("Result")


class SqlReader:
    """A Reader of one database."""

    def __init__(self, erp: SqlErp, *, clock: Clock | None = None) -> None:
        """Nothing is opened yet; ConfigurationError for an address that names no database."""
        self._erp = erp
        self._clock = clock or SystemClock()
        try:
            self._engine = sa.create_engine(
                "" if erp.url is None else erp.url.get_secret_value(), poolclass=sa.NullPool
            )
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise ConfigurationError(
                f"The address of erp {erp.name} names no database that can be read here ({first_line(error)}); correct "
                f"BOOMERANG_ERP__{erp.name.upper()}__URL, or install the driver."
            ) from None
        # One reading at a time: the ERP's users come first.
        self._turn = asyncio.Lock()

    async def now(self) -> datetime:
        """The database's clock."""
        return await self._patiently(self._now, "the time")

    async def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    async def read(self, asked: Asked, folder: Path, advance: Callable[[int], None]) -> Delivered:
        """Read all tables of an entity in one transaction; one that breaks off is begun anew."""
        return await self._patiently(lambda: self._read(asked, folder, advance), asked.entity)

    async def _patiently(self, work: Callable[[], Result], what: str) -> Result:
        async with self._turn:
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    return await asyncio.to_thread(work)
                except SQLAlchemyError as error:
                    failure = self._failure(error, what)
                    if attempt == ATTEMPTS or not isinstance(failure, SourceUnavailable):
                        raise failure from None
                await self._clock.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError("the last attempt returns or raises")

    def _now(self) -> datetime:
        with self._transaction() as connection:
            found: Any = connection.execute(sa.text("select current_timestamp")).scalar_one()
        at = found if isinstance(found, datetime) else datetime.fromisoformat(str(found))
        # SQLite's clock is UTC, whatever its rows are in.
        zone = UTC if self._engine.dialect.name == "sqlite" else ZoneInfo(self._erp.database_time_zone)
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)

    def _read(self, asked: Asked, folder: Path, advance: Callable[[int], None]) -> Delivered:
        files, expected = {}, 0
        with self._transaction() as connection:
            for table, query in asked.tables:
                statement, values = self._statement(query, asked.span, asked.span.end)
                files[table.name] = folder / f"{table.name}.parquet"
                arrived = self._stream(connection, statement, values, table, files[table.name], advance)
                count = sa.text(f"select count(*) from ({statement}) as counted")
                counted = int(connection.execute(self._bound(count, values), values).scalar_one())
                if arrived != counted:
                    raise IncompleteExtraction(
                        f"The database of erp {self._erp.name} gave {arrived:,} rows of {table.name} and counts "
                        f"{counted:,}; nothing of {asked.entity} was loaded, run again."
                    )
                expected += counted
            (root, query), end = asked.tables[0], asked.span.end
            if not query.is_incremental:
                return Delivered(files, expected)
            there = self._keys(connection, root, *self._statement(query, None, end))
            settled = self._keys(connection, root, *self._statement(query, Span(asked.since, end), end))
        return Delivered(files, expected, there, settled)

    def _keys(self, connection: sa.Connection, table: Table, statement: str, values: dict[str, Any]) -> int:
        """How many rows of a table there are; a join of the query may repeat them."""
        keys = f"select distinct {', '.join(table.key)} from ({statement}) as counted"
        count = self._bound(sa.text(f"select count(*) from ({keys}) as keys"), values)
        return int(connection.execute(count, values).scalar_one())

    def _stream(
        self,
        connection: sa.Connection,
        statement: str,
        values: dict[str, Any],
        table: Table,
        path: Path,
        advance: Callable[[int], None],
    ) -> int:
        streaming = connection.execution_options(stream_results=True, max_row_buffer=self._erp.batch_rows)
        result = streaming.execute(self._bound(sa.text(statement), values), values)
        names: list[Any] = list(result.keys())
        columns, arrived = [str(name).lower() for name in names], 0
        check_columns(table, columns)

        def fetched() -> Iterator[Sequence[Any]]:
            while rows := result.fetchmany(self._erp.batch_rows):
                yield rows

        with pq.ParquetWriter(path, schema_of(columns)) as writer:
            for batch in batches(fetched(), table, columns, self._erp.database_time_zone):
                writer.write_batch(batch)
                arrived += batch.num_rows
                advance(batch.num_rows)
        return arrived

    def _statement(self, query: ErpQuery, span: Span | None, now: datetime) -> tuple[str, dict[str, Any]]:
        """The SQL of a window (None: of all there is) and its values: instants as readings of the database's clock."""
        settings = {
            "order_reference_field": self._erp.order_reference_field,
            "base_currency": self._erp.base_currency,
            "now": now.astimezone(UTC).isoformat(),
        }
        text, values, condition = query.filled(settings).replace(CURSOR, ""), dict[str, Any](), ""
        if query.is_incremental and span is not None:
            zone = ZoneInfo(self._erp.database_time_zone)
            if span.start is not None:
                condition = f" and {query.order[0]} >= :window_from"
                values["window_from"] = span.start.astimezone(zone).replace(tzinfo=None)
            condition += f" and {query.order[0]} < :window_to"
            values["window_to"] = span.end.astimezone(zone).replace(tzinfo=None)
        return text.replace(WINDOW, condition), values

    def _bound(self, statement: sa.TextClause, values: dict[str, Any]) -> sa.TextClause:
        return statement.bindparams(*(sa.bindparam(name, type_=sa.DateTime()) for name in values))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """A connection that can change nothing and sees one moment, as far as the database has such a thing."""
        with self._engine.connect() as connection:
            dialect = self._engine.dialect.name
            for statement in _READ_ONLY.get(dialect, ()):
                connection.exec_driver_sql(statement)
            if dialect == "postgresql":
                connection.execute(sa.select(sa.func.set_config("timezone", self._erp.database_time_zone, True)))
            try:
                yield connection
            finally:
                if not connection.invalidated and not connection.closed:
                    connection.rollback()

    def _failure(self, error: SQLAlchemyError, what: str) -> SourceError:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        said, named = shortened(first_line(cause)), f"The database of erp {self._erp.name}"
        if isinstance(error, OperationalError) and any(word in said.lower() for word in _LOGIN):
            return AuthenticationFailed(
                f"{named} refuses the login ({said}); nothing was loaded: correct "
                f"BOOMERANG_ERP__{self._erp.name.upper()}__URL, then run again."
            )
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or (isinstance(error, OperationalError) and not _is_about_the_query(error)):
            return SourceUnavailable(
                f"{named} cannot be reached, or broke off while {what} was read ({said}); nothing of it was loaded: "
                f"check the database, then run again."
            )
        return InvalidQuery(
            f"{named} rejects the query of {what} ({said}); nothing of it was loaded: correct the query or the setting "
            f"that it uses, then run again."
        )


def _is_about_the_query(error: OperationalError) -> bool:
    """SQLite calls a column that is not there an operational error, like a file that is not there."""
    said = str(error.orig).lower()
    return any(word in said for word in ("no such column", "no such table", "syntax error", "no such function"))
