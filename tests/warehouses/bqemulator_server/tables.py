"""What bqemulator 1.4.0 tells of tables that it does not keep up with.

Runs in the emulator's own environment.
"""

from typing import Any

import pyarrow as pa
import sqlglot
from bqemulator.catalog import ddl_sync
from bqemulator.storage import arrow_bridge
from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB


def altered_tables_are_described_anew() -> None:
    """`alter table t add column c string`: the table has it, its description in the API and in COLUMNS had not."""
    detect = ddl_sync._detect_plain_create_table

    def detected(sql: str) -> Any:
        if sql.lstrip().lower().startswith("alter table"):
            tree = sqlglot.parse_one(sql, read="bigquery")
            return tree.this if isinstance(tree, exp.Alter) else None
        return detect(sql)

    ddl_sync._detect_plain_create_table = detected


def bignumeric_is_told_from_numeric() -> None:
    """A column bignumeric(38, 10) was described as NUMERIC, and a cast to it cut all but three decimals."""

    def is_big(kind: Any) -> bool:
        return bool(pa.types.is_decimal(kind)) and (kind.scale > 9 or kind.precision - kind.scale > 29)

    names = arrow_bridge._ARROW_SCALAR_TO_BQ_NAME
    arrow_bridge._ARROW_SCALAR_TO_BQ_NAME = ((is_big, "BIGNUMERIC"), *names)
    generate = DuckDB.Generator.datatype_sql

    def datatype_sql(self: Any, expression: exp.DataType) -> str:
        if expression.this == exp.DataType.Type.BIGDECIMAL and not expression.expressions:
            return "DECIMAL(38, 10)"
        return generate(self, expression)

    DuckDB.Generator.datatype_sql = datatype_sql


def apply() -> None:
    """Put all in place."""
    altered_tables_are_described_anew()
    bignumeric_is_told_from_numeric()
