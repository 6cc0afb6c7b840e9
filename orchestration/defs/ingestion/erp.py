"""The ERP's raw tables: one asset a table of its contract; none where no ERP is configured."""

import dagster as dg

from orchestration.lib.connected_sources import erp_source
from orchestration.lib.connection_assets import build_connection_assets
from pipelines.config import load_settings


@dg.definitions
def erp() -> dg.Definitions:
    """Raw assets with their completeness, contract and reachability checks."""
    settings = load_settings()
    if not settings.erp:
        return dg.Definitions()
    assets = build_connection_assets(settings, erp_source(settings), sorted(settings.erp), "ERP")
    return dg.Definitions(assets=[assets])
