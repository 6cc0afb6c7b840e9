"""Reads an export file into typed Parquet, one file a table: the usual case, in which every line keeps the contract.

Each group of lines is read in one strict, projected pass; the contract's rules are then one scan over the rows just
written. If a value does not fit its type, a rule is broken or a line is not accounted for, nothing of this is used and
the file goes through the tolerant pass (`tolerant.py`), which says row by row what is wrong.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.arrivals import Admitted, Arrival, TableCount
from pipelines.contracts.odcs import Table
from pipelines.contracts.rules import any_broken, rules_of
from pipelines.contracts.sql import identifier, text, texts
from pipelines.door.groups import PARENT_KEY, Carriers, EntityLayout, LineGroup, list_name
from pipelines.door.scratch import PARQUET
from pipelines.door.shapes import TYPENAME, Shape

GZIP_MAGIC = b"\x1f\x8b"
# The largest single line; Shopify documents none. DuckDB allocates a few buffers of this size.
LARGEST_LINE_BYTES = 16 << 20


class RowsRefused(Exception):
    """The strict pass cannot account for every line; the file needs the tolerant pass."""


@dataclass(frozen=True)
class ExportFile:
    """A file of JSON lines, compressed or not."""

    path: Path

    @property
    def is_compressed(self) -> bool:
        """Whether it is gzip, whatever its name says."""
        with self.path.open("rb") as file:
            return file.read(2) == GZIP_MAGIC

    def read(self, shape: Shape, typenames: tuple[str, ...]) -> str:
        """SQL of the lines of these types as columns of this shape; fails on a line that does not fit."""
        columns = ", ".join(f"{identifier(name)}: {text(part.duckdb())}" for name, part in shape.fields.items())
        compression = "gzip" if self.is_compressed else "uncompressed"
        return (
            f"(from read_ndjson({text(str(self.path))}, columns = {{{columns}}}, compression = {text(compression)}, "
            f"maximum_object_size = {LARGEST_LINE_BYTES}) where {identifier(TYPENAME)} in ({texts(typenames)}))"
        )


class StrictReader:
    """Reads one file into Parquet files below `folder`."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, layout: EntityLayout, arrival: Arrival, folder: Path
    ) -> None:
        """The connection is one of `scratch`."""
        self._db = connection
        self._layout = layout
        self._arrival = arrival
        self._folder = folder

    def read(self, file: ExportFile, lines: int) -> Admitted:
        """Read all tables of a file of so many lines, or raise RowsRefused.

        Rows that repeat a key are dropped and counted: the one with the latest updated_at stays.
        """
        admitted = Admitted(self._arrival, lines=lines)
        try:
            for carriers in self._layout.carriers:
                count = self._carriers(carriers, file, admitted)
                admitted.parent_lines += 0 if self._layout.are_rows(carriers) else count
            for group in self._layout.groups:
                self._group(group, file, admitted)
        except (duckdb.InvalidInputException, duckdb.ConversionException) as error:
            raise RowsRefused(str(error)) from None
        if not self._layout.is_nested:
            for table in self._layout.tables:
                self._refuse_orphans(table, admitted)
        seen = admitted.parent_lines + admitted.duplicate_lines
        seen += sum(admitted.tables[g.main.name].accepted for g in self._layout.groups if g.main)
        if seen != lines:
            raise RowsRefused(f"{seen} of {lines} lines are of a known type")
        return admitted

    def _carriers(self, carriers: Carriers, file: ExportFile, admitted: Admitted) -> int:
        path = self._folder / f"{carriers.parent}.parents.parquet"
        source = f"select {carriers.projection()} {file.read(carriers.shape, carriers.typenames)[1:-1]}"
        count = self._copy(f"select {PARENT_KEY}, {text(self._arrival.window_id)} as _window_id from ({source})", path)
        if self._one(f"select count(*) from {_parquet(path)} where {PARENT_KEY} is null"):
            raise RowsRefused(f"a line of {carriers.parent} has no id")
        admitted.parents[carriers.parent] = path
        return count

    def _group(self, group: LineGroup, file: ExportFile, admitted: Admitted) -> None:
        path = self._folder / f"{group.name}.lines.parquet"
        wanted = [*group.line_columns(), *group.lists()]
        source = f"from {file.read(group.shape, group.typenames)}"
        if group.is_direct and group.main is not None:
            path = self._folder / f"{group.main.name}.parquet"
            projected = f"select {', '.join(f'{sql} as {identifier(name)}' for sql, name in wanted)} {source}"
            lines = self._copy(f"select {self._stored(group.main, group.main_columns())} from ({projected})", path)
        else:
            lines = self._copy(
                f"select {', '.join(f'{sql} as {identifier(name)}' for sql, name in wanted)} {source}", path
            )
        arrived = {table.name: self._exploded_rows(group, table, path) for table in group.exploded}
        kept = lines
        if group.main is not None:
            kept = self._without_duplicates(group.main, path, lines)
            admitted.tables[group.main.name] = TableCount(arrived=kept, duplicate=lines - kept)
            admitted.duplicate_lines += lines - kept
            if kept and not group.is_direct:
                main = self._folder / f"{group.main.name}.parquet"
                self._copy(f"select {self._stored(group.main, group.main_columns())} from {_parquet(path)}", main)
            if kept:
                self._admit(group.main, admitted)
        else:
            admitted.parent_lines += lines
        for table in group.exploded:
            self._explode(group, table, path, arrived[table.name], admitted)
        if not group.is_direct:
            path.unlink()

    def _explode(self, group: LineGroup, table: Table, lines: Path, arrived: int, admitted: Admitted) -> None:
        count = admitted.tables[table.name] = TableCount()
        if not arrived:
            return
        path = self._folder / f"{table.name}.parquet"
        elements = exploded(group, table, _parquet(lines))
        rows = self._copy(f"select {self._stored(table, group.element_columns(table))} from ({elements})", path)
        count.arrived = self._without_duplicates(table, path, rows)
        count.duplicate = arrived - count.arrived
        self._admit(table, admitted)

    def _exploded_rows(self, group: LineGroup, table: Table, lines: Path) -> int:
        sql = f"select coalesce(sum(len({identifier(list_name(table))})), 0) from {_parquet(lines)}"
        return self._one(f"{sql} where {group.only_rows_of(table)}")

    def _admit(self, table: Table, admitted: Admitted) -> None:
        path = self._folder / f"{table.name}.parquet"
        broken = self._one(f"select count(*) from {_parquet(path)} where {any_broken(rules_of(table))}")
        if broken:
            raise RowsRefused(f"{broken} rows of {table.name} break a rule")
        admitted.files[table.name] = path

    def _refuse_orphans(self, table: Table, admitted: Admitted) -> None:
        """Rows whose parent is not in this file are for the tolerant pass, which names them."""
        if table.parent is None or table.parent_key is None or table.name not in admitted.files:
            return
        key, parents = identifier(table.parent_key), "select null where false"
        if table.parent in admitted.files:
            parents = f"select {key} from {_parquet(admitted.files[table.parent])}"
        orphans = f"select count(*) from {_parquet(admitted.files[table.name])} where {key} not in ({parents})"
        if self._one(orphans):
            raise RowsRefused(f"rows of {table.name} come without their parent")

    def _without_duplicates(self, table: Table, path: Path, rows: int) -> int:
        """Rewrite the file with one row a key if a key repeats; the number of rows that stay."""
        key = ", ".join(identifier(name) for name in table.key)
        distinct = self._one(f"select count(*) from (select distinct {key} from {_parquet(path)})")
        if distinct == rows:
            return rows
        once = path.with_suffix(".once.parquet")
        self._copy(f"from {_parquet(path)} qualify {latest_of(table)} = 1", once)
        once.replace(path)
        return distinct

    def _stored(self, table: Table, columns: str) -> str:
        return stored(self._arrival, table, self._layout.connection, columns)

    def _copy(self, query: str, path: Path) -> int:
        return int(self._db.execute(f"copy ({query}) to {text(str(path))} {PARQUET}").fetchall()[0][0])

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchall()[0][0])


