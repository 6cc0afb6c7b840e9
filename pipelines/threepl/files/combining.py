"""Puts the files of a run together: of rows with the same key the newest holds, lines stay with their parent."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, same_keys
from pipelines.threepl.files.content import FILE_NO
from pipelines.warehouse import Session


def combined(
    connection: duckdb.DuckDBPyConnection,
    session: Session,
    contract: Contract,
    partner: str,
    entity: str,
    given: Mapping[str, pa.Table],
    late: frozenset[int],
) -> dict[str, pa.Table]:
    """The rows of an entity, given by table with the number of each row's file: the higher, the newer.

    Of a late file, a row gives way to one in the warehouse that was updated after it.
    """
    found: dict[str, pa.Table] = {}
    for table in contract.tables_of(entity):
        if table.name not in given:
            continue
        connection.register("given", given[table.name])
        if table.parent is not None and table.parent in found:
            key = identifier(table.parent_key or "")
            sql = f"select given.* from given join winners using ({key}, {FILE_NO})"
        else:
            sql = _winners(connection, session, contract, partner, table, late)
            connection.execute(f"create or replace temp table winners as {sql}")
            sql = "select * from winners"
        found[table.name] = connection.sql(f"select * exclude ({FILE_NO}) from ({sql})").to_arrow_table()
        connection.unregister("given")
    return {name: rows for name, rows in found.items() if rows.num_rows}


def _winners(
    connection: duckdb.DuckDBPyConnection,
    session: Session,
    contract: Contract,
    partner: str,
    table: Table,
    late: frozenset[int],
) -> str:
    key = ", ".join(identifier(name) for name in table.key)
    # A key that stands twice in one file is for the door to judge.
    newest = f"select * from given qualify rank() over (partition by {key} order by {FILE_NO} desc) = 1"
    if not late or table.column("updated_at") is None:
        return newest
    own = identifier(table.key[0])
    numbers = ", ".join(map(str, sorted(late)))
    found = connection.execute(f"select distinct {own} from given where {FILE_NO} in ({numbers})").fetchall()
    stored = session.arrow(
        f"select {own}, updated_at from {contract.raw_schema}.{table.name} where {contract.connection} = ? "
        f"and {own} in (select unnest(?))",
        (partner, [value for (value,) in found]),
    )
    connection.register("stored", stored)
    return (
        f"select * from ({newest}) as fresh where not exists (select 1 from stored "
        f"where {same_keys(table.key[:1], 'stored', 'fresh')} and stored.updated_at > fresh.updated_at)"
    )
