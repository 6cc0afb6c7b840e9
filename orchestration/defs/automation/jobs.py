"""The two jobs: bring everything up to date, and send what changed."""

import dagster as dg

from orchestration.lib.jobs import DELIVER, EXTRACT, MODEL, REFRESH


@dg.definitions
def jobs() -> dg.Definitions:
    """`refresh` and `deliver`."""
    return dg.Definitions(jobs=[REFRESH, EXTRACT, MODEL, DELIVER])
