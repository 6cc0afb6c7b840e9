"""The sensor that acts on automation conditions; off until somebody turns it on, for it writes to a real store."""

import dagster as dg

from orchestration.lib.jobs import DELIVERED


@dg.definitions
def sensors() -> dg.Definitions:
    """Deliver as soon as wanted values changed and every blocking check passed."""
    deliver_when_trusted = dg.AutomationConditionSensorDefinition(
        "deliver_when_trusted",
        target=DELIVERED,
        description="Deliver as soon as the wanted values changed and every blocking check on them passed.",
    )
    return dg.Definitions(sensors=[deliver_when_trusted])
