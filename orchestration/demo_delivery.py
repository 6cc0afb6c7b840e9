"""The end of the demo: what the last delivery on customers meant, whether Shopify carries it, and its undo."""

from dataclasses import dataclass

from rich.console import Console

from orchestration.delivery_display import show_left, show_report, show_verification
from orchestration.plan_display import changes, headline, standing
from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.ledger.tables import PLANS, RUNS
from reverse_etl.plans.plan_diff import PlanDiff, plan_diff
from reverse_etl.report import DeliveryReport, Undo
from reverse_etl.undo import plan_undo
from reverse_etl.verify import Verification, verify_sync

SYNC = "customers"


@dataclass(frozen=True)
class WriteBack:
    """The last run of the sync, with the plan it sent, what was read back, and what taking it back has done."""

    run_id: str
    sent: PlanDiff
    verified: Verification
    left: Undo | None = None
    undone: DeliveryReport | None = None


def look_at_delivery(settings: Settings, *, undo: bool) -> WriteBack | None:
    """Read back what the last run wrote, and take it back when asked; None when there was no run."""
    with Warehouse(settings).session() as session:
        found = session.rows(
            f"""
            select r.run_id, r.plan_id from {RUNS} as r inner join {PLANS} as p on p.plan_id = r.plan_id
            where p.sync = ? and p.undoes_run is null order by r.started_at desc, r.run_id desc limit 1
            """,
            (SYNC,),
        )
    if not found:
        return None
    run_id, plan_id = found[0]
    sent, verified = plan_diff(settings, plan_id), verify_sync(settings, SYNC)
    if not undo:
        return WriteBack(run_id, sent, verified)
    made = plan_undo(settings, run_id)
    undone = None if made.plan.is_empty else apply_plan(settings, made.plan.plan_id)
    return WriteBack(run_id, sent, verified, made, undone)


def show_delivery(console: Console, shown: WriteBack) -> None:
    """Print the plan of the last run, its canary, what was read back, and the undo."""
    plan = shown.sent.plan
    console.print(
        f"\nWhat day 1 wrote on customers: plan, canary, apply, verify{', undo' if shown.left else ''}", style="bold"
    )
    console.print(f"Plan {plan.plan_id}: {headline(shown.sent)}", highlight=False)
    console.print(changes(shown.sent.values))
    console.print(standing(plan), highlight=False)
    if plan.canary is not None:
        console.print(
            f"Canary of {plan.canary.records:,} records went first: {plan.canary.checked:,} values read back, "
            f"{plan.canary.wrong:,} not as sent; then the rest",
            highlight=False,
        )
    show_verification(console, shown.verified)
    if shown.left is None:
        console.print(f"Take it back: `.venv/bin/boomerang undo --demo {shown.run_id}`", highlight=False)
        return
    show_left(console, shown.left)
    if shown.undone is not None:
        console.print(f"Run {shown.run_id} is taken back", highlight=False)
        show_report(console, shown.undone)
