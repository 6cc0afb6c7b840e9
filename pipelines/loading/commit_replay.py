"""Brings replayed rows into the raw tables: single rows that were rejected once, and perhaps have been read since.

A row that the warehouse holds in a later state is left as it is. A parent comes back without the lines that hung on it,
so its children stay; only what stands inside a replayed line itself is exchanged.
"""

from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, instant, same_keys, text
from pipelines.door.groups import entity_layout
from pipelines.loading.commit import WindowCommit


class ReplayCommit(WindowCommit):
    """The statements of one replayed window; its `window_to` is when the rows were rejected."""

    def prepare(self) -> None:
        """Leave out replayed rows that the warehouse knows better."""
        for table in self.tables:
            if table.name in self.admitted.files:
                self._leave_out_stale(table)

    def close_letters(self) -> None:
        """The replay itself says what becomes of the letters it sent."""

    def remove(self, table: Table) -> None:
        """Delete what a replayed row replaces."""
        self._remove_inline(table)
        self.remove_by_key(table)

    def _leave_out_stale(self, table: Table) -> None:
        """Keep a landed row only if neither it, nor a sibling, nor the parent was read later than it was rejected.

        What is kept is said by a query, which must say the same before and after rows are exchanged: rows of this very
        replay are later than their rejection too, and no evidence of another reading.
        """
        seen_later = [self._seen_later(table, table.key)]
        if table.parent is not None and table.parent_key is not None:
            sources = [table] + [other for other in self.tables if other.name == table.parent]
            seen_later += [self._seen_later(source, (table.parent_key,)) for source in sources]
        kept = " and ".join(f"not exists ({query})" for query in seen_later)
        self.landings[table.name] = f"(select fresh.* from {self.landings[table.name]} as fresh where {kept})"
        count = self.admitted.tables[table.name]
        left_out = count.accepted - int(self.session.rows(f"select count(*) from {self.landed(table)}")[0][0])
        count.arrived -= left_out
        count.duplicate += left_out

    def _seen_later(self, source: Table, key: tuple[str, ...]) -> str:
        """SQL of the rows of a table that have the key of the row `fresh` and were read after it was rejected."""
        return (
            f"select 1 from {self.raw(source)} as stored where stored.{self.connection} = {text(self.window.shop)} "
            f"and stored._extracted_at > {instant(self.window.window_to)} "
            f"and stored._window_id <> {text(self.window.window_id)} and {same_keys(key, 'stored', 'fresh')}"
        )

    def _remove_inline(self, table: Table) -> None:
        """Rows that stand in the lists of a replayed line are exchanged with it."""
        group = entity_layout(self.contract, self.window.entity).group_of(table)
        if table.explode is None or group.main is None or group.main.name not in self.admitted.files:
            return
        line_key = next((c for c in group.main.columns if c.path == "id" and c.primary_key), None)
        own_key = next((c for c in table.columns if c.path == "^.id"), None)
        if line_key is None or own_key is None:
            return
        lines = f"select {identifier(line_key.name)} from {self.landed(group.main)}"
        self.session.execute(
            f"delete from {self.raw(table)} where {self.connection} = ? and {identifier(own_key.name)} in ({lines})",
            (self.window.shop,),
        )
