"""Reads CSV files of a feed by the columns that it declares. A file is taken whole or not at all."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from pipelines.contracts.odcs import Contract
from pipelines.contracts.sql import identifier, text
from pipelines.threepl.files.content import FILE_NO, Batch, Content, Incoming, arrow_of, zones
from pipelines.threepl.files.csv_columns import LAYOUTS, Layout, headings_of, needed_by
from pipelines.threepl.files.csv_text import read_csv_text
from pipelines.threepl.problems import FeedCode, FeedRefused
from pipelines.threepl.zones import has_offset, instant_of_text, names_zone
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


def read_csv_files(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    partner: FilePartner,
    feed: Feed,
    incoming: Sequence[Incoming],
) -> Batch:
    """Read and check files of a feed together; each is in the batch as content or as a refusal that names the line.

    FED-03 is for what is torn or miscounted, FED-04 for what is not known or cannot be read, FED-05 for a warehouse
    whose zone nobody knows. Rows count as updated when their file was written, unless they say when they were.
    """
    assert feed.kind is not None  # noqa: S101  # settings refuse a CSV feed without one
    layout, headings, batch = LAYOUTS[feed.kind], headings_of(feed), Batch()
    needed = {column: headings[column] for column in needed_by(feed)}
    read: list[tuple[Incoming, pa.Table]] = []
    for one in incoming:
        try:
            rows = read_csv_text(one.path, feed, needed)
            if rows.num_rows == 0 and feed.kind == "inventory_snapshots":
                raise FeedRefused("FED-03", "it has a heading and no row; an empty file is not empty stock")
            read.append((one, rows))
        except FeedRefused as problem:
            batch.refusals[one.number] = problem
    if not read:
        return batch
    present = _register(connection, read, headings)
    _make_text(connection, layout, present, feed)
    named = connection.execute("select file_no_, list(distinct warehouse_code) from csv_text group by 1").fetchall()
    codes = {number: tuple(code for code in found if code) for number, found in named}
    connection.register("zones", zones(partner, tuple({code for found in codes.values() for code in found})))
    _make_typed(connection, layout, feed)
    _check(connection, layout, present, feed, batch)
    batch.tables = arrow_of(connection, contract, _tables(feed.kind), by_file=True)
    stock = []
    if feed.kind == "inventory_snapshots":
        stock = connection.execute("select file_no_, warehouse_code, max(as_of) from typed group by all").fetchall()
    for one, rows in read:
        if one.number not in batch.refusals:
            snapshots = {code: as_of for number, code, as_of in stock if number == one.number}
            batch.contents[one.number] = Content(
                (feed.kind,), codes.get(one.number, ()), rows.num_rows, None, snapshots
            )
    return batch


def _register(
    connection: duckdb.DuckDBPyConnection, read: Sequence[tuple[Incoming, pa.Table]], headings: dict[str, str]
) -> dict[str, str]:
    """Make the tables `csv_rows` and `files`; the headings that are there, by our column."""
    parts = [rows.append_column(FILE_NO, pa.array([one.number] * rows.num_rows, pa.int64())) for one, rows in read]
    together = pa.concat_tables(parts, promote_options="default")
    together = together.append_column("row_", pa.array(range(together.num_rows), pa.int64()))
    connection.register("csv_rows", together)
    files = {
        FILE_NO: pa.array([one.number for one, _ in read], pa.int64()),
        "file_id": pa.array([one.file_id for one, _ in read], pa.string()),
        "made_at": pa.array([one.made_at for one, _ in read], pa.timestamp("us", "UTC")),
    }
    connection.register("files", pa.table(files))
    return {column: heading for column, heading in headings.items() if heading in together.column_names}


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
        "create or replace temp table csv_text as "
        f"select file_no_, row_, line_number_, {', '.join(columns)} from csv_rows"
    )


def _make_typed(connection: duckdb.DuckDBPyConnection, layout: Layout, feed: Feed) -> None:
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
        f"create or replace temp table typed as select file_no_, row_, line_number_, zone, {said}, made_at, "
        f"{', '.join(columns)} from csv_text left join zones using (warehouse_code) join files using (file_no_)"
    )


def _check(
    connection: duckdb.DuckDBPyConnection, layout: Layout, present: dict[str, str], feed: Feed, batch: Batch
) -> None:
    """Refuse each file for its first row that says something unreadable or unknown."""

    def refuse(code: FeedCode, what: str, broken: str, sentence: str) -> None:
        found = connection.execute(
            f"select file_no_, min(line_number_), arg_min({what}, line_number_) from typed "
            f"join (select row_, columns(* exclude (row_, file_no_, line_number_)) as '\\0_text_' from csv_text) "
            f"using (row_) where {broken} group by file_no_"
        ).fetchall()
        for number, line, value in found:
            batch.refusals.setdefault(number, FeedRefused(code, f"line {line}: {sentence.format(value)}"))

    times = [column for column in layout.times if column in present]
    without_zone = " or ".join(
        f"({column}_text is not null and not {has_offset(column + '_text')})" for column in times
    )
    settings = "add it to the warehouses of the partner in the settings"
    refuse(
        "FED-05",
        "coalesce(warehouse_code, 'nothing')",
        f"zone is null and ({without_zone})",
        f"the zone of warehouse {{}} is not known; {settings}",
    )
    for column in times if feed.time_format is None else ():
        broken = f"{column} is null and {names_zone(column + '_text_')}"
        said = (
            f"'{{}}' in column {present[column]} names a zone that is not known; ask the partner for an offset or UTC"
        )
        refuse("FED-05", f"{column}_text_", broken, said)
    for column in (*times, *(column for column in layout.numbers if column in present)):
        given, what = f"{column}_text_", "time" if column in layout.times else "number"
        broken = f"{column} is null and {given} is not null"
        refuse("FED-04", given, broken, f"'{{}}' in column {present[column]} is no {what}")
    for column in layout.values:
        allowed = ", ".join(dict.fromkeys(layout.values[column].values()))
        todo = f"map it to one of {allowed} in the feed's values in the settings"
        broken = f"{column} is null and {column}_given is not null"
        refuse("FED-04", f"{column}_given", broken, f"'{{}}' in column {present.get(column)} is not known; {todo}")


def _tables(kind: FeedKind) -> dict[str, str]:
    """SQL of the rows of each table; of a document that has several lines, the last one speaks for it."""
    if kind == "movements":
        return {"movements": "select * from typed"}
    if kind == "inventory_snapshots":
        snapshot = "warehouse_code || '.' || strftime(as_of, '%Y%m%dT%H%M%SZ') as snapshot_id"
        # Lots of a SKU are lines of their own; stock is their sum.
        sums = ", ".join(f"sum({column}) as {column}" for column in LAYOUTS["inventory_snapshots"].numbers)
        what = "file_no_, warehouse_code, sku, as_of, as_of_text, zone, zone_source"
        return {"inventory_snapshots": f"select {snapshot}, {what}, {sums} from typed group by all"}
    root, key, lines = _TABLES[kind]
    roots = (
        f"select * replace (coalesce(updated_at, made_at) as updated_at, "
        f"coalesce(status, {text(_STATUS[kind])}) as status) "
        f"from typed qualify row_number() over (partition by file_no_, {key} order by line_number_ desc) = 1"
    )
    if kind == "receipts":
        sums = ", ".join(f"sum({column}) as {column}" for column in LAYOUTS["receipts"].numbers)
        return {root: roots, lines: f"select file_no_, receipt_id, sku, {sums} from typed group by all"}
    place = f"row_number() over (partition by file_no_, {key} order by line_number_)"
    number = f"coalesce(try_cast(line_number as bigint), {place})"
    return {root: roots, lines: f"select * replace ({number} as line_number) from typed"}
