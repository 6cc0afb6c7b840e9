"""A plan on the terminal: what it means for the records of each shop, what was left out, and how to go on."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from reverse_etl.plans.plan_diff import Move, PlanDiff, ValueDiff
from reverse_etl.report import Plan

ABSENT = "nothing"


def show_plan(console: Console, made: PlanDiff) -> None:
    """Print a plan for the person who decides about it."""
    plan = made.plan
    console.print(f"Plan [bold]{plan.plan_id}[/bold] for {', '.join(plan.shops)}: {headline(made)}", highlight=False)
    for refused in plan.rejections:
        console.print(
            f"  Left out, as Shopify would refuse it: {refused.shop} {refused.attribute}: {refused.reason} "
            f"({refused.rows:,} rows, for example {plan.object} {refused.example_record_id})",
            style="yellow",
            markup=False,
        )
    if plan.is_empty:
        wanted = (
            "Nothing is left to take back."
            if plan.undoes_run
            else f"{plan.place} already carries what the model wants."
        )
        console.print(wanted)
        return
    console.print(changes(made.values))
    console.print("\nFor example")
    console.print(_samples(plan))
    _show_standing(console, plan)
    for stop in plan.guard_stops:
        console.print(f"\nStopped by guard {stop}", style="yellow")
    console.print(f"\nSend it with: {send_command(plan)}", highlight=False)


def headline(made: PlanDiff) -> str:
    """How much a plan changes: `1,234 values of 812 customers to change`."""
    records = sum(made.records.values())
    return f"{made.plan.rows:,} values of {records:,} {made.plan.object}s to change"


def send_command(plan: Plan) -> str:
    """The command that sends a plan."""
    return f"boomerang apply {plan.plan_id}{' --allow-large-change' if plan.guard_stops else ''}"


def in_words(move: Move) -> str:
    """One move of a value: `silver -> gold 12`."""
    return f"{move.before or ABSENT} -> {move.after or ABSENT} {move.records:,}"


def changes(values: Sequence[ValueDiff]) -> Table:
    """One line a value: how many records gain, change, lose and keep it, and where most of them go."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for heading in ("shop", "value"):
        table.add_column(heading)
    for heading in ("gain it", "change", "lose it", "keep it"):
        table.add_column(heading, justify="right")
    table.add_column("most of all")
    for one in values:
        counts = (f"{count:,}" for count in (one.gained, one.changed, one.lost, one.kept))
        table.add_row(one.shop, one.name, *counts, ", ".join(map(in_words, one.moves[:3])))
    return table


def _samples(plan: Plan) -> Table:
    samples = Table("shop", plan.object, "value", "before", "after", box=None, header_style="dim", pad_edge=False)
    for sample in plan.samples:
        before, after = sample.value_before or "", sample.value_after or ""
        samples.add_row(sample.shop, str(sample.record_id), sample.attribute, before, after)
    return samples


def _show_standing(console: Console, plan: Plan) -> None:
    console.print(f"\n{standing(plan)}", highlight=False, markup=False)


def standing(plan: Plan) -> str:
    """Hash, state, age limit and approval of a plan, in one line."""
    until = f", may be applied until {plan.expires_at:%Y-%m-%d %H:%M} UTC" if plan.expires_at else ""
    agreed = ""
    if plan.approval:
        agreed = f", approved by {plan.approval.approved_by} at {plan.approval.approved_at:%Y-%m-%d %H:%M} UTC"
    return f"Hash {plan.content_hash[:12]}, {plan.state}{until}{agreed}"
