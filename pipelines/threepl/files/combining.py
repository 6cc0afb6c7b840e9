"""Puts the files of a run together: of rows with the same key the newest holds, lines stay with their parent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, same_keys
from pipelines.warehouse import Session

_ORDER = "file_order_"


@dataclass(frozen=True)
class Part:
    """Rows of one file, by table."""

    tables: Mapping[str, pa.Table]
    is_late: bool = False


def combined(
    connection: duckdb.DuckDBPyConnection, session: Session, contract: Contract, partner: str, entity: str,
    parts: Sequence[Part],
) -> dict[str, pa.Table]:  # fmt: skip
    """The rows of an entity, of files given from the oldest to the newest.

    Of a late file, a row gives way to one in the warehouse that was updated after it.
    """
    found: dict[str, pa.Table] = {}
    for table in contract.tables_of(entity):
        given = [
            _numbered(part.tables[table.name], order) for order, part in enumerate(parts) if table.name in part.tables
        ]
        if not given:
            continue
        connection.register("given", pa.concat_tables(given))
        if table.parent is not None and table.parent in found:
            key = table.parent_key or ""
            sql = f"select given.* from given join winners using ({identifier(key)}, {_ORDER})"
        else:
            sql = _winners(connection, session, contract, partner, table, parts)
            connection.execute(f"create or replace temp table winners as {sql}")
            sql = "select * from winners"
        found[table.name] = connection.sql(f"select * exclude ({_ORDER}) from ({sql})").to_arrow_table()
        connection.unregister("given")
    return {name: rows for name, rows in found.items() if rows.num_rows}


def _winners(
    connection: duckdb.DuckDBPyConnection, session: Session, contract: Contract, partner: str, table: Table,
    parts: Sequence[Part],
) -> str:  # fmt: skip
    key = ", ".join(identifier(name) for name in table.key)
    # A key that stands twice in one file is for the door to judge.
    newest = f"select * from given qualify rank() over (partition by {key} order by {_ORDER} desc) = 1"
    late = [order for order, part in enumerate(parts) if part.is_late]
    if not late or table.column("updated_at") is None:
        return newest
    own = identifier(table.key[0])
    orders = ", ".join(map(str, late))
    keys = [
        value
        for (value,) in connection.execute(f"select distinct {own} from given where {_ORDER} in ({orders})").fetchall()
    ]
    stored = session.arrow(
        f"select {own}, updated_at from {contract.raw_schema}.{table.name} where {contract.connection} = ? "
        f"and {own} in (select unnest(?))",
        (partner, keys),
    )
    connection.register("stored", stored)
    return (
        f"select * from ({newest}) as fresh where not exists (select 1 from stored "
        f"where {same_keys(table.key[:1], 'stored', 'fresh')} and stored.updated_at > fresh.updated_at)"
    )


def _numbered(rows: pa.Table, order: int) -> pa.Table:
    return rows.append_column(_ORDER, pa.array([order] * rows.num_rows, pa.int64()))
