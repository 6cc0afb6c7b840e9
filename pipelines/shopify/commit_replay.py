"""Brings replayed rows into the raw tables: single rows that were rejected once, and perhaps have been read since.

A row that the warehouse holds in a later state is left as it is. A parent comes back without the lines that hung on it,
so its children stay; only what stands inside a replayed line itself is exchanged.
"""

from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier
from pipelines.shopify.commit import WindowCommit, raw
from pipelines.shopify.groups import entity_layout


class ReplayCommit(WindowCommit):
    """The statements of one replayed window; its `window_to` is when the rows were rejected."""

    def close_letters(self) -> None:
        """The replay itself says what becomes of the letters it sent."""

    def remove(self, table: Table) -> None:
        """Delete what a replayed row replaces; leave out replayed rows that the warehouse knows better."""
        if table.name in self.admitted.files:
            self._leave_out_stale(table)
        self._remove_inline(table)
        self.remove_by_key(table)

    def _leave_out_stale(self, table: Table) -> None:
        """Keep a landed row only if neither it, nor a sibling, nor the parent was read later than it was rejected."""
        key = ", ".join(identifier(name) for name in table.key)
        newer = "shop = ? and _extracted_at > ?"
        newer_keys = f"select {f'({key})' if len(table.key) > 1 else key} from {raw(table)} where {newer}"
        conditions, values = [f"({key}) in ({newer_keys})"], [self.window.shop, self.window.window_to]
        if table.parent is not None and table.parent_key is not None:
            parent_key = identifier(table.parent_key)
            sources = [table] + [other for other in self.tables if other.name == table.parent]
            for source in sources:
                # Rows of this very replay are later than their rejection too, and no evidence of another reading.
                found = f"select {parent_key} from {raw(source)} where {newer} and _window_id <> ?"
                conditions.append(f"{parent_key} in ({found})")
                values += [self.window.shop, self.window.window_to, self.window.window_id]
        kept, count = f"kept_{table.name}", self.admitted.tables[table.name]
        stale = " or ".join(f"coalesce({condition}, false)" for condition in conditions)
        self.session.execute(
            f"create or replace temp table {kept} as select * from {self.landed(table)} where not ({stale})", values
        )
        left_out = count.accepted - int(self.session.rows(f"select count(*) from {kept}")[0][0])
        self.landings[table.name] = kept
        count.arrived -= left_out
        count.duplicate += left_out

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
            f"delete from {raw(table)} where shop = ? and {identifier(own_key.name)} in ({lines})", (self.window.shop,)
        )
