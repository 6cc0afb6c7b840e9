"""Everything that goes back to Shopify: one asset a sync file."""

import dagster as dg

from orchestration.lib.delivery_assets import build_delivery_asset
from pipelines.config import load_settings
from reverse_etl.sync_format.sync_yaml import load_sync, sync_names


@dg.definitions
def to_shopify() -> dg.Definitions:
    """The delivered state of every sync."""
    settings = load_settings()
    return dg.Definitions(assets=[build_delivery_asset(settings, load_sync(name).sync) for name in sync_names()])
