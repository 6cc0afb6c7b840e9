"""The code location: everything under defs/, one executor, one way to show progress.

shopify/<table> -> stg_, int_ -> scores/ -> fct_, dim_ -> sync_shopify__customers -> delivered/shopify/customers
"""

from pathlib import Path

import dagster as dg

from orchestration.lib.concurrency import executor
from orchestration.lib.progress import LogProgress
from pipelines.config import load_settings


@dg.definitions
def defs() -> dg.Definitions:
    """All definitions. How steps run follows the warehouse of the settings."""
    found = dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
    ours = dg.Definitions(executor=executor(load_settings()), resources={"progress": LogProgress()})
    return dg.Definitions.merge(found, ours)
