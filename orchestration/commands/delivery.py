"""Write-back by hand: look at the difference, then send exactly that."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from orchestration.commands.shared import Demo, OneShop, chosen_settings, progress_on_terminal
from orchestration.quiet import wide_console
from reverse_etl.apply import apply_plan
from reverse_etl.approvals import approve_plan
from reverse_etl.canary import go_plan
from reverse_etl.plan import plan_sync
from reverse_etl.plan_store import load_plan
from reverse_etl.report import DeliveryReport, Plan, Undo
from reverse_etl.undo import plan_undo
from reverse_etl.verify import Verification, verify_sync


def plan(
    sync: Annotated[str, typer.Argument(help="Name of a sync file in reverse_etl/syncs.")] = "customers",
    shop: OneShop = None,
    demo: Demo = False,
) -> None:
    """Store and print what a sync would change in Shopify; sends nothing."""
    with chosen_settings(demo) as settings:
        made = plan_sync(settings, sync, shop)
    _print_plan(wide_console(), made)


def show(
    plan_id: Annotated[str, typer.Argument(help="The plan to look at again, as printed by `boomerang plan`.")],
    demo: Demo = False,
) -> None:
    """Print a stored plan again: what it would change, who approved it, whether it still may be applied."""
    with chosen_settings(demo) as settings:
        found = load_plan(settings, plan_id)
    _print_plan(wide_console(), found)


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
            _print_plan(console, made.plan)
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
            _print_plan(console, plan_sync(settings, sync, shop))


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


def _print_plan(console: Console, made: Plan) -> None:
    console.print(f"Plan [bold]{made.plan_id}[/bold] for {', '.join(made.shops)}: {made.rows:,} values to change")
    for refused in made.rejections:
        console.print(
            f"  Left out, as Shopify would refuse it: {refused.shop} {refused.attribute}: {refused.reason} "
            f"({refused.rows:,} rows, for example {made.object} {refused.example_record_id})",
            style="yellow",
            markup=False,
        )
    if made.is_empty:
        wanted = "Nothing is left to take back." if made.undoes_run else "Shopify already carries what the model wants."
        console.print(wanted)
        return
    counts = Table("shop", "value", "action", "because", "rows", box=None, header_style="dim", pad_edge=False)
    for count in made.counts:
        counts.add_row(count.shop, count.attribute, count.action, count.cause, f"{count.rows:,}")
    console.print(counts)
    console.print("\nFor example")
    samples = Table("shop", made.object, "value", "before", "after", box=None, header_style="dim", pad_edge=False)
    for sample in made.samples:
        before, after = sample.value_before or "", sample.value_after or ""
        samples.add_row(sample.shop, str(sample.record_id), sample.attribute, before, after)
    console.print(samples)
    _print_standing(console, made)
    for stop in made.guard_stops:
        console.print(f"\nStopped by guard {stop}", style="yellow")
    large = " --allow-large-change" if made.guard_stops else ""
    console.print(f"\nSend it with: boomerang apply {made.plan_id}{large}")


def _print_standing(console: Console, made: Plan) -> None:
    until = f", may be applied until {made.expires_at:%Y-%m-%d %H:%M} UTC" if made.expires_at else ""
    agreed = ""
    if made.approval:
        agreed = f", approved by {made.approval.approved_by} at {made.approval.approved_at:%Y-%m-%d %H:%M} UTC"
    console.print(f"\nHash {made.content_hash[:12]}, {made.state}{until}{agreed}", highlight=False, markup=False)


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
