"""Where rewriting a statement is not enough: five places of fakesnow 0.12.1 that behave unlike Snowflake.

Runs in the emulator's own environment.
"""

import contextlib
from typing import Any

import duckdb
import fakesnow.transforms
import sqlglot
from fakesnow.cursor import FakeSnowflakeCursor
from fakesnow.transforms.merge import operations
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB


def a_failed_statement_leaves_the_session_usable() -> None:
    """DuckDB refuses everything after a failed statement of a transaction until it is rolled back; Snowflake goes on.

    The transaction is rolled back here, which is what the platform and dbt do next.
    """
    execute = FakeSnowflakeCursor.execute

    def rolled_back(self: Any, command: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return execute(self, command, *args, **kwargs)
        except BaseException:
            with contextlib.suppress(duckdb.Error):
                self._duck_conn.rollback()
            self._conn._in_transaction = False
            raise

    FakeSnowflakeCursor.execute = rolled_back


def merge_is_one_statement() -> None:
    """`merge into ... using ... when matched ...`: the emulator takes it apart into several through a temporary table.

    That refuses qualified and ambiguous names, and breaks inside a transaction. DuckDB has MERGE itself.
    """
    fakesnow.transforms.merge = _merge


def _merge(expression: Any) -> list[Any]:
    if not isinstance(expression, exp.Merge):
        return [expression]
    merge = expression.copy()
    source = merge.args["using"].alias_or_name
    for when in merge.args["whens"]:
        then = when.args.get("then")
        if isinstance(then, exp.Insert) and isinstance(then.expression, exp.Tuple):
            for column in then.expression.find_all(exp.Column):
                if not column.table:
                    column.set("table", exp.to_identifier(source))
        if isinstance(then, exp.Update):
            for assignment in then.expressions:
                if isinstance(assignment.this, exp.Column):
                    assignment.this.set("table", None)
    counts = [f'0 as "number of rows {kind}"' for kind, found in operations(expression).items() if found]
    answer = sqlglot.parse_one("select " + ", ".join(counts))
    answer.set("merge_counts", True)
    return [merge, answer]


def sums_of_decimals_are_decimals() -> None:
    """`sum(amount)` of NUMBER(18, 4): the emulator reads every argument as text that may be a number, as a float.

    That a sum of text is refused here, and not on Snowflake, is the smaller difference.
    """
    fakesnow.transforms.numeric_agg_implicit_cast = lambda expression: expression


def trims_trim_what_they_are_told() -> None:
    """`rtrim(x, '0')`: the emulator casts the text, and forgets which characters, and at which end."""
    fakesnow.transforms.trim_cast_varchar = lambda expression: expression


def zones_hold_for_the_whole_instant() -> None:
    """`convert_timezone('UTC', dateadd(minute, n, at))`: comes out as `at + interval (n) minute at time zone 'UTC'`.

    There the zone is the interval's. The instant gets brackets.
    """
    generate = DuckDB.Generator.attimezone_sql

    def attimezone_sql(self: Any, expression: exp.AtTimeZone) -> str:
        if not isinstance(expression.this, exp.Column | exp.Cast | exp.Paren):
            expression = exp.AtTimeZone(this=exp.paren(expression.this), zone=expression.args["zone"])
        return generate(self, expression)

    DuckDB.Generator.attimezone_sql = attimezone_sql


def apply() -> None:
    """Put all in place."""
    a_failed_statement_leaves_the_session_usable()
    merge_is_one_statement()
    sums_of_decimals_are_decimals()
    trims_trim_what_they_are_told()
    zones_hold_for_the_whole_instant()
