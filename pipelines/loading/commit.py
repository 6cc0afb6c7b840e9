"""Replaces rows as the source knows them: a root row by its key, children together with their parent.

All rows of a parent that arrived are exchanged, so that a line that was removed at the source goes, also when none is
left; what hung on a row that went, goes with it. A whole snapshot replaces whatever the shop had.

Statements are kept to what all warehouses can do in a transaction: no temporary tables, no lists of pairs.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.dead_letters import store, supersede
from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, same_keys, text
from pipelines.contracts.types import stored_columns
from pipelines.door.groups import PARENT_KEY
from pipelines.failures import IncompleteExtraction
from pipelines.intake import ledger
from pipelines.loading.details import remember
from pipelines.loading.landing import letters_table, parents_table
from pipelines.warehouse import Session


class WindowCommit:
    """The statements that bring one landed window into the raw tables; run it in a transaction."""

    def __init__(
        self,
        session: Session,
        contract: Contract,
        window: ledger.Window,
        admitted: Admitted,
        landed: Mapping[str, str],
        node_ids: Sequence[int] = (),
    ) -> None:
        """Nothing is executed yet; `landed` is what `Landing.land` returned."""
        self.session = session
        self.contract = contract
        self.window = window
        self.admitted = admitted
        self.node_ids = node_ids
        self.landings = dict(landed)
        self.tables = contract.tables_of(window.entity)
        self.connection = contract.connection

    def run(self) -> None:
        """Replace rows, count them, store the dead letters and close the window.

        Raises IncompleteExtraction when the warehouse holds other numbers of rows of the window than were accepted.
        """
        self.prepare()
        # Children first: what hangs on a row that goes is found while the row is there.
        for table in reversed(self.tables):
            if table.name in self.filled:
                self.remove(table)
        for table in self.tables:
            if table.name in self.admitted.files:
                columns = ", ".join(identifier(name) for name, _ in stored_columns(table, self.connection))
                self.session.execute(
                    f"insert into {self.raw(table)} ({columns}) select {columns} from {self.landed(table)}"
                )
        self.prove()
        self.close_letters()
        if self.node_ids:
            remember(self.session, self.contract, self.window.shop, self.window.entity, self.node_ids)
        ledger.loaded(self.session, self.window, self.admitted)

    def prepare(self) -> None:
        """Whatever has to be known of the warehouse before a row goes."""

    def prove(self) -> None:
        """Count the window's rows in the warehouse and compare them with what was accepted."""
        of_window = f"{self.connection} = {text(self.window.shop)} and _window_id = ?"
        names = list(self.admitted.tables)
        counts = [
            f"select {text(name)}, count(*) from {self.contract.raw_schema}.{name} where {of_window}" for name in names
        ]
        found = self.session.rows(" union all ".join(counts), [self.window.window_id] * len(names)) if names else []
        for name, rows in found:
            count = self.admitted.tables[name]
            count.loaded = int(rows)
            if not count.adds_up:
                raise IncompleteExtraction(
                    f"Of table {name} of {self.connection} {self.window.shop}, {count.loaded:,} rows reached the "
                    f"warehouse, not {count.accepted:,} (window {self.window.window_id}); nothing of the window "
                    f"is loaded, run again."
                )

    def close_letters(self) -> None:
        """Store the new dead letters; earlier ones about rows that came again are superseded."""
        arrived = [self.contract.table(name) for name in self.admitted.files]
        rows = {table.name: self.landed(table) for table in arrived}
        supersede(self.session, self.window.shop, arrived, rows, self.window.window_id)
        rejected = self.rejected()
        if rejected is not None:
            store(self.session, self.window.shop, rejected, self.window.window_id)

    def rejected(self) -> str | None:
        """SQL of the window's dead letters, as they landed; None when there are none."""
        if self.admitted.dead_letters is None:
            return None
        return f"(select * from {self.landings[letters_table(self.window.entity)]})"

    @cached_property
    def filled(self) -> frozenset[str]:
        """The tables that had any row of the connection when this was first asked."""
        of_shop = f"{self.connection} = {text(self.window.shop)}"
        queries = (
            f"select {text(table.name)} from "
            f"(select 1 as found from {self.raw(table)} where {of_shop} limit 1) as first_row"
            for table in self.tables
        )
        return frozenset(name for (name,) in self.session.rows(" union all ".join(queries)))

    def remove(self, table: Table) -> None:
        """Delete what the window replaces."""
        shop = self.window.shop
        if self.window.mode == "full":
            self.session.execute(f"delete from {self.raw(table)} where {self.connection} = ?", (shop,))
            return
        parents = self._replaced_parents(table)
        if parents is not None:
            self.session.execute(f"delete from {self.raw(table)} where {self._of(table, parents)}")
        if table.replaced_by is not None and table.name in self.admitted.files:
            document = identifier(table.replaced_by)
            self.session.execute(
                f"delete from {self.raw(table)} where {self.connection} = ? "
                f"and {document} in (select {document} from {self.landed(table)})",
                (shop,),
            )
        self.remove_by_key(table)

    def remove_by_key(self, table: Table) -> None:
        """Delete rows with the keys of those that landed."""
        if table.name not in self.admitted.files:
            return
        if len(table.key) == 1:
            key = identifier(table.key[0])
            condition = f"{key} in (select {key} from {self.landed(table)})"
        else:
            same = same_keys(table.key, "fresh", "stored")
            condition = f"exists (select 1 from {self.landed(table)} as fresh where {same})"
        self.session.execute(
            f"delete from {self.raw(table)} as stored where {self.connection} = ? and {condition}", (self.window.shop,)
        )

    def landed(self, table: Table) -> str:
        """SQL of the window's rows of a table, as they landed."""
        return f"(select * from {self.landings[table.name]})"

    def _of(self, table: Table, parents: str) -> str:
        """Condition on the rows of a table that hang on these parents."""
        return f"{self.connection} = {text(self.window.shop)} and {identifier(table.parent_key or '')} in ({parents})"

    def _replaced_parents(self, table: Table) -> str | None:
        """SQL of the keys of the parents that arrived or go; None for a root, and when there are none."""
        if table.parent is None:
            return None
        parent = next((other for other in self.tables if other.name == table.parent), None)
        if parent is None:
            if table.parent not in self.admitted.parents:
                return None
            return f"select {PARENT_KEY} from {self.landings[parents_table(self.window.entity, table.parent)]}"
        key, parts = identifier(table.parent_key or ""), []
        if parent.name in self.admitted.files:
            parts.append(f"select {key} from {self.landed(parent)}")
        grandparents = self._replaced_parents(parent)
        if grandparents is not None and parent.name in self.filled:
            parts.append(f"select {key} from {self.raw(parent)} where {self._of(parent, grandparents)}")
        return " union ".join(parts) or None

    def raw(self, table: Table) -> str:
        """The warehouse table."""
        return f"{self.contract.raw_schema}.{table.name}"
