"""The jobs: bring everything up to date, or one half of that, and send what changed."""

import dagster as dg

from orchestration.lib.jobs import DELIVER, EXTRACT, MODEL, REFRESH


@dg.definitions
def jobs() -> dg.Definitions:
    """`refresh` and its halves, reading a shop and building from what is there; `deliver`."""
    return dg.Definitions(jobs=[REFRESH, EXTRACT, MODEL, DELIVER])
