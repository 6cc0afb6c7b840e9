"""Clock-shaped work. Both schedules are off until somebody turns them on in the UI: they reach a real store."""

import dagster as dg

from orchestration.lib.jobs import DELIVER, REFRESH
from orchestration.lib.shops import all_shops
from pipelines.config import load_settings


@dg.definitions
def schedules() -> dg.Definitions:
    """Refresh on the hour; deliver each morning, before marketing starts its day."""
    settings = load_settings()

    @dg.schedule(name="refresh_hourly", cron_schedule="0 * * * *", job=REFRESH)
    def refresh_hourly() -> dg.RunRequest:
        """One run over all shops, every hour."""
        return dg.RunRequest(tags=all_shops(settings))

    deliver_daily = dg.ScheduleDefinition(
        name="deliver_daily",
        cron_schedule="30 5 * * *",
        job=DELIVER,
        description="Send what changed to Shopify, every morning; an unchanged customer costs no request.",
    )
    return dg.Definitions(schedules=[refresh_hourly, deliver_daily])
