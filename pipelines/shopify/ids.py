"""The ids of an export of ids: what a sweep compares with the warehouse."""

from pathlib import Path

import duckdb

from pipelines.config import Settings
from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import text
from pipelines.door.groups import PARENT_KEY, Carriers
from pipelines.door.reader import ExportFile
from pipelines.door.scratch import PARQUET, scratch
from pipelines.failures import IncompleteExtraction, first_line


def read_ids(settings: Settings, table: Table, path: Path | None, folder: Path) -> tuple[Path, int]:
    """Write the keys of a table's rows to Parquet (column `id`) below `folder`; the file, and how many there are.

    `path` is None for an export without a line. A line that is no id of the table refuses the whole file: a sweep that
    misses ids would delete their rows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids = folder / "ids.parquet"
    carriers = Carriers(table.name, table.rows, "id")
    with scratch(settings, folder) as connection:
        if path is None:
            connection.execute(f"copy (select 0::bigint as id where false) to {text(str(ids))} {PARQUET}")
            return ids, 0
        source = ExportFile(path).read(carriers.shape, carriers.typenames)[1:-1]
        query = (
            f"select {PARENT_KEY} as id from (select {carriers.projection()} {source}) where {PARENT_KEY} is not null"
        )
        try:
            copied = connection.execute(f"copy ({query}) to {text(str(ids))} {PARQUET}").fetchall()
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise IncompleteExtraction(
                f"The list of ids of {table.name} ({path.name}) cannot be read: {first_line(error)}; nothing "
                f"was marked as deleted, run again."
            ) from None
    return ids, int(copied[0][0])
