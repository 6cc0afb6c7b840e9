"""Customer scores, fitted between two steps of dbt."""

import dagster as dg

from orchestration.lib.score_assets import build_score_assets
from pipelines.config import load_settings


@dg.definitions
def scores() -> dg.Definitions:
    """The tables of the schema `scores`."""
    return dg.Definitions(assets=[build_score_assets(load_settings())])
