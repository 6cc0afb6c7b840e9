"""Reads an X12 file of a partner: shipping advice (945), receipt (944), stock (846) and adjustment (947)."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.threepl.files.content import Content, zones
from pipelines.threepl.files.x12_checks import check
from pipelines.threepl.files.x12_envelope import X12File, read_x12
from pipelines.threepl.files.x12_sql import tables, views
from pipelines.threepl_settings import Feed, FilePartner

_ENTITIES = {
    "shipments": "shipments",
    "inventory_snapshots": "inventory_snapshots",
    "movements": "movements",
    "receipts": "receipts",
    "returns": "returns",
}


def read_x12_file(connection: duckdb.DuckDBPyConnection, partner: FilePartner, feed: Feed, path: Path) -> Content:
    """Read and check a file; its rows stay in the connection until the next file is read.

    Raises FeedRefused with the segment: FED-03 for what is torn or miscounted, FED-04 for what is not known, FED-05
    for times whose zone nobody knows.
    """
    file = read_x12(path)
    _register(connection, file)
    statements = views(partner.qualifiers, feed.warehouse)
    for statement in statements[:3]:
        connection.execute(statement)
    codes = tuple(
        code for (code,) in connection.execute("select distinct warehouse_code from doc_text").fetchall() if code
    )
    connection.register("zones", zones(partner, codes))
    for statement in statements[3:]:
        connection.execute(statement)
    check(connection, partner.qualifiers)
    rows = tables(partner.qualifiers)
    filled = tuple(
        entity
        for entity in _ENTITIES
        if connection.execute(f"select 1 from ({rows[entity]}) limit 1").fetchone() is not None
    )
    lines = connection.execute("select count(*) from line").fetchone()
    snapshots = connection.execute(
        "select warehouse_code, max(moment) from doc where code = '846' group by all"
    ).fetchall()
    return Content(
        entities=filled,
        tables=rows,
        warehouses=codes,
        rows=int(lines[0]) if lines else 0,
        control_number=file.control_number,
        snapshots=dict(snapshots),
    )


def _register(connection: duckdb.DuckDBPyConnection, file: X12File) -> None:
    connection.register("file", pa.table({"separator": [file.separator]}))
    connection.register("segments", file.segments)
    readings = pa.array([f"20{made.date}{made.time[:4]}" for made in file.interchanges], pa.string())
    connection.register(
        "made",
        pa.table(
            {
                "interchange": pa.array(range(1, len(file.interchanges) + 1), pa.int64()),
                "reading": pc.strptime(readings, format="%Y%m%d%H%M", unit="us", error_is_null=True),
            }
        ),
    )
