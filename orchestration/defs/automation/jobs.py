"""The two jobs: bring everything up to date, and send what changed."""

import dagster as dg

from orchestration.lib.jobs import DELIVER, REFRESH


@dg.definitions
def jobs() -> dg.Definitions:
    """`refresh` and `deliver`."""
    return dg.Definitions(jobs=[REFRESH, DELIVER])
