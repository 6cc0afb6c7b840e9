"""The bound for extraction: DuckDB reads an export with declared columns into typed tables, as fast as it can.

The same lines, tables, columns and types as ours, and nothing else: no rule, key, count, dead letter or state.
"""

from pathlib import Path

import duckdb

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier
from pipelines.door.groups import LineGroup, entity_layout
from pipelines.door.reader import ExportFile, exploded

THREADS = 2
# The transforms of the contract without their checks.
UNCHECKED = (
    "create or replace temp macro strict_gid(gid) as cast(split_part(split_part(gid, '/', 5), '?', 1) as bigint)",
    "create or replace temp macro strict_integer(digits) as cast(digits as bigint)",
)


def read_into_tables(database: Path, contract: Contract, entity: str, path: Path) -> dict[str, int]:
    """Create and fill the tables of an entity, each type of line read once; the number of rows of each table."""
    file = ExportFile(path)
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"set threads = {THREADS}")
        connection.execute("set preserve_insertion_order = false")
        connection.execute("set timezone = 'UTC'")
        for macro in UNCHECKED:
            connection.execute(macro)
        connection.execute("begin transaction")
        rows: dict[str, int] = {}
        for group in entity_layout(contract, entity).groups:
            rows |= _read(connection, group, file)
        connection.execute("commit")
    return rows


def _read(connection: duckdb.DuckDBPyConnection, group: LineGroup, file: ExportFile) -> dict[str, int]:
    wanted = ", ".join(f"{sql} as {identifier(name)}" for sql, name in [*group.line_columns(), *group.lists()])
    lines = f"(select {wanted} from {file.read(group.shape, group.typenames)})"
    if group.exploded:
        connection.execute(f"create temp table lines as {lines}")
        lines = "lines"
    rows: dict[str, int] = {}
    if group.main is not None:
        rows |= _create(connection, group.main, group.main_columns(), lines)
    for table in group.exploded:
        rows |= _create(connection, table, group.element_columns(table), f"({exploded(group, table, lines)})")
    if group.exploded:
        connection.execute("drop table lines")
    return rows


def _create(connection: duckdb.DuckDBPyConnection, table: Table, columns: str, rows: str) -> dict[str, int]:
    created = connection.execute(f"create table {table.name} as select 'us' as shop, {columns} from {rows}").fetchall()
    return {table.name: int(created[0][0])} if created[0][0] else {}
