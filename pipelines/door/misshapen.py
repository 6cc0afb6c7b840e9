"""Finds lines in which something else stands where an object or a list belongs.

Asking every line about every place would parse it once a place. The structure of a line is one parse, and an export has
few different ones: only lines of a structure that looks wrong are asked place by place.
"""

from pathlib import Path

import duckdb

from pipelines.contracts.sql import text, texts
from pipelines.door.scratch import PARQUET
from pipelines.door.shapes import Shape

TABLE = "misshapen"


def find_misshapen(
    connection: duckdb.DuckDBPyConnection, lines: Path, typenames: tuple[str, ...], shape: Shape, folder: Path
) -> None:
    """Fill the temporary table `misshapen` (number, message) for the lines of these types; one row a wrong place."""
    structures = folder / "structures.parquet"
    connection.execute(f"create or replace temp table {TABLE} (number bigint, message varchar)")
    # The order in which conditions are tried is not ours: a line that is no JSON must not reach a JSON function.
    readable = (
        f"select number, case when typename in ({texts(typenames)}) then line end as line "
        f"from read_parquet({text(str(lines))})"
    )
    connection.execute(
        f"copy (select number, json_structure(line) as structure from ({readable}) where line is not null) "
        f"to {text(str(structures))} {PARQUET}"
    )
    found = f"read_parquet({text(str(structures))})"
    connection.execute(f"create or replace temp table structures as select distinct structure from {found}")
    connection.execute("create or replace temp table suspects (structure varchar, path varchar)")
    for path, kind in shape.inner():
        # A place that is null in a line has the structure "NULL".
        odd = _odd("structure", path, kind, allowed='"NULL"')
        connection.execute(f"insert into suspects select structure, {text(path)} from structures where {odd}")
    suspected = {path for (path,) in connection.execute("select distinct path from suspects").fetchall()}
    for path, kind in ((path, kind) for path, kind in shape.inner() if path in suspected):
        label = path.removeprefix("$.").replace('"', "").replace("[*]", "")
        message = text(f"{label} is not {'a list' if kind == 'ARRAY' else 'an object'}")
        connection.execute(
            f"insert into {TABLE} select number, {message} from ({readable}) where number in "
            f"(select number from {found} join suspects using (structure) where path = {text(path)}) "
            f"and {_odd('line', path, kind)}"
        )
    connection.execute("drop table structures")
    connection.execute("drop table suspects")
    structures.unlink()


def _odd(json: str, path: str, kind: str, allowed: str = "null") -> str:
    """SQL that is true when a value at the path is neither of its kind nor the allowed text."""
    where = text(path)
    if "[*]" in path:
        values = f"json_extract({json}, {where})"
        return (
            f"len(list_filter({values}, lambda v: json_type(v) <> '{kind}' and cast(v as varchar) <> '{allowed}')) > 0"
        )
    value = f"json_extract({json}, {where})"
    return f"(json_type({value}) <> '{kind}' and cast({value} as varchar) <> '{allowed}')"
