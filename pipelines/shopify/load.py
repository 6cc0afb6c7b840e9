"""Commits windows: rows, dead letters and the ledger row become visible in one transaction, or none of them does.

Rows are replaced as the source knows them: a root row by its key, children together with their parent. All rows of a
parent that arrived are exchanged, so that a line that was removed at the source goes, also when none is left.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.dead_letters import ensure_dead_letters, store
from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, text
from pipelines.contracts.types import duckdb_columns, stored_columns
from pipelines.failures import IncompleteExtraction
from pipelines.shopify import ledger
from pipelines.shopify.contract import RAW_SCHEMA
from pipelines.shopify.details import parent_of, remember
from pipelines.shopify.groups import PARENT_KEY
from pipelines.shopify.landing import LANDING_SCHEMA, forget_landed, land, parents_table
from pipelines.warehouse import Session, Warehouse

# One file is read or loaded at a time in a process: each uses all cores and its share of memory already.
WORKBENCH = threading.Lock()


@dataclass
class LoadItem:
    """A window and what the door admitted of it; `node_ids` are those asked for by a window of mode 'by_id'."""

    window: ledger.Window
    admitted: Admitted
    node_ids: Sequence[int] = ()
    failure: BaseException | None = None


def ensure_tables(session: Session, contract: Contract) -> None:
    """Create missing tables of the contract, and add columns that a contract has gained (a further metafield)."""
    existing: dict[str, set[str]] = {}
    sql = "select table_name, column_name from information_schema.columns where table_schema = ?"
    for table, column in session.rows(sql, (RAW_SCHEMA,)):
        existing.setdefault(table, set()).add(column)
    for table in contract.tables:
        columns = stored_columns(table)
        if table.name not in existing:
            session.execute(f"create table if not exists {RAW_SCHEMA}.{table.name} ({duckdb_columns(columns)})")
            continue
        for column in columns:
            if column[0] not in existing[table.name]:
                session.execute(f"alter table {RAW_SCHEMA}.{table.name} add column {duckdb_columns([column])}")
    ledger.ensure_ledger(session)
    ensure_dead_letters(session)


def load(settings: Settings, contract: Contract, shop: str, items: Sequence[LoadItem]) -> None:
    """Land the files of several windows of a shop (each of another entity) and commit the windows one by one.

    Sets `loaded` of each table's count to what the warehouse holds of the window. A window of which that is not what
    was accepted is rolled back and gets its `failure`; the others are not touched by it.
    """
    with Warehouse(settings).session(memory_limit=settings.extraction.memory_limit) as session:
        ensure_tables(session, contract)
        admitted = [item.admitted for item in items]
        land(settings, session, shop, contract, admitted)
        for item in items:
            try:
                with session.transaction():
                    _Commit(session, contract, item).run()
            except IncompleteExtraction as error:
                item.failure = error
        forget_landed(session, contract, admitted)


class _Commit:
    """The statements of one window; names of temporary tables are those of the window's tables."""

    def __init__(self, session: Session, contract: Contract, item: LoadItem) -> None:
        self._session = session
        self._window, self._admitted, self._node_ids = item.window, item.admitted, item.node_ids
        self._contract = contract
        self._tables = contract.tables_of(item.window.entity)
        self._gone: set[str] = set()

    def run(self) -> None:
        """Replace rows top-down, count them, store the dead letters and close the window."""
        for table in self._tables:
            if self._holds_rows(table):
                self._remove(table)
            self._insert(table)
        for name, count in self._admitted.tables.items():
            sql = f"select count(*) from {RAW_SCHEMA}.{name} where shop = ? and _window_id = ?"
            count.loaded = int(self._session.rows(sql, (self._window.shop, self._window.window_id))[0][0])
            if not count.adds_up:
                raise IncompleteExtraction(
                    f"Of table {name} of shop {self._window.shop}, {count.loaded:,} rows reached the warehouse, not "
                    f"{count.accepted:,} (window {self._window.window_id}); nothing of the window is loaded, run again."
                )
        if self._admitted.dead_letters is not None:
            store(self._session, self._admitted.dead_letters)
        if self._node_ids:
            parent = parent_of(self._contract, self._window.entity)
            remember(self._session, parent, self._window.shop, self._window.entity, self._node_ids)
        ledger.loaded(self._session, self._window, self._admitted)

    def _holds_rows(self, table: Table) -> bool:
        sql = f"select 1 from {RAW_SCHEMA}.{table.name} where shop = ? limit 1"
        return bool(self._session.rows(sql, (self._window.shop,)))

    def _remove(self, table: Table) -> None:
        """Delete what the window replaces, and remember the keys that its children hang on."""
        shop, raw = self._window.shop, f"{RAW_SCHEMA}.{table.name}"
        if self._window.mode == "full":
            self._session.execute(f"delete from {raw} where shop = ?", (shop,))
            return
        parents = self._replaced_parents(table)
        if parents is not None:
            condition = f"shop = ? and {identifier(table.parent_key or '')} in ({parents})"
            hold = self._children_key(table)
            if hold is not None:
                self._session.execute(
                    f"create or replace temp table {_gone(table)} as "
                    f"select distinct {identifier(hold)} as {PARENT_KEY} from {raw} where {condition}",
                    (shop,),
                )
                self._gone.add(table.name)
            self._session.execute(f"delete from {raw} where {condition}", (shop,))
        if table.name in self._admitted.files:
            key = ", ".join(identifier(name) for name in table.key)
            self._session.execute(
                f"delete from {raw} where shop = ? and ({key}) in (select {_row(key)} from {self._landed(table)})",
                (shop,),
            )

    def _insert(self, table: Table) -> None:
        if table.name in self._admitted.files:
            self._session.execute(f"insert into {RAW_SCHEMA}.{table.name} by name select * from {self._landed(table)}")

    def _replaced_parents(self, table: Table) -> str | None:
        """SQL of the keys of the parents that arrived or went, or None for a root."""
        if table.parent is None:
            return None
        key = identifier(table.parent_key or "")
        parent = next((other for other in self._tables if other.name == table.parent), None)
        if parent is None:
            landed = f"{LANDING_SCHEMA}.{parents_table(self._window.entity, table.parent)}"
            if table.parent not in self._admitted.parents:
                return None
            return f"select {PARENT_KEY} from {landed} where _window_id = {text(self._window.window_id)}"
        parts = []
        if parent.name in self._admitted.files:
            parts.append(f"select {key} from {self._landed(parent)}")
        if parent.name in self._gone:
            parts.append(f"select {PARENT_KEY} from {_gone(parent)}")
        return " union ".join(parts) or None

    def _children_key(self, table: Table) -> str | None:
        return next((other.parent_key for other in self._tables if other.parent == table.name), None)

    def _landed(self, table: Table) -> str:
        return f"(select * from {LANDING_SCHEMA}.{table.name} where _window_id = {text(self._window.window_id)})"


def _gone(table: Table) -> str:
    return f"gone_{table.name}"


def _row(key: str) -> str:
    return f"({key})" if "," in key else key
