"""Sensors. The one that writes to a real store is off until somebody turns it on."""

import dagster as dg

from orchestration.lib.alerts import build_failure_sensor
from orchestration.lib.by_shop import build_sensor
from orchestration.lib.concurrency import takes_turns
from orchestration.lib.jobs import DELIVERED, EXTRACT, MODEL
from pipelines.config import load_settings


@dg.definitions
def sensors() -> dg.Definitions:
    """Deliver what changed and is trusted; where shops are extracted apart, build when all of them are."""
    settings = load_settings()
    deliver_when_trusted = dg.AutomationConditionSensorDefinition(
        "deliver_when_trusted",
        target=DELIVERED,
        description="Deliver as soon as the wanted values changed and every blocking check on them passed.",
    )
    apart = [] if takes_turns(settings) else [build_sensor(settings, extract=EXTRACT.name, model=MODEL.name)]
    told = [build_failure_sensor(settings.alerts)] if settings.alerts.webhook_url else []
    return dg.Definitions(sensors=[deliver_when_trusted, *apart, *told])
