"""Collects what the tolerant pass rejects, and writes it as dead letters with the exact text of each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.contracts.arrivals import Arrival
from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, text, texts
from pipelines.door.scratch import PARQUET

_ID = "json_extract_string(case when json_valid(line) then line end, '$.id')"


@dataclass(frozen=True)
class Complaint:
    """Something that can be wrong: a rule, SQL of the sentence, and SQL that is true for a row with which it is."""

    rule: str
    message: str
    broken: str = "true"


class Letters:
    """Rejected rows of one file; `write` joins them with their lines."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, arrival: Arrival, lines: Path, folder: Path) -> None:
        """`lines` is the file of `write_lines`."""
        self._db = connection
        self._arrival = arrival
        self._lines = lines
        self._folder = folder
        self._db.execute(
            """create or replace temp table complaints (
                line_number bigint, position bigint, table_name varchar, row_key varchar,
                place bigint, rule varchar, message varchar)"""
        )

    def unreadable(self, known: tuple[str, ...]) -> int:
        """Reject lines that are no JSON object or of a type that no table is read from; how many there are."""
        lines = f"read_parquet({text(str(self._lines))})"
        not_read = text(f"no table is read from lines of this type, only from {', '.join(known)}")
        kinds = (
            ("typename is null", Complaint("not_json", text("the line is not a JSON object"))),
            ("typename = ''", Complaint("typename_required", text("__typename is missing"))),
            (f"typename not in ('', {texts(known)})", Complaint("unknown_type", not_read)),
        )
        return sum(self.lines(f"select number from {lines} where {which}", complaint) for which, complaint in kinds)

    def lines(self, numbers: str, complaint: Complaint) -> int:
        """Reject the lines of these numbers (SQL with a column `number`), which are of no table; how many there are."""
        found = self._db.execute(
            f"insert into complaints select number, null, null, null, 0, {text(complaint.rule)}, {complaint.message} "
            f"from ({numbers})"
        ).fetchall()
        return int(found[0][0])

    def shapes(self, misshapen: str, table: Table | None) -> None:
        """Reject lines by SQL with the columns `number` and `message`."""
        name = "null" if table is None else text(table.name)
        self._db.execute(
            f"insert into complaints select number, null, {name}, null, 0, 'shape', message from ({misshapen})"
        )

    def rows(self, bad: Path, table: Table | None, complaints: Sequence[Complaint], *, position: bool = False) -> None:
        """Reject the rows of a file that has `_line`, `_position` where told, and the columns that complaints name.

        Every row must fit at least one complaint. They are asked one after the other, so that memory is bounded.
        """
        name = "null" if table is None else text(table.name)
        parts = ", ".join(f"cast({identifier(column)} as varchar)" for column in (table.key if table else ()))
        key = f"nullif(concat_ws(',', {parts}), '')" if parts else "null"
        place_in_list = "_position" if position else "null"
        for place, complaint in enumerate(complaints):
            self._db.execute(
                f"insert into complaints select _line, {place_in_list}, {name}, {key}, {place}, "
                f"{text(complaint.rule)}, {complaint.message} from read_parquet({text(str(bad))}) "
                f"where {complaint.broken}"
            )

    def write(self) -> Path | None:
        """The Parquet file of all dead letters with the columns of the warehouse table, or None when there are none."""
        if not self._db.execute("select 1 from complaints limit 1").fetchall():
            return None
        path = self._folder / "dead_letters.parquet"
        arrival = self._arrival
        self._db.execute(
            f"""copy (
                select
                    md5(concat_ws('|', {text(arrival.window_id)}, table_name, number, position)) as dead_letter_id,
                    {text(arrival.source)} as source, {text(arrival.shop)} as shop, {text(arrival.entity)} as entity,
                    table_name, coalesce(row_key, {_ID}) as row_key, rule, message, line as payload,
                    number as line_number, {text(arrival.window_id)} as window_id, {text(arrival.run_id)} as run_id,
                    cast({text(arrival.extracted_at.isoformat())} as timestamptz) as rejected_at,
                    'open' as state, cast(1 as bigint) as attempts, cast(null as timestamptz) as replayed_at
                from (
                    select line_number, position, table_name, any_value(row_key) as row_key,
                        string_agg(rule, ', ' order by place) as rule,
                        string_agg(message, '; ' order by place) as message
                    from complaints group by line_number, position, table_name
                ) join read_parquet({text(str(self._lines))}) on number = line_number
            ) to {text(str(path))} {PARQUET}"""
        )
        return path
