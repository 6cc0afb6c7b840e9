"""Reads an export file in which something is wrong: names every bad row and lets the rest through.

All values are read as text and then cast one by one, so that each row knows which of its values do not fit. The price
is a few times the strict pass, paid only for the files that need it. Everything stays in SQL over Parquet, and in the
same memory: a file in which every row is bad is not dearer than one with a single bad row.
"""

from pathlib import Path

import duckdb

from pipelines.contracts.arrivals import Admitted, Arrival, TableCount
from pipelines.contracts.odcs import Column, Table
from pipelines.contracts.rules import any_broken, rules_of
from pipelines.contracts.sql import identifier, text, texts
from pipelines.door.groups import PARENT_KEY, Carriers, EntityLayout, LineGroup, line_path, list_name
from pipelines.door.letters import Complaint, Letters
from pipelines.door.lines import write_lines
from pipelines.door.misshapen import TABLE as MISSHAPEN
from pipelines.door.misshapen import find_misshapen
from pipelines.door.reader import ExportFile, exploded, latest_of, stored
from pipelines.door.scratch import PARQUET
from pipelines.door.shapes import Shape, access, raw_text, reads_line, typed


class TolerantReader:
    """Reads one file into Parquet files and dead letters below `folder`."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        layout: EntityLayout,
        arrival: Arrival,
        folder: Path,
        *,
        known_parents: dict[str, Path] | None = None,
    ) -> None:
        """The connection is one of `scratch`.

        `known_parents` holds, by table, a Parquet file of keys that are in the warehouse already: children may arrive
        without their parent when they are replayed.
        """
        self._db = connection
        self._layout = layout
        self._arrival = arrival
        self._folder = folder
        self._known_parents = known_parents or {}
        self._lines = folder / "all.lines.parquet"
        self._letters = Letters(connection, arrival, self._lines, folder)

    def read(self, file: ExportFile) -> Admitted:
        """Read all tables of the file; what breaks a rule is in the dead letters."""
        admitted = Admitted(self._arrival)
        admitted.lines = write_lines(self._db, file, self._lines)
        admitted.rejected_lines = self._letters.unreadable(self._layout.typenames)
        for carriers in self._layout.carriers:
            self._carriers(carriers, admitted)
        for group in self._layout.groups:
            self._group(group, admitted)
        admitted.dead_letters = self._letters.write()
        self._lines.unlink()
        return admitted

    def _carriers(self, carriers: Carriers, admitted: Admitted) -> None:
        path = self._folder / f"{carriers.parent}.parents.parquet"
        source = (
            f"select number, {carriers.projection('line_', tolerant=True)} "
            f"from ({self._parsed(carriers.shape, carriers.typenames)})"
        )
        window = f"{text(self._arrival.window_id)} as _window_id"
        kept = self._copy(f"select {PARENT_KEY}, {window} from ({source}) where {PARENT_KEY} is not null", path)
        admitted.parents[carriers.parent] = path
        if not self._layout.are_rows(carriers):
            admitted.parent_lines += kept
            admitted.rejected_lines += self._letters.lines(
                f"select number from ({source}) where {PARENT_KEY} is null",
                Complaint(
                    f"{carriers.path}_type", text(f"{carriers.path} of the parent is missing or not a global id")
                ),
            )

    def _group(self, group: LineGroup, admitted: Admitted) -> None:
        judged = self._judge_lines(group)
        arrived = self._one(f"select count(*) from {_of(judged)}")
        rejected = self._one(f"select count(*) from {_of(judged)} where _bad")
        admitted.rejected_lines += rejected
        if rejected:
            self._complain_of_lines(group, judged)
        accepted = self._folder / f"{group.name}.accepted.parquet"
        once = f"qualify {latest_of(group.main)} = 1" if group.main else ""
        kept = self._copy(f"select * from {_of(judged)} where not _bad {once}", accepted)
        if group.main is None:
            admitted.parent_lines += kept
        else:
            count = TableCount(arrived=kept + rejected, rejected=rejected, duplicate=arrived - rejected - kept)
            admitted.tables[group.main.name] = count
            admitted.duplicate_lines += count.duplicate
            self._store(group.main, group.main_columns(), _of(accepted), kept, admitted)
            self._remember_rejected(group.main, judged)
        for table in group.exploded:
            self._explode(group, table, judged, accepted, admitted)
        judged.unlink()
        accepted.unlink()

    def _judge_lines(self, group: LineGroup) -> Path:
        """Every line with its values as text, as what they are typed to, and whether anything is wrong with it."""
        find_misshapen(self._db, self._lines, group.typenames, group.shape, self._folder)
        raw_path, path = self._folder / f"{group.name}.raw.parquet", self._folder / f"{group.name}.judged.parquet"
        raw = [
            f"{raw_text(column, access('line_', line_path(column)))} as {_raw(name)}"
            for column, name in group.line_sources
        ]
        lists = [f"{sql} as {identifier(name)}" for sql, name in group.lists("line_")]
        self._copy(
            f"select number as _line, typename as _typename, number in (select number from {MISSHAPEN}) as _misshapen, "
            f"{', '.join([*raw, *lists])} from ({self._parsed(group.shape, group.typenames)})",
            raw_path,
        )
        values = [f"{_typed_raw(column, _raw(name))} as {identifier(name)}" for column, name in group.line_sources]
        bad = ["_misshapen"]
        if group.main is not None:
            bad += [_badly_typed(column, _raw(name), identifier(name)) for column, name in group.line_sources]
            bad += [any_broken(rules_of(group.main)), self._is_without_parent(group.main)]
        self._copy(
            f"select *, ({' or '.join(bad)}) as _bad from (select *, {', '.join(values)} from {_of(raw_path)})", path
        )
        raw_path.unlink()
        return path

    def _complain_of_lines(self, group: LineGroup, judged: Path) -> None:
        main, bad = group.main, self._folder / "bad.parquet"
        self._copy(f"select * from {_of(judged)} where _bad", bad)
        self._letters.shapes(f"select number, message from {MISSHAPEN}", main)
        complaints: list[Complaint] = []
        if main is not None:
            complaints = _complaints(main, [(c, _raw(n), identifier(n)) for c, n in group.line_sources])
            if main.parent is not None:
                key = identifier(main.parent_key or "")
                lost = f"{self._is_without_parent(main)}"
                gone = self._folder / f"{main.parent}.rejected.parquet"
                was_rejected = f"{key} in (select key from {_of(gone)})" if gone.exists() else "false"
                named = f"{text(str(main.parent_key) + ' ')} || {key}"
                complaints += [
                    Complaint("parent_rejected", f"{named} || ' was rejected itself'", f"{lost} and {was_rejected}"),
                    Complaint("parent_missing", f"{named} || ' did not arrive'", f"{lost} and not {was_rejected}"),
                ]
        self._letters.rows(bad, main, complaints)
        bad.unlink()

    def _is_without_parent(self, table: Table) -> str:
        """SQL that is true for a row whose parent is neither in this file nor known."""
        if table.parent is None:
            return "false"
        key, keys = identifier(table.parent_key or ""), ["select null where false"]
        accepted = self._folder / f"{table.parent}.parquet"
        carried = self._folder / f"{table.parent}.parents.parquet"
        if accepted.exists():
            keys.append(f"select {key} from {_of(accepted)}")
        if carried.exists():
            keys.append(f"select {PARENT_KEY} from {_of(carried)}")
        if table.parent in self._known_parents:
            keys.append(f"select key from {_of(self._known_parents[table.parent])}")
        return f"({key} is not null and {key} not in ({' union all '.join(keys)}))"

    def _remember_rejected(self, main: Table, judged: Path) -> None:
        """Keys of rejected rows that children in this file may hang on."""
        key = next((table.parent_key for table in self._layout.tables if table.parent == main.name), None)
        if key is not None:
            path = self._folder / f"{main.name}.rejected.parquet"
            wanted = f"select distinct {identifier(key)} as key from {_of(judged)}"
            self._copy(f"{wanted} where _bad and {identifier(key)} is not null", path)

    def _explode(self, group: LineGroup, table: Table, judged: Path, accepted: Path, admitted: Admitted) -> None:
        """The rows of a table of lists: those of accepted lines are judged, those of rejected lines fall with them."""
        lengths = f"select coalesce(sum(len({identifier(list_name(table))})), 0) from"
        lost = self._one(f"{lengths} {_of(judged)} where _bad and {group.only_rows_of(table)}")
        own = [column for column in table.columns if not (column.logic == "position" or reads_line(table, column))]
        raw = {column.name: raw_text(column, access("_element", column.path)) for column in own}
        texts_of = "".join(f", {sql} as {_raw(name)}" for name, sql in raw.items())
        rows, bad_rows = self._folder / f"{table.name}.rows.parquet", self._folder / "bad.parquet"
        bad = [_badly_typed(column, _raw(column.name), identifier(column.name)) for column in own]
        arrived = self._copy(
            f"select *, ({' or '.join([*bad, any_broken(rules_of(table))])}) as _bad from ("
            f"select _line, _position, {group.element_columns(table, tolerant=True)}{texts_of} "
            f"from ({exploded(group, table, _of(accepted))}))",
            rows,
        )
        rejected = self._copy(f"select * from {_of(rows)} where _bad", bad_rows)
        if rejected:
            complaints = _complaints(table, [(c, _raw(c.name), identifier(c.name)) for c in own])
            self._letters.rows(bad_rows, table, complaints, position=True)
        columns = ", ".join(identifier(column.name) for column in table.columns)
        source = f"(select * from {_of(rows)} where not _bad qualify {latest_of(table)} = 1)"
        kept = self._store(table, columns, source, arrived - rejected, admitted)
        admitted.tables[table.name] = TableCount(
            arrived=kept + rejected + lost, rejected=rejected + lost, duplicate=arrived - rejected - kept
        )
        rows.unlink()
        bad_rows.unlink()

    def _parsed(self, shape: Shape, typenames: tuple[str, ...]) -> str:
        """SQL of lines of these types with their values as text in the struct `line_`."""
        readable = f"case when typename in ({texts(typenames)}) then line end"
        return (
            f"select number, typename, try_cast(cast({readable} as json) as {shape.duckdb(as_text=True)}) as line_ "
            f"from {_of(self._lines)} where typename in ({texts(typenames)})"
        )

    def _store(self, table: Table, columns: str, source: str, rows: int, admitted: Admitted) -> int:
        if not rows:
            return 0
        path = self._folder / f"{table.name}.parquet"
        admitted.files[table.name] = path
        return self._copy(
            f"select {stored(self._arrival, table, self._layout.connection, columns)} from {source}", path
        )

    def _copy(self, query: str, path: Path) -> int:
        return int(self._db.execute(f"copy ({query}) to {text(str(path))} {PARQUET}").fetchall()[0][0])

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchall()[0][0])


def _of(path: Path) -> str:
    return f"read_parquet({text(str(path))})"


def _raw(name: str) -> str:
    return identifier(f"_raw_{name}")


def _typed_raw(column: Column, raw: str) -> str:
    """SQL of a column's value, made of its text."""
    quantity = column.logic is not None and column.logic.startswith("quantity")
    return f"tolerant_integer({raw})" if quantity else typed(column, raw, tolerant=True)


