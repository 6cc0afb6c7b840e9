"""The jobs. They select by group and by kind of key, never by name, so that a new model is in them by itself."""

import dagster as dg

from orchestration.lib.raw_specs import BY_SHOP

DELIVERED = dg.AssetSelection.key_prefixes("delivered")
# What is delivered, with everything that only exists for it: the models of the syncs, and their tests.
WANTED = DELIVERED.upstream(depth=1) - DELIVERED

READ_BY_SHOP = dg.AssetSelection.tag(*next(iter(BY_SHOP.items())))

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - DELIVERED,
    description="From all sources to marts, scores and wanted values, with every check; writes nothing to Shopify.",
)

# The halves of a refresh where each shop is extracted by a run of its own. What all shops share (ERP, 3PL) is read
# once, at the beginning of the second.
EXTRACT = dg.define_asset_job(
    "extract",
    # Its own checks only: dbt's tests of raw tables are dbt's to run.
    selection=READ_BY_SHOP,
    description="Read what is new of one shop, with the completeness of what was read.",
)

MODEL = dg.define_asset_job(
    "model",
    selection=dg.AssetSelection.all() - DELIVERED - READ_BY_SHOP,
    description="Read ERP and 3PL, build models, scores and wanted values from what is there, with every check.",
)

DELIVER = dg.define_asset_job(
    "deliver",
    selection=WANTED | DELIVERED,
    description="Test what each record should carry, plan the difference, let the guards look, and apply it.",
)
