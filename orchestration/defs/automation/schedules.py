"""Clock-shaped work. Both schedules are off until somebody turns them on in the UI: they reach a real store."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.by_shop import extraction_runs
from orchestration.lib.concurrency import takes_turns
from orchestration.lib.jobs import DELIVER, EXTRACT, REFRESH
from orchestration.lib.shops import all_shops
from pipelines.config import load_settings

REFRESH_HOURLY, HOURLY = "refresh_hourly", "0 * * * *"


@dg.definitions
def schedules() -> dg.Definitions:
    """Refresh on the hour; deliver each morning, before marketing starts its day."""
    settings = load_settings()

    @dg.schedule(name=REFRESH_HOURLY, cron_schedule=HOURLY, job=REFRESH)
    def in_one_run() -> dg.RunRequest:
        """One run over all shops, every hour."""
        return dg.RunRequest(tags=all_shops(settings))

    @dg.schedule(name=REFRESH_HOURLY, cron_schedule=HOURLY, job=EXTRACT)
    def by_shop(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        """A run a shop, every hour; the models follow when the last has ended."""
        yield from extraction_runs(settings, context.scheduled_execution_time)

    deliver_daily = dg.ScheduleDefinition(
        name="deliver_daily",
        cron_schedule="30 5 * * *",
        job=DELIVER,
        description="Send what changed to Shopify, every morning; an unchanged customer costs no request.",
    )
    return dg.Definitions(schedules=[in_one_run if takes_turns(settings) else by_shop, deliver_daily])
