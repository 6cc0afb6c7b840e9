"""The code location: everything under defs/, one executor, one way to show progress.

shopify/<table> -> stg_, int_ -> scores/ -> fct_, dim_ -> sync_shopify__customers -> delivered/shopify/customers
"""

from pathlib import Path

import dagster as dg

from orchestration.lib.progress import LogProgress


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions. Steps run in the process of the run: DuckDB has one writing process."""
    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    ours = dg.Definitions(executor=dg.in_process_executor, resources={"progress": LogProgress()})
    return dg.Definitions.merge(found, ours)