def stored(arrival: Arrival, table: Table, connection: str, columns: str) -> str:
    """SQL of a row as it is stored: the connection in its column, the table's own columns, and where it came from."""
    extracted_at = f"cast({text(arrival.extracted_at.isoformat())} as timestamptz)"
    deleted_at = ", cast(null as timestamptz) as deleted_at" if table.soft_delete else ""
    return (
        f"{text(arrival.shop)} as {identifier(connection)}, {columns}, {text(arrival.window_id)} as _window_id, "
        f"{extracted_at} as _extracted_at{deleted_at}"
    )


def latest_of(table: Table) -> str:
    """SQL that numbers the rows of a key, the most recently updated one first."""
    key = ", ".join(identifier(name) for name in table.key)
    order = " order by updated_at desc nulls last" if table.column("updated_at") else ""
    return f"row_number() over (partition by {key}{order})"


def exploded(group: LineGroup, table: Table, lines: str) -> str:
    """SQL of the elements of a table's lists with the line they stand in, as `_element` and `_position` (from 1)."""
    column = identifier(list_name(table))
    return (
        f"select * exclude ({', '.join(identifier(name) for _, name in group.lists())}), unnest({column}) as _element, "
        f"generate_subscripts({column}, 1) as _position from {lines} "
        f"where len({column}) > 0 and {group.only_rows_of(table)}"
    )


def _parquet(path: Path) -> str:
    return f"read_parquet({text(str(path))})"
