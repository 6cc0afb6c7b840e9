"""All models, seeds and tests of the dbt project."""

import dagster as dg

from orchestration.lib import dbt_manifest, dbt_project
from orchestration.lib.dbt_assets import build_dbt_assets
from pipelines.config import load_settings


@dg.definitions
def dbt() -> dg.Definitions:
    """Models as assets, tests as checks."""
    settings = load_settings()
    return dg.Definitions(
        assets=[build_dbt_assets(settings, dbt_manifest.manifest(settings), dbt_project.variables(settings))],
        resources={"dbt": dbt_project.resource(settings)},
    )
