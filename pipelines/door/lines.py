"""An export's lines exactly as they stand in the file, numbered, for the pass that must name the bad ones.

DuckDB's readers either stop at a broken line or lose its text, and both give up on bytes that are not UTF-8. Splitting
blocks of bytes at line ends is fast enough for the rare file that needs it, and keeps every line.
"""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.contracts.sql import text
from pipelines.door.reader import ExportFile
from pipelines.door.scratch import PARQUET

BLOCK_BYTES = 4 << 20
_SCHEMA = pa.schema([("number", pa.int64()), ("line", pa.string())])


def write_lines(connection: duckdb.DuckDBPyConnection, file: ExportFile, path: Path) -> int:
    """Write `number` (from 1), `line` and `typename` of every line that is not blank to Parquet; the number of lines.

    `typename` is null for a line that is not a JSON object, and empty for an object without one.
    """
    reader = pa.RecordBatchReader.from_batches(_SCHEMA, _batches(file))
    connection.register("_lines", reader)
    try:
        copied = connection.execute(
            f"""copy (
                select number, line,
                    case when json_valid(line) and json_type(line) = 'OBJECT'
                         then coalesce(json_extract_string(line, '$.__typename'), '') end as typename
                from _lines
            ) to {text(str(path))} {PARQUET}"""
        ).fetchall()
    finally:
        connection.unregister("_lines")
    return int(copied[0][0])


def _batches(file: ExportFile) -> Iterator[pa.RecordBatch]:
    number = 0
    for block in _blocks(file):
        # A byte that is not UTF-8 becomes `\xNN`, which is no JSON escape: the line is rejected and still readable.
        lines = block.decode("utf-8", errors="backslashreplace").split("\n")
        numbers = range(number + 1, number + 1 + len(lines))
        number += len(lines)
        kept = [(at, line.rstrip("\r")) for at, line in zip(numbers, lines, strict=True) if line.strip()]
        if kept:
            yield pa.RecordBatch.from_arrays(
                [pa.array([at for at, _ in kept], pa.int64()), pa.array([line for _, line in kept], pa.string())],
                schema=_SCHEMA,
            )


def _blocks(file: ExportFile) -> Iterator[bytes]:
    """The file in blocks that end at a line end."""
    rest = b""
    with gzip.open(file.path, "rb") if file.is_compressed else file.path.open("rb") as stream:
        while chunk := stream.read(BLOCK_BYTES):
            complete, newline, tail = (rest + chunk).rpartition(b"\n")
            rest = tail
            if newline:
                yield complete
    if rest:
        yield rest


def count_lines(path: Path) -> int:
    """Lines with content of a JSONL file, compressed or not; an unterminated last line counts, empty ones do not."""
    lines, last = 0, b"\n"
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        while chunk := file.read(BLOCK_BYTES):
            lines += chunk.count(b"\n")
            if b"\n\n" in chunk or (last == b"\n" and chunk[:1] == b"\n"):
                lines -= len(re.findall(rb"(?<=\n)\n", last + chunk))
            last = chunk[-1:]
    return lines + (last != b"\n")


def last_line(path: Path) -> bytes | None:
    """The last line if no line end follows it: what a file that was cut short ends with. None for a finished file."""
    rest = b""
    for block in _blocks(ExportFile(path)):
        rest = block
    return rest.rpartition(b"\n")[2] if not _ends_in_newline(path) else None


def _ends_in_newline(path: Path) -> bool:
    file = ExportFile(path)
    last = b""
    with gzip.open(path, "rb") if file.is_compressed else path.open("rb") as stream:
        if not file.is_compressed:
            stream.seek(max(0, path.stat().st_size - 1))
            return stream.read(1) in (b"\n", b"")
        while chunk := stream.read(BLOCK_BYTES):
            last = chunk[-1:]
    return last in (b"\n", b"")
