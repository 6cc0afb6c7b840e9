"""Write-back by hand: look at the difference, then send exactly that."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from orchestration.commands.shared import Demo, OneShop, chosen_settings, progress_on_terminal
from orchestration.delivery_display import show_left, show_report, show_verification
from orchestration.plan_display import show_plan
from orchestration.plan_page import write_page
from orchestration.quiet import wide_console
from pipelines.config import Settings
from reverse_etl.apply import apply_plan
from reverse_etl.delivery.canary import go_plan
from reverse_etl.plan import plan_sync
from reverse_etl.plans.approvals import approve_plan
from reverse_etl.plans.plan_diff import plan_diff
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync

Page = Annotated[Path | None, typer.Option("--html", help="Write the plan as a page to this file, too.")]


def plan(
    sync: Annotated[str, typer.Argument(help="Name of a sync file in reverse_etl/syncs.")] = "customers",
    shop: OneShop = None,
    html: Page = None,
    demo: Demo = False,
) -> None:
    """Store and print what a sync would change where it goes; sends nothing new."""
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
    """Send exactly one plan, to Shopify or where its sync goes; what was acknowledged before is not sent again."""
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        report = apply_plan(settings, plan_id, progress, allow_large_change=allow_large_change, take_over=take_over)
    show_report(wide_console(), report)


def go(
    plan_id: Annotated[str, typer.Argument(help="A plan whose canary is in place, or failed.")],
    by: Annotated[str, typer.Option("--by", help="Who lets the rest go; kept with the time.")],
    demo: Demo = False,
) -> None:
    """Send the rest of a plan whose canary waits; of one whose canary failed, on purpose."""
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        go_plan(settings, plan_id, by)
        report = apply_plan(settings, plan_id, progress)
    show_report(wide_console(), report)


def undo(
    run_id: Annotated[str, typer.Argument(help="The run to take back, as printed by `boomerang apply`.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be taken back.")] = False,
    demo: Demo = False,
) -> None:
    """Take a run back: values that nobody changed since return to what they were, the rest is listed."""
    console = wide_console()
    with chosen_settings(demo) as settings, progress_on_terminal() as progress:
        made = plan_undo(settings, run_id)
        show_left(console, made)
        if dry_run or made.plan.is_empty:
            _show(console, settings, made.plan.plan_id)
            return
        show_report(console, apply_plan(settings, made.plan.plan_id, progress))
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
    """Read every value of a sync back and list what is not as it was acknowledged; sends nothing."""
    console = wide_console()
    with chosen_settings(demo) as settings:
        found = verify_sync(settings, sync, shop, restore=restore)
        show_verification(console, found)
        if restore and found.drift:
            _show(console, settings, plan_sync(settings, sync, shop).plan_id)


def _show(console: Console, settings: Settings, plan_id: str, html: Path | None = None) -> None:
    made = plan_diff(settings, plan_id)
    show_plan(console, made)
    if html is not None:
        console.print(f"As a page: {write_page(html, made, datetime.now(UTC))}", highlight=False)
