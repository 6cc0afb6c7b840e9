"""Reads a CSV file of a partner by the columns that its feed declares. A file is taken whole or not at all."""

from datetime import datetime
from pathlib import Path

import duckdb

from pipelines.contracts.sql import identifier, text, texts
from pipelines.threepl.files.content import Content, zones
from pipelines.threepl.files.csv_columns import LAYOUTS, Layout, headings_of, needed_by
from pipelines.threepl.files.csv_text import read_csv_text
from pipelines.threepl.problems import FeedRefused
from pipelines.threepl.zones import has_offset, instant_of_text
from pipelines.threepl_settings import Feed, FeedKind, FilePartner

# Per kind: the root table and its key, the table of its lines. Snapshots and movements have rows only.
_TABLES: dict[FeedKind, tuple[str, str, str]] = {
    "orders": ("orders", "order_id", "order_lines"),
    "shipments": ("shipments", "shipment_id", "shipment_lines"),
    "receipts": ("receipts", "receipt_id", "receipt_lines"),
    "returns": ("returns", "return_id", "return_lines"),
}
# What a row is that does not say how it stands: such files tell what is done.
_STATUS = {"orders": "processing", "shipments": "shipped", "receipts": "completed", "returns": "completed"}
# The instant that zone and text of a row are about.
_MOMENT = {
    "orders": "received_at",
    "shipments": "shipped_at",
    "inventory_snapshots": "as_of",
    "movements": "occurred_at",
    "receipts": "received_at",
    "returns": "received_at",
}


def read_csv_file(
    connection: duckdb.DuckDBPyConnection, partner: FilePartner, feed: Feed, path: Path, made_at: datetime
) -> Content:
    """Read and check a file; its rows stay in the connection until the next file is read.

    `made_at` is when the file was written, an instant in UTC: what its rows count as updated at, unless they say so.
    Raises FeedRefused with the line: FED-03 for what is torn or miscounted, FED-04 for what is not known or cannot be
    read, FED-05 for a warehouse whose zone nobody knows.
    """
    assert feed.kind is not None  # noqa: S101  # settings refuse a CSV feed without one
    layout, headings = LAYOUTS[feed.kind], headings_of(feed)
    rows = read_csv_text(path, feed, {column: headings[column] for column in needed_by(feed)})
    if rows.num_rows == 0 and feed.kind == "inventory_snapshots":
        raise FeedRefused("FED-03", "it has a heading and no row; an empty file is not empty stock")
    connection.register("csv_rows", rows)
    present = {column: heading for column, heading in headings.items() if heading in rows.column_names}
    _make_text(connection, layout, present, feed)
    codes = tuple(
        code for (code,) in connection.execute("select distinct warehouse_code from csv_text").fetchall() if code
    )
    connection.register("zones", zones(partner, codes))
    _make_typed(connection, layout, feed, made_at)
    _check(connection, layout, present, feed)
    snapshots: dict[str, datetime] = {}
    if feed.kind == "inventory_snapshots":
        found = connection.execute("select warehouse_code, max(as_of) from typed group by all").fetchall()
        snapshots = dict(found)
    return Content((feed.kind,), _tables(feed.kind), codes, rows.num_rows, None, snapshots)


def _make_text(connection: duckdb.DuckDBPyConnection, layout: Layout, present: dict[str, str], feed: Feed) -> None:
    columns = []
    for column in layout.headings:
        value = f"nullif(trim({identifier(present[column])}), '')" if column in present else "cast(null as varchar)"
        if column == "return_id" and "return_id" not in present:
            value = f"nullif(trim({identifier(present['rma_number'])}), '')"
        if column == "warehouse_code" and feed.warehouse is not None:
            value = f"coalesce({value}, {text(feed.warehouse)})"
        columns.append(f"{value} as {identifier(column)}")
    connection.execute(
        f"create or replace temp table csv_text as select line_number_, {', '.join(columns)} from csv_rows"
    )


