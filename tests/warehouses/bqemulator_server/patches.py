"""Where rewriting a statement is not enough: places of bqemulator 1.4.0 that behave unlike BigQuery.

Runs in the emulator's own environment.
"""

import contextvars
from typing import Any

import duckdb
from bqemulator.jobs import executor
from bqemulator.sql.rewriter import row_access_filter
from bqemulator.storage.engine import DuckDBEngine
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB

SESSION: contextvars.ContextVar[str] = contextvars.ContextVar("session", default="")
_CONNECTIONS: dict[str, duckdb.DuckDBPyConnection] = {}


def sessions_are_apart() -> None:
    """`connection_properties = [session_id]`: the emulator runs every session on one connection.

    Temporary tables and open transactions of one client were those of all. Each session gets a connection of its own.
    """
    shared = DuckDBEngine.connection.fget

    def connection(self: Any) -> duckdb.DuckDBPyConnection:
        session = SESSION.get()
        if not session:
            return shared(self)
        if session not in _CONNECTIONS:
            own = shared(self).cursor()
            own.execute("set timezone = 'UTC'")
            _CONNECTIONS[session] = own
        return _CONNECTIONS[session]

    DuckDBEngine.connection = property(connection)


def parquet_is_matched_by_name() -> None:
    """A load job of Parquet: the emulator takes columns by position; BigQuery by name, with null for missing ones."""

    def load(path: str, target: str, context: Any) -> None:
        context.engine.execute(f"insert into {target} by name select * from read_parquet(?)", [path])

    executor._LOAD_FORMAT_HANDLERS["PARQUET"] = load


def numeric_holds_nine_decimals() -> None:
    """`cast(x as numeric)`: DuckDB's own default, three decimals, came through. NUMERIC is decimal(38, 9)."""
    generate = DuckDB.Generator.datatype_sql

    def datatype_sql(self: Any, expression: exp.DataType) -> str:
        if expression.this == exp.DataType.Type.DECIMAL and not expression.expressions:
            return "DECIMAL(38, 9)"
        return generate(self, expression)

    DuckDB.Generator.datatype_sql = datatype_sql


def views_know_their_tables() -> None:
    """`select * from view`: the emulator puts the view's text in its place, to look at policies of rows.

    There a CTE of the reader hides the view's table of that name, and a chain of views is parsed anew at each reading.
    DuckDB has the view as well, and there are no policies.
    """

    def left_alone(*_: Any, **__: Any) -> bool:
        return False

    row_access_filter._Rewriter._expand_view = left_alone


def apply() -> None:
    """Put all in place."""
    views_know_their_tables()
    sessions_are_apart()
    parquet_is_matched_by_name()
    numeric_holds_nine_decimals()
