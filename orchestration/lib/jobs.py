"""The two jobs. They select by group and by kind of key, never by name, so that a new model is in them by itself."""

import dagster as dg

DELIVERED = dg.AssetSelection.key_prefixes("delivered")
# What is delivered, with everything that only exists for it: the models of the syncs, and their tests.
WANTED = DELIVERED.upstream(depth=1) - DELIVERED

REFRESH = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - DELIVERED,
    description="From Shopify to marts, scores and wanted values, with every check; writes nothing to Shopify.",
)

DELIVER = dg.define_asset_job(
    "deliver",
    selection=WANTED | DELIVERED,
    description="Test what each record should carry, plan the difference, let the guards look, and apply it.",
)
