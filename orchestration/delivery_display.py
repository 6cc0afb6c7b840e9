"""Deliveries on the terminal: what a run did, what was read back, what an undo leaves alone."""

from rich.console import Console

from reverse_etl.report import DeliveryReport, Undo
from reverse_etl.verify import Verification


def show_verification(console: Console, found: Verification) -> None:
    """Print what reading a sync back has shown."""
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


def show_left(console: Console, made: Undo) -> None:
    """Print what an undo leaves alone, and why."""
    for left in made.left:
        console.print(
            f"Left alone: {left.shop} {left.attribute}, {left.reason} ({left.rows:,} rows, for example "
            f"{left.example_record_id})",
            style="yellow",
        )
    if not made.compares and not made.plan.is_empty:
        console.print(
            f"Destination {made.plan.destination} can not be read (it has no read_url): a value that somebody changed "
            f"there since the run is not found, and is written over.",
            style="yellow",
        )


def show_report(console: Console, report: DeliveryReport) -> None:
    """Print what a run did, and what its canary waits for."""
    console.print(
        f"Run {report.run_id}: {report.acknowledged:,} of {report.planned:,} values acknowledged, "
        f"{report.rejected:,} rejected, {report.settled:,} found delivered before, "
        f"{report.requests:,} requests in {report.seconds:.1f} s"
    )
    for lane in report.lanes:
        console.print(f"  {lane}", highlight=False)
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
