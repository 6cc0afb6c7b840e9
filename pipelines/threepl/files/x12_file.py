"""Reads X12 files of a feed together: shipping advice (945), receipt (944), stock (846) and adjustment (947)."""

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contracts.odcs import Contract
from pipelines.threepl.files.content import FILE_NO, Batch, Content, Incoming, arrow_of, zones
from pipelines.threepl.files.x12_checks import check
from pipelines.threepl.files.x12_envelope import X12File, read_x12
from pipelines.threepl.files.x12_sql import tables, views
from pipelines.threepl.problems import FeedRefused
from pipelines.threepl_settings import Feed, FilePartner

_ENTITIES = ("shipments", "inventory_snapshots", "movements", "receipts", "returns")


def read_x12_files(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    partner: FilePartner,
    feed: Feed,
    incoming: Sequence[Incoming],
) -> Batch:
    """Read and check files; each is in the batch as content or as a refusal that names the segment.

    FED-03 is for what is torn or miscounted, FED-04 for what is not known, FED-05 for times whose zone nobody knows.
    """
    batch = Batch()
    read: list[tuple[Incoming, X12File]] = []
    for one in incoming:
        try:
            read.append((one, read_x12(one.path)))
        except FeedRefused as problem:
            batch.refusals[one.number] = problem
    if not read:
        return batch
    _register(connection, read)
    statements = views(partner.qualifiers, feed.warehouse)
    for statement in statements[:3]:
        connection.execute(statement)
    found = connection.execute("select file_no_, list(distinct warehouse_code) from doc_text group by 1").fetchall()
    codes = {number: tuple(code for code in named if code) for number, named in found}
    connection.register("zones", zones(partner, tuple({code for named in codes.values() for code in named})))
    for statement in statements[3:]:
        connection.execute(statement)
    batch.refusals |= check(connection, partner.qualifiers)
    sql = tables(partner.qualifiers)
    batch.tables = arrow_of(connection, contract, sql, by_file=True)
    entities = {
        entity: set(batch.tables[entity].column(FILE_NO).to_pylist() if entity in batch.tables else ())
        for entity in _ENTITIES
    }
    lines = dict(
        connection.execute("select file_no_, count(*) from line join doc using (set_no) group by 1").fetchall()
    )
    stock = connection.execute(
        "select file_no_, warehouse_code, max(moment) from doc where code = '846' and moment is not null group by all"
    ).fetchall()
    for one, file in read:
        if one.number not in batch.refusals:
            batch.contents[one.number] = Content(
                entities=tuple(entity for entity in _ENTITIES if one.number in entities[entity]),
                warehouses=codes.get(one.number, ()),
                rows=lines.get(one.number, 0),
                control_number=file.control_number,
                snapshots={code: as_of for number, code, as_of in stock if number == one.number},
            )
    return batch


def _register(connection: duckdb.DuckDBPyConnection, read: Sequence[tuple[Incoming, X12File]]) -> None:
    """Make the tables of the batch, in which segments, sets and interchanges are numbered through."""
    parts, made, files = [], [], []
    segments = sets = interchanges = 0
    for one, file in read:
        rows = file.segments
        for name, offset in (("n", segments), ("set_no", sets), ("interchange", interchanges)):
            place = rows.schema.get_field_index(name)
            rows = rows.set_column(place, name, pc.add(rows.column(name), offset))
        rows = rows.append_column(FILE_NO, pa.array([one.number] * rows.num_rows, pa.int64()))
        parts.append(rows.append_column("separator", pa.array([file.separator] * rows.num_rows, pa.string())))
        for number, interchange in enumerate(file.interchanges, start=1):
            made.append((interchanges + number, f"20{interchange.date}{interchange.time[:4]}"))
        files.append((one.number, one.file_id, segments, segments + rows.num_rows))
        segments, sets = segments + rows.num_rows, sets + len(file.sets)
        interchanges += len(file.interchanges)
    connection.register("segments", pa.concat_tables(parts))
    numbers, readings = zip(*made, strict=True)
    instants = pc.strptime(pa.array(readings, pa.string()), format="%Y%m%d%H%M", unit="us", error_is_null=True)
    connection.register("made", pa.table({"interchange": pa.array(numbers, pa.int64()), "reading": instants}))
    columns = zip((FILE_NO, "file_id", "after", "last"), zip(*files, strict=True), strict=True)
    connection.register("files", pa.table({name: pa.array(values) for name, values in columns}))
