"""The raw tables of 3PL partners: one asset a table of their contract; none where no partner is configured."""

import dagster as dg

from orchestration.lib.connected_sources import threepl_source
from orchestration.lib.connection_assets import build_connection_assets
from pipelines.config import load_settings


@dg.definitions
def threepl() -> dg.Definitions:
    """Raw assets with their completeness, contract and reachability checks."""
    settings = load_settings()
    if not settings.threepl:
        return dg.Definitions()
    assets = build_connection_assets(settings, threepl_source(settings), sorted(settings.threepl), "partner")
    return dg.Definitions(assets=[assets])
