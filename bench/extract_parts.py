"""What the contract and the proof of completeness cost: the same extraction without the one or the other.

Nothing in the product can turn them off; here the functions that do the work are exchanged in the measured process.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench import extract
from bench.extract_ceiling import UNCHECKED
from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, text
from pipelines.door import reader, scratch
from pipelines.door.groups import LineGroup, list_name
from pipelines.intake import ledger
from pipelines.loading import commit


def without_contract(folder: Path) -> dict[str, Any]:
    """No rule is asked, no key is looked for twice, and ids and whole numbers are cast without a look at their text."""
    with ExitStack() as exchanged:
        exchanged.enter_context(patch.object(reader, "any_broken", lambda rules: "false"))
        exchanged.enter_context(
            patch.object(reader.StrictReader, "_without_duplicates", lambda self, table, path, rows: rows)
        )
        exchanged.enter_context(patch.object(scratch, "MACROS", UNCHECKED))
        return extract.ours(folder)


def without_proof(folder: Path) -> dict[str, Any]:
    """Rows are not counted where they arrive nor in the warehouse, and the ledger does not hear of them."""

    def believed(self: commit.WindowCommit) -> None:
        for count in self.admitted.tables.values():
            count.loaded = count.accepted

    def any_row(self: reader.StrictReader, group: LineGroup, table: Table, path: Path) -> int:
        sql = f"select 1 from read_parquet({text(str(path))}) where len({identifier(list_name(table))}) > 0"
        return len(self._db.execute(f"{sql} and {group.only_rows_of(table)} limit 1").fetchall())

    with ExitStack() as exchanged:
        exchanged.enter_context(patch.object(commit.WindowCommit, "prove", believed))
        exchanged.enter_context(patch.object(reader.StrictReader, "_exploded_rows", any_row))
        exchanged.enter_context(patch.object(ledger, "loaded", lambda session, window, admitted: None))
        return extract.ours(folder)
