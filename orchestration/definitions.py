"""The code location: everything under defs/, one executor, one way to show progress.

shopify/<table> -> stg_ -> int_ -> scores/ -> fct_, dim_ -> sync_shopify__customers -> delivered/shopify/customers
"""

from datetime import timedelta
from pathlib import Path

import dagster as dg

from orchestration.lib.progress import LogProgress

# Whatever has no policy of its own is expected to follow the hourly refresh within a day.
DEFAULT_FRESHNESS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=6))


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions. Steps run in the process of the run: DuckDB has one writing process."""
    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    fresh = found.map_resolved_asset_specs(
        func=lambda spec: dg.apply_freshness_policy(spec, DEFAULT_FRESHNESS, overwrite_existing=False)
    )
    return dg.Definitions.merge(
        fresh, dg.Definitions(executor=dg.in_process_executor, resources={"progress": LogProgress()})
    )
