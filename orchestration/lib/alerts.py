"""Tells a chat or a pager about runs that failed, in the words of the step that failed."""

import dagster as dg
import httpx

from pipelines.config import Alerts
from pipelines.failures import SourceUnavailable

PATIENCE_SECONDS = 15.0


def build_failure_sensor(alerts: Alerts) -> dg.SensorDefinition:
    """A sensor that posts `{"text": ...}` to the webhook: what Slack, Teams' workflows and most receivers take."""
    assert alerts.webhook_url is not None  # noqa: S101  # asked for only where it is set
    url = alerts.webhook_url.get_secret_value()

    @dg.run_failure_sensor(
        name="tell_about_failures",
        monitor_all_code_locations=False,
        description="Post the sentence of a failed step to the webhook of the settings.",
    )
    def tell_about_failures(context: dg.RunFailureSensorContext) -> None:
        reasons = [_reason(event) for event in context.get_step_failure_events()]
        post(url, sentence(alerts, context.dagster_run, reasons or [context.failure_event.message or ""]))

    return tell_about_failures


def sentence(alerts: Alerts, run: dg.DagsterRun, reasons: list[str]) -> str:
    """What failed, for which shop, why, and where to look."""
    shop = run.tags.get("dagster/partition")
    where = f" of shop {shop}" if shop else ""
    link = f" {alerts.ui_url.rstrip('/')}/runs/{run.run_id}" if alerts.ui_url else ""
    return f"Boomerang: {run.job_name}{where} failed (run {run.run_id[:8]}). {' '.join(reasons)}{link}"


def post(url: str, text: str) -> None:
    """Send it; a receiver that refuses is a failed tick of the sensor, without the secret address in its words."""
    try:
        httpx.post(url, json={"text": text}, timeout=PATIENCE_SECONDS).raise_for_status()
    except httpx.HTTPStatusError as error:
        reason = f"HTTP {error.response.status_code}"
    except httpx.HTTPError as error:
        reason = type(error).__name__
    else:
        return
    raise SourceUnavailable(
        f"The alert could not be posted ({reason}); check the setting alerts.webhook_url and the receiver behind it."
    )


def _reason(event: dg.DagsterEvent) -> str:
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error and error.cause:
        error = error.cause
    return f"{event.step_key}: {error.message.strip()}" if error else f"{event.step_key} failed."
