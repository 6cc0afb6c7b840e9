"""Run by the peer's own Python: PyAirbyte with airbyte-source-shopify, stream orders -> its DuckDB cache."""

import json
import sys
from pathlib import Path

import airbyte

connector, config, database = sys.argv[1:]
source = airbyte.get_source(
    "source-shopify",
    config=json.loads(Path(config).read_text(encoding="utf-8")),
    local_executable=Path(connector),
    install_if_missing=False,
)
source.select_streams(["orders"])
source.read(cache=airbyte.DuckDBCache(db_path=Path(database)), force_full_refresh=True)
