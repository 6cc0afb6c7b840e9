"""Shopify's raw tables: one asset a table of its contract, one partition a shop."""

import dagster as dg

from orchestration.lib.raw_assets import build_raw_assets
from orchestration.lib.shopify_source import shopify_source
from pipelines.config import load_settings


@dg.definitions
def shopify() -> dg.Definitions:
    """Raw assets with their completeness and contract checks."""
    settings = load_settings()
    return dg.Definitions(assets=[build_raw_assets(settings, shopify_source())])
