"""Write-back by hand: look at the difference, then send exactly that."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from orchestration.commands.plan_display import show_plan
from orchestration.commands.plan_page import write_page
from orchestration.commands.shared import Demo, OneShop, chosen_settings, progress_on_terminal
from orchestration.quiet import wide_console
from pipelines.config import Settings
from reverse_etl.apply import apply_plan
from reverse_etl.approvals import approve_plan
from reverse_etl.canary import go_plan
from reverse_etl.plan import plan_sync
from reverse_etl.plan_diff import plan_diff
from reverse_etl.report import DeliveryReport, Undo
from reverse_etl.undo import plan_undo
from reverse_etl.verify import Verification, verify_sync

Page = Annotated[Path | None, typer.Option("--html", help="Write the plan as a page to this file, too.")]


def plan(
    sync: Annotated[str, typer.Argument(help="Name of a sync file in reverse_etl/syncs.")] = "customers",
    shop: OneShop = None,
    html: Page = None,
    demo: Demo = False,
) -> None:
    """Store and print what a sync would change in Shopify; sends nothing."""
    with chosen_settings(demo) as settings:
        _show(wide_console(), settings, plan_sync(settings, sync, shop).plan_id, html)


def show(
    plan_id: Annotated[str, typer.Argument(help="The plan to look at again, as printed by `boomerang plan`.")],
    html: Page = None,
    demo: Demo = False,
) -> None:
    """Print a stored plan again: what it would change, who approved it, whether it still may be applied."""
    with chosen_settings(demo) as settings:
        _show(wide_console(), settings, plan_id, html)


def approve(
    plan_id: Annotated[str, typer.Argument(help="The plan to agree to, as printed by `boomerang plan`.")],
    by: Annotated[str, typer.Option("--by", help="Who agrees; kept with the time and the hash of the plan.")],
    demo: Demo = False,
) -> None:
    """Agree to a plan, so that a sync that wants approval may apply it; sends nothing."""
    with chosen_settings(demo) as settings:
        approved = approve_plan(settings, plan_id, by)
    if approved.approval:
        wide_console().print(
            f"Plan {plan_id} (hash {approved.content_hash[:12]}) is approved by {approved.approval.approved_by} since "
            f"{approved.approval.approved_at:%Y-%m-%d %H:%M} UTC. Send it with: boomerang apply {plan_id}",
            highlight=False,
        )


def apply(
    plan_id: Annotated[str, typer.Argument(help="The plan to send, as printed by `boomerang plan`.")],
    allow_large_change: Annotated[bool, typer.Option(help="Send it although a guard stopped it.")] = False,
    take_over: Annotated[bool, typer.Option(help="Take the lock of a run that is known to be dead.")] = False,
    demo: Demo = False,
) -> None:
    """Send exactly one plan to Shopify; what was acknowledged before is not sent again."""
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        report = apply_plan(settings, plan_id, progress, allow_large_change=allow_large_change, take_over=take_over)
    _print_report(wide_console(), report)


def go(
    plan_id: Annotated[str, typer.Argument(help="A plan whose canary is in place, or failed.")],
    by: Annotated[str, typer.Option("--by", help="Who lets the rest go; kept with the time.")],
    demo: Demo = False,
) -> None:
    """Send the rest of a plan whose canary waits; of one whose canary failed, on purpose."""
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        go_plan(settings, plan_id, by)
        report = apply_plan(settings, plan_id, progress)
    _print_report(wide_console(), report)


def undo(
    run_id: Annotated[str, typer.Argument(help="The run to take back, as printed by `boomerang apply`.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be taken back.")] = False,
    demo: Demo = False,
) -> None:
    """Take a run back: values that nobody changed since return to what they were, the rest is listed."""
    console = wide_console()
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        made = plan_undo(settings, run_id)
        _print_left(console, made)
        if dry_run or made.plan.is_empty:
            _show(console, settings, made.plan.plan_id)
            return
        _print_report(console, apply_plan(settings, made.plan.plan_id, progress))
    console.print(
        f"The model of sync '{made.plan.sync}' still wants what it wanted: until it changes, the next delivery writes "
        "it again."
    )


def verify(
    sync: Annotated[str, typer.Argument(help="Name of a sync file in reverse_etl/syncs.")] = "customers",
    shop: OneShop = None,
    restore: Annotated[bool, typer.Option("--restore", help="Plan to bring back what drifted.")] = False,
    demo: Demo = False,
) -> None:
    """Read every value back from Shopify and list what is not as it was acknowledged; sends nothing."""
    console = wide_console()
    with chosen_settings(demo) as settings:
        found = verify_sync(settings, sync, shop, restore=restore)
        _print_verification(console, found)
        if restore and found.drift:
            _show(console, settings, plan_sync(settings, sync, shop).plan_id)


def _show(console: Console, settings: Settings, plan_id: str, html: Path | None = None) -> None:
    made = plan_diff(settings, plan_id)
    show_plan(console, made)
    if html is not None:
        console.print(f"As a page: {write_page(html, made, datetime.now(UTC))}", highlight=False)


def _print_verification(console: Console, found: Verification) -> None:
    console.print(
        f"Verification {found.verification_id} for {', '.join(found.shops)}: {found.in_place:,} of "
        f"{found.acknowledged:,} acknowledged values are in place"
    )
    for drift in found.drift:
        console.print(
            f"  {drift.shop} {drift.attribute}: {drift.kind} ({drift.rows:,} rows, for example "
            f"{drift.example_record_id})",
            style="yellow",
        )
    if found.drift and not found.restored:
        console.print("Bring it back with: boomerang verify --restore, and apply the plan that it prints.")


def _print_left(console: Console, made: Undo) -> None:
    for left in made.left:
        console.print(
            f"Left alone: {left.shop} {left.attribute}, {left.reason} ({left.rows:,} rows, for example "
            f"{left.example_record_id})",
            style="yellow",
        )


def _print_report(console: Console, report: DeliveryReport) -> None:
    console.print(
        f"Run {report.run_id}: {report.acknowledged:,} of {report.planned:,} values acknowledged, "
        f"{report.rejected:,} rejected, {report.settled:,} found delivered before, "
        f"{report.requests:,} requests in {report.seconds:.1f} s"
    )
    for refused in report.rejections:
        console.print(
            f"  {refused.shop} {refused.attribute}: {refused.code} {refused.reason} "
            f"({refused.rows:,} rows, for example {refused.example_record_id})",
            style="yellow",
        )
    if report.canary is None:
        return
    canary = report.canary
    console.print(
        f"Canary of {canary.records:,} records: {canary.checked:,} values read back, {canary.wrong:,} not as sent",
        highlight=False,
    )
    if report.waits:
        when = "waits for a go"
        if not canary.needs_go and canary.resume_at:
            when = f"may go from {canary.resume_at:%Y-%m-%d %H:%M} UTC on: boomerang apply {report.plan_id}"
        console.print(f"The rest {when}. Let it go now with: boomerang go {report.plan_id} --by NAME", highlight=False)
        console.print(f"Take the canary back with: boomerang undo {report.run_id}", highlight=False)