def _badly_typed(column: Column, raw: str, value: str) -> str:
    """SQL that is true for a value that is there but not of its type; any text is a string."""
    if column.logic == "csv" or (column.logic is None and column.physical_type == "string"):
        return "false"
    return f"({raw} is not null and {value} is null)"


def _complaints(table: Table, values: list[tuple[Column, str, str]]) -> list[Complaint]:
    """What can be wrong with a row: values (column, SQL of its text, SQL of its value) of a wrong type, and rules."""
    found, texts_of = [], {column.name: raw for column, raw, _ in values}
    for column, raw, value in values:
        wrong = _badly_typed(column, raw, value)
        if wrong != "false":
            kind = "global id" if column.logic == "gid" else column.physical_type
            message = f"{text(column.name + ' ')} || {raw} || {text(f' is not a {kind}')}"
            found.append(Complaint(f"{column.name}_type", message, wrong))
    for rule in rules_of(table):
        raw = texts_of.get(rule.requires or "", "null")
        # A value that is there but badly typed is not missing as well.
        found.append(
            Complaint(rule.name, rule.message, f"({rule.broken}) and {raw} is null" if rule.requires else rule.broken)
        )
    return [
        Complaint(
            complaint.rule,
            complaint.message,
            f"{complaint.broken}" + (" and not _misshapen" if table.explode is None else ""),
        )
        for complaint in found
    ]
