"""What a file says: SQL of the rows of each table of the contract, and what the manifest keeps about it."""

from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, text
from pipelines.contracts.types import duckdb_type
from pipelines.threepl_settings import FilePartner

ASSUMED, CONFIGURED = "assumed", "config"


@dataclass(frozen=True)
class Content:
    """A file that was read and found whole.

    `tables` is SQL over the connection it was read with, by table. `rows` are its data lines. `snapshots` is the
    instant of each warehouse's stock, if the file tells stock. `control_number` is the sender's, if there is one.
    """

    entities: tuple[str, ...]
    tables: dict[str, str]
    warehouses: tuple[str, ...]
    rows: int
    control_number: str | None = None
    snapshots: dict[str, datetime] = field(default_factory=dict)


def zones(partner: FilePartner, codes: tuple[str, ...]) -> pa.Table:
    """Zone of each warehouse, and where it comes from: its own setting, or assumed to be the partner's."""
    rows: list[tuple[str, str | None, str]] = []
    for code in sorted({*codes, *partner.warehouses}):
        known = partner.warehouses.get(code)
        zone = partner.zone if known is None or known.zone is None else known.zone
        rows.append((code, zone, ASSUMED if known is None else CONFIGURED))
    schema = pa.schema([(name, pa.string()) for name in ("warehouse_code", "zone", "zone_source")])
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def arrow_of(
    connection: duckdb.DuckDBPyConnection, contract: Contract, tables: dict[str, str], file_id: str
) -> dict[str, pa.Table]:
    """The rows as Arrow tables with exactly the contract's columns and types, in its order."""
    found: dict[str, pa.Table] = {}
    for table in contract.tables:
        if table.name in tables:
            found[table.name] = connection.sql(
                _projected(connection, table, tables[table.name], file_id)
            ).to_arrow_table()
    return {name: rows for name, rows in found.items() if rows.num_rows}


def _projected(connection: duckdb.DuckDBPyConnection, table: Table, sql: str, file_id: str) -> str:
    present = {column[0] for column in connection.execute(f"describe {sql}").fetchall()}
    values = []
    for column in table.columns:
        value = identifier(column.name) if column.name in present else "null"
        if column.name == "file_id":
            value = text(file_id)
        values.append(f"cast({value} as {duckdb_type(column)}) as {identifier(column.name)}")
    return f"select {', '.join(values)} from ({sql})"
