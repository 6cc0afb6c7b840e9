"""What files say: the rows of each table of the contract, and what the manifest keeps about each file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier
from pipelines.contracts.types import duckdb_type
from pipelines.threepl.problems import FeedRefused
from pipelines.threepl_settings import FilePartner

# Which file of the run a row is from.
FILE_NO = "file_no_"
ASSUMED, CONFIGURED = "assumed", "config"


@dataclass(frozen=True)
class Content:
    """What the manifest keeps of a file that was read and found whole.

    `rows` are its data lines. `snapshots` is the instant of each warehouse's stock, if the file tells stock.
    `control_number` is the sender's, if there is one.
    """

    entities: tuple[str, ...]
    warehouses: tuple[str, ...]
    rows: int
    control_number: str | None = None
    snapshots: dict[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Incoming:
    """A file to read: its number in the run (the newest has the highest), its place, its id, when it was written."""

    number: int
    path: Path
    file_id: str
    made_at: datetime


@dataclass
class Batch:
    """Files of one feed, read together: what each says, or why it is refused, by number, and the rows of all of them.

    Tables have the contract's columns and `file_no_`; rows of refused files are among them.
    """

    contents: dict[int, Content] = field(default_factory=dict)
    refusals: dict[int, FeedRefused] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)


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
    connection: duckdb.DuckDBPyConnection, contract: Contract, tables: Mapping[str, str], *, by_file: bool = False
) -> dict[str, pa.Table]:
    """The rows of SQL by table, as Arrow tables with exactly the contract's columns and types, in its order.

    `by_file`: the SQL has the column `file_no_`, which is kept, and a table `files` says each number's `file_id`.
    """
    found: dict[str, pa.Table] = {}
    for table in contract.tables:
        if table.name in tables:
            sql = _projected(connection, table, tables[table.name], by_file=by_file)
            found[table.name] = connection.sql(sql).to_arrow_table()
    return {name: rows for name, rows in found.items() if rows.num_rows}


def _projected(connection: duckdb.DuckDBPyConnection, table: Table, sql: str, *, by_file: bool) -> str:
    rows = f"select * from ({sql}) join (select file_no_, file_id from files) using (file_no_)" if by_file else sql
    present = {column[0] for column in connection.execute(f"describe {rows}").fetchall()}
    values = [FILE_NO] if by_file else []
    for column in table.columns:
        value = identifier(column.name) if column.name in present else "null"
        values.append(f"cast({value} as {duckdb_type(column)}) as {identifier(column.name)}")
    return f"select {', '.join(values)} from ({rows})"
