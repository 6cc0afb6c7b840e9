"""The copy of the warehouse that people's SQL tools read; other warehouses than DuckDB let them in anyway."""

from collections.abc import Sequence

import dagster as dg

from orchestration.lib.concurrency import DUCKDB, takes_turns
from orchestration.lib.dbt_manifest import manifest
from orchestration.lib.dbt_translator import is_mart
from orchestration.lib.failures import readable_failures
from orchestration.lib.freshness import HOURLY
from orchestration.lib.read_copy import read_copy_path, renew_read_copy
from pipelines.config import Settings, load_settings


@dg.definitions
def read_copy() -> dg.Definitions:
    """Renewed after every mart."""
    settings = load_settings()
    if not takes_turns(settings):
        return dg.Definitions()
    nodes = manifest(settings)["nodes"].values()
    return dg.Definitions(assets=[_read_copy(settings, sorted(node["name"] for node in nodes if is_mart(node)))])


def _read_copy(settings: Settings, marts: Sequence[str]) -> dg.AssetsDefinition:
    @dg.asset(
        key=["analysts", "read_copy"],
        group_name="analysts",
        deps=marts,
        kinds={"duckdb"},
        pool=DUCKDB,
        freshness_policy=HOURLY,
    )
    def read_copy() -> dg.MaterializeResult[None]:
        """The warehouse as one DuckDB file for SQL tools; swapped after each refresh, never locked by a run."""
        with readable_failures():
            size = renew_read_copy(settings)
        path = dg.MetadataValue.path(str(read_copy_path(settings)))
        return dg.MaterializeResult(metadata={"path": path, "megabytes": round(size / 1e6, 1)})

    return read_copy
