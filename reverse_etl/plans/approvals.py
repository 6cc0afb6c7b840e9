"""Who agreed to a plan. An approval is for the hash that the plan had then: worth nothing for any other rows."""

from datetime import UTC, datetime

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together
from reverse_etl.failures import NotApproved, UnknownPlan
from reverse_etl.ledger.tables import APPROVALS, ensure_tables
from reverse_etl.plans.plan_store import approval_of, read_plan
from reverse_etl.plans.premises import require_unchanged, require_young
from reverse_etl.report import Approval, Plan
from reverse_etl.sync_format.sync_file import Sync

COMMAND_LINE, DAGSTER = "command line", "dagster"


def approve_plan(settings: Settings, plan_id: str, by: str, *, via: str = COMMAND_LINE) -> Plan:
    """Keep that `by` agrees to this plan as it stands, and return it; the first to agree is remembered.

    Raises ConfigurationError (no name), UnknownPlan, StalePlan (too old), PlanChanged.
    """
    name = by.strip()
    if not name:
        raise ConfigurationError("An approval needs a name: `boomerang approve PLAN --by NAME`.")
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        plan = read_plan(session, plan_id)
        if plan.is_forgotten or not plan.content_hash:
            raise UnknownPlan(
                f"Plan {plan_id} cannot be approved any more, as its rows are gone; make a new one with "
                f"`boomerang plan {plan.sync}`."
            )
        require_young(plan)
        require_unchanged(session, plan)
        together(session, lambda: _keep(session, plan, Approval(name, datetime.now(UTC), via)))
        return read_plan(session, plan_id)


def require_approved(plan: Plan, sync: Sync) -> None:
    """Raise NotApproved with the command to type. What takes a run back needs no approval: it must not wait."""
    if sync.approval.required and plan.undoes_run is None and plan.approval is None:
        raise NotApproved(
            f"Nothing was written: sync '{plan.sync}' wants a person to approve each plan, and nobody has approved "
            f"{plan.plan_id}. Look at it with `boomerang show {plan.plan_id}`, then run "
            f"`boomerang approve {plan.plan_id} --by NAME`."
        )


def _keep(session: Session, plan: Plan, approval: Approval) -> None:
    if approval_of(session, plan.plan_id, plan.content_hash) is None:
        session.execute(
            f"""
            insert into {APPROVALS} (plan_id, content_hash, approved_by, approved_at, via) values (?, ?, ?, ?, ?)
            """,
            (
                plan.plan_id,
                plan.content_hash,
                approval.approved_by,
                approval.approved_at.replace(tzinfo=None),
                approval.via,
            ),
        )