def _make_typed(connection: duckdb.DuckDBPyConnection, layout: Layout, feed: Feed, made_at: datetime) -> None:
    assert feed.kind is not None  # noqa: S101
    columns = []
    for column in layout.headings:
        if column in layout.numbers:
            columns.append(f"try_cast({column} as decimal(18,6)) as {column}")
        elif column in layout.times:
            columns.append(f"{instant_of_text(column, 'zone', feed.time_format)} as {column}")
            columns.append(f"{column} as {column}_text")
        elif column in layout.values:
            known = {**layout.values[column], **{k.lower(): v for k, v in feed.values.get(column, {}).items()}}
            cases = " ".join(f"when {text(key)} then {text(value)}" for key, value in known.items())
            columns.append(f"case lower({column}) {cases} end as {column}, {column} as {column}_given")
        else:
            columns.append(column)
    said = f"case when {has_offset(_MOMENT[feed.kind])} then 'file' else zone_source end as zone_source"
    connection.execute(
        f"create or replace temp table typed as select line_number_, zone, {said}, {', '.join(columns)}, "
        f"cast({text(made_at.isoformat())} as timestamptz) as made_at "
        "from csv_text left join zones using (warehouse_code)"
    )


def _check(connection: duckdb.DuckDBPyConnection, layout: Layout, present: dict[str, str], feed: Feed) -> None:
    """Raise for the first row that says something unreadable or unknown."""
    named = "line {}: the zone of warehouse {} is not known; add it to the warehouses of the partner in the settings"
    times = [column for column in layout.times if column in present]
    without_zone = " or ".join(
        f"({column}_text is not null and not {has_offset(column + '_text')})" for column in times
    )
    found = connection.execute(
        f"select line_number_, coalesce(warehouse_code, 'nothing') from typed where zone is null and ({without_zone}) "
        "order by 1 limit 1"
    ).fetchone()
    if found is not None:
        raise FeedRefused("FED-05", named.format(*found))
    for column in (*times, *(column for column in layout.numbers if column in present)):
        original = f"{column}_text" if column in layout.times else f"t.{column}"
        found = connection.execute(
            f"select typed.line_number_, {original} from typed join csv_text as t using (line_number_) "
            f"where typed.{column} is null and t.{column} is not null order by 1 limit 1"
        ).fetchone()
        if found is not None:
            what = "time" if column in layout.times else "number"
            raise FeedRefused("FED-04", f"line {found[0]}: '{found[1]}' in column {present[column]} is no {what}")
    for column in layout.values:
        found = connection.execute(
            f"select line_number_, {column}_given from typed "
            f"where {column} is null and {column}_given is not null order by 1 limit 1"
        ).fetchone()
        if found is not None:
            allowed = texts(tuple(dict.fromkeys(layout.values[column].values()))).replace("'", "")
            raise FeedRefused(
                "FED-04",
                f"line {found[0]}: '{found[1]}' in column {present[column]} is not known; map it to one of {allowed} "
                f"in the feed's values in the settings",
            )


def _tables(kind: FeedKind) -> dict[str, str]:
    """SQL of the rows of each table; of a document that has several lines, the last one speaks for it."""
    if kind == "movements":
        return {"movements": "select * from typed"}
    if kind == "inventory_snapshots":
        snapshot = "warehouse_code || '.' || strftime(as_of, '%Y%m%dT%H%M%SZ') as snapshot_id"
        # Lots of a SKU are lines of their own; stock is their sum.
        sums = ", ".join(f"sum({column}) as {column}" for column in LAYOUTS["inventory_snapshots"].numbers)
        what = "warehouse_code, sku, as_of, as_of_text, zone, zone_source"
        return {"inventory_snapshots": f"select {snapshot}, {what}, {sums} from typed group by all"}
    root, key, lines = _TABLES[kind]
    roots = (
        f"select * replace (coalesce(updated_at, made_at) as updated_at, "
        f"coalesce(status, {text(_STATUS[kind])}) as status) "
        f"from typed qualify row_number() over (partition by {key} order by line_number_ desc) = 1"
    )
    if kind == "receipts":
        sums = ", ".join(f"sum({column}) as {column}" for column in LAYOUTS["receipts"].numbers)
        return {root: roots, lines: f"select receipt_id, sku, {sums} from typed group by all"}
    number = f"coalesce(try_cast(line_number as bigint), row_number() over (partition by {key} order by line_number_))"
    return {root: roots, lines: f"select * replace ({number} as line_number) from typed"}
