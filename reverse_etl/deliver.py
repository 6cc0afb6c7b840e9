"""What a scheduled or launched delivery of one sync does: begin anew, go on with a plan that is under way, or wait.

a plan id                 whoever launches it approves it (and lets its canary's rest go), then it is applied
a canary that waits       its rest is sent when its time has come; until then nothing happens
a plan that was approved  is applied, while nothing has moved since
else                      a new plan; it is applied, or waits for an approval
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.config import Settings
from pipelines.failures import DeliveryError
from pipelines.progress import Progress
from reverse_etl.apply import apply_plan
from reverse_etl.delivery.canary import go_plan
from reverse_etl.failures import CanaryWaiting, StalePlan
from reverse_etl.plan import plan_sync
from reverse_etl.plans.approvals import DAGSTER, approve_plan
from reverse_etl.plans.plan_store import latest_plan, load_plan
from reverse_etl.report import DeliveryReport, Plan
from reverse_etl.sync_format.sync_yaml import SYNCS


@dataclass(frozen=True)
class Delivered:
    """The plan that was looked at, and what was sent of it. `waits` says what it waits for, '' when for nothing."""

    plan: Plan
    report: DeliveryReport | None
    waits: str = ""


def deliver_sync(
    settings: Settings,
    sync_name: str,
    progress: Progress | None = None,
    *,
    plan_id: str | None = None,
    launched_by: str = "",
    folder: Path = SYNCS,
) -> Delivered:
    """Deliver one sync to all shops. Raises what plan_sync and apply_plan raise, save that a canary waits its time."""
    if plan_id:
        return _launched(settings, sync_name, progress, plan_id, launched_by, folder)
    under_way = latest_plan(settings, sync_name)
    if under_way and (under_way.state == "waiting" or (under_way.state == "planned" and under_way.approval)):
        try:
            return _applied(settings, under_way, progress, folder)
        except StalePlan:
            pass  # the world has moved: a new plan takes its place
    plan = plan_sync(settings, sync_name, folder=folder)
    return Delivered(plan, None) if plan.is_empty else _applied(settings, plan, progress, folder)


def _launched(
    settings: Settings, sync_name: str, progress: Progress | None, plan_id: str, launched_by: str, folder: Path
) -> Delivered:
    plan = load_plan(settings, plan_id)
    if plan.sync != sync_name:
        raise DeliveryError(
            f"Plan {plan_id} is one of sync '{plan.sync}', not of '{sync_name}'; nothing was written. Launch that sync "
            f"with it, or this one with a plan of its own."
        )
    approve_plan(settings, plan_id, launched_by, via=DAGSTER)
    if plan.canary is not None and plan.canary.state != "sending":
        go_plan(settings, plan_id, launched_by)
    return _applied(settings, plan, progress, folder)


def _applied(settings: Settings, plan: Plan, progress: Progress | None, folder: Path) -> Delivered:
    try:
        report = apply_plan(settings, plan.plan_id, progress, folder=folder)
    except CanaryWaiting as waits:
        return Delivered(plan, None, str(waits))
    waits_for = ""
    if report.waits and report.canary:
        records = f"The canary ({report.canary.records:,} records) of plan {plan.plan_id} is in place; the rest waits"
        until = "" if report.canary.needs_go else f" until {report.canary.resume_at:%Y-%m-%d %H:%M} UTC, or"
        waits_for = f"{records}{until} for a go: `boomerang go {plan.plan_id} --by NAME`, or a launch with its id."
    return Delivered(plan, report, waits_for)
