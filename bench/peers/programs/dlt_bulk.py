"""Run by the peer's own Python: dlt fed the lines of a bulk result on disk, Parquet loader, child tables -> DuckDB.

Only the load: no bulk operation is submitted, polled or downloaded, which is in dlt's favour.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt

CHUNK_LINES = 5_000


@dlt.resource(primary_key="id", write_disposition="append", table_name=lambda line: line["__typename"])
def lines(path: Path) -> Iterator[list[dict[str, Any]]]:
    """All lines; a table for each type."""
    chunk = []
    with path.open(encoding="utf-8") as file:
        for line in file:
            chunk.append(json.loads(line))
            if len(chunk) == CHUNK_LINES:
                yield chunk
                chunk = []
    yield chunk


destination = dlt.destinations.duckdb(sys.argv[1])
pipeline = dlt.pipeline("peer_bulk", destination=destination, dataset_name="shopify", pipelines_dir="dlt")
pipeline.run(lines(Path(sys.argv[2])), loader_file_format="parquet")
