"""Shopify's raw tables: one asset a table of its contract, one partition a shop."""

import dagster as dg

from orchestration.lib.raw_assets import build_raw_assets
from orchestration.lib.raw_freshness import build_freshness_check
from orchestration.lib.shopify_source import shopify_source
from pipelines.config import load_settings


@dg.definitions
def shopify() -> dg.Definitions:
    """Raw assets with their completeness, contract and freshness checks."""
    settings = load_settings()
    source = shopify_source(settings)
    return dg.Definitions(
        assets=[build_raw_assets(settings, source)],
        asset_checks=[build_freshness_check(settings, source.name, table="orders", entity="orders")],
    )
