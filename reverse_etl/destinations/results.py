"""Result files of bulk mutations: which lines took effect, and the digests of what they wrote."""

import gzip
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import orjson
import pyarrow as pa

from pipelines.contracts.sql import text
from pipelines.shopify.bulk_operation import BulkOperation
from pipelines.shopify.download import download

LINE_NUMBER = "__lineNumber"  # from 0; the order of lines is not promised
_COLUMNS = f"""{{'{LINE_NUMBER}': 'bigint',
    'data': 'struct("metafieldsSet" struct(metafields struct("compareDigest" varchar)[]))'}}"""


async def fetch_result(operation: BulkOperation, folder: Path, shop: str) -> Path | None:
    """The result file, whole or of the part that an operation came to before it failed; None when there is none."""
    url = operation.url or operation.partial_data_url
    if url is None:
        return None
    result = await download(
        url,
        folder / f"result-{operation.id.rpartition('/')[2]}.jsonl",
        what=f"the result of bulk mutation {operation.id} of shop {shop}",
        expected_bytes=operation.file_size if operation.url else None,
    )
    return result.path


def succeeded_lines(path: Path, lines: int, succeeded: Callable[[dict[str, Any]], bool]) -> bytearray:
    """One byte for each of `lines` sent: 1 when its result says that it took effect.

    A line without a result (the operation failed before it came to it) did not, as far as anybody knows.
    """
    found = bytearray(lines)
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        for line_text in file:
            if line_text.strip():
                line = orjson.loads(line_text)
                found[line[LINE_NUMBER]] = succeeded(line)
    return found


def digests_of(path: Path, sizes: "array[int]", plan_rows: "array[int]") -> pa.Table:
    """Columns plan_row and digest of the values that a bulk metafieldsSet wrote.

    A call answers its values in their order: `sizes` are the values of each line that was sent, `plan_rows` the rows of
    all of them. A line that answers another number of values, or none as it was refused, says nothing.
    """
    sent = pa.table({"plan_row": _column(plan_rows), "place": np.arange(len(plan_rows))})
    lines = pa.table({"size": _column(sizes), "line": np.arange(len(sizes))})
    compression = "gzip" if path.suffix == ".gz" else "uncompressed"
    results = f"read_ndjson({text(str(path))}, columns = {_COLUMNS}, compression = '{compression}')"
    with duckdb.connect() as connection:
        connection.register("sent", sent)
        connection.register("lines", lines)
        return connection.sql(
            f"""
            with begun as (
                select line, size, sum(size) over (order by line) - size as first_place from lines
            ), answered as (
                select {LINE_NUMBER} as line, data."metafieldsSet".metafields as values_of_line from {results}
            ), written as (
                select
                    b.first_place + unnest(range(b.size)) as place,
                    unnest(a.values_of_line)."compareDigest" as digest
                from answered as a join begun as b on b.line = a.line
                where len(a.values_of_line) = b.size
            )
            select s.plan_row, w.digest from written as w join sent as s on s.place = w.place
            where w.digest is not null
            """
        ).to_arrow_table()


def _column(numbers: "array[int]") -> pa.Array:
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
