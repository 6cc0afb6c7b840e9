"""Begin and end a run: who may apply which plan, and what is written down about it."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import retried, together
from reverse_etl.delivery.canary import begin_canary, last_rows, require_may_go_on
from reverse_etl.failures import StalePlan, UnknownPlan
from reverse_etl.ledger import locks
from reverse_etl.ledger.costs import LaneCost, write_costs
from reverse_etl.ledger.tables import CLAIMS, OUTCOMES, PLAN_ROWS, PLANS, RUNS
from reverse_etl.plans.approvals import require_approved
from reverse_etl.plans.guard import require_passed
from reverse_etl.plans.plan_store import read_plan
from reverse_etl.plans.premises import require_standing, require_unchanged, require_young
from reverse_etl.report import Plan, Rejection
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import LoadedSync


@dataclass(frozen=True)
class Totals:
    """What a run has done so far."""

    acknowledged: int
    rejected: int
    requests: int
    points: float


@dataclass(frozen=True)
class Begun:
    """A plan that a run may send. `until`: by shop the last row of the canary that goes first, {} when none does."""

    plan: Plan
    until: dict[str, int]


def new_run_id(now: datetime | None = None) -> str:
    """An id that sorts by time."""
    return f"delivery-{now or datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"


def begin_run(
    session: Session,
    settings: Settings,
    plan_id: str,
    loaded: LoadedSync,
    run_id: str,
    *,
    allow_large_change: bool = False,
    take_over: bool = False,
) -> Begun:
    """Take the locks and mark the plan as being applied.

    A plan whose canary was sent has passed the guards, and is not stopped by them a second time.

    Raises UnknownPlan, StalePlan, GuardStopped, NotApproved, CanaryWaiting, CanaryFailed, AlreadyApplying, PlanChanged;
    nothing has changed then.
    """
    plan = read_plan(session, plan_id)
    if plan.is_forgotten:
        raise UnknownPlan(
            f"The rows of plan {plan_id} were removed, as it is older than delivery.keep_days "
            f"({settings.delivery.keep_days}); make a new one with `boomerang plan {plan.sync}`."
        )
    for shop in plan.shops:
        settings.shop(shop)
    require_young(plan)
    if not allow_large_change and plan.canary is None:
        require_passed(plan_id, plan.sync, list(plan.guard_stops))
    require_approved(plan, loaded.sync)
    require_may_go_on(plan)
    goes_first = plan.canary is None or plan.canary.state == "sending"
    until = last_rows(session, plan_id) if goes_first else {}
    retried(lambda: locks.acquire(session, plan.sync, plan.shops, run_id, take_over=take_over))
    try:
        _require_fresh(session, plan, loaded)
        require_unchanged(session, plan)
        require_standing(session, settings, plan, loaded.sync)
        together(session, lambda: _write_start(session, plan, run_id, loaded.sync, until))
    except BaseException:
        locks.release(session, run_id)
        raise
    return Begun(plan, until)


def end_run(
    warehouse: Warehouse,
    run_id: str,
    plan_id: str,
    *,
    requests: int,
    points: float,
    costs: Sequence[LaneCost] = (),
    reason: str | None = None,
    after_canary: str | None = None,
) -> Totals:
    """Close a run, give its locks back and say what has become of its plan.

    `costs` are what its lanes took, kept of an interrupted run too. `reason` is why it was interrupted;
    `after_canary` the state of a plan of which only the canary was sent.
    """
    return retried(lambda: _end_run(warehouse, run_id, plan_id, requests, points, costs, reason, after_canary))


def _end_run(
    warehouse: Warehouse,
    run_id: str,
    plan_id: str,
    requests: int,
    points: float,
    costs: Sequence[LaneCost],
    reason: str | None,
    after_canary: str | None,
) -> Totals:
    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.session() as session, session.transaction():
        counts = session.rows(f"select state, count(*) from {OUTCOMES} where run_id = ? group by state", (run_id,))
        by_state = dict(counts)
        totals = Totals(by_state.get("acknowledged", 0), by_state.get("rejected", 0), requests, points)
        if reason is None:
            session.execute(f"update {CLAIMS} set state = 'settled' where run_id = ?", (run_id,))
        session.execute(
            f"""
            update {RUNS} set state = ?, finished_at = ?, acknowledged = ?, rejected = ?, requests = ?, points = ?,
                reason = ?
            where run_id = ? and state = 'running'
            """,
            (
                "finished" if reason is None else "interrupted",
                now,
                totals.acknowledged,
                totals.rejected,
                totals.requests,
                totals.points,
                reason,
                run_id,
            ),
        )
        if costs:
            sync = session.rows(f"select sync from {RUNS} where run_id = ?", (run_id,))[0][0]
            write_costs(session, run_id, sync, costs)
        if locks.release(session, run_id):  # else another run has taken over, and the plan is its business
            state = "interrupted"
            if reason is None:
                state = after_canary or ("partly_applied" if _open_rows(session, plan_id) else "applied")
            session.execute(f"update {PLANS} set state = ?, applied_at = ? where plan_id = ?", (state, now, plan_id))
    return totals


def rejections(session: Session, run_id: str) -> list[Rejection]:
    """The run's refusals, grouped by reason, most frequent first."""
    rows = session.rows(
        f"""
        select shop, attribute, code, reason, count(*) as refused, min(record_id)
        from {OUTCOMES} where run_id = ? and state = 'rejected'
        group by shop, attribute, code, reason order by refused desc, shop, attribute, code, reason
        """,
        (run_id,),
    )
    return [Rejection(*row) for row in rows]


def last_claims(session: Session, sync: str, shops: Sequence[str]) -> dict[str, str | None]:
    """By shop, the last claim of a sync: what a plan is based on. Any later one of another plan makes it stale."""
    sql = f"select claim_id from {CLAIMS} where sync = ? and shop = ? order by claimed_at desc, claim_id desc limit 1"
    return {shop: next((row[0] for row in session.rows(sql, (sync, shop))), None) for shop in shops}


def _require_fresh(session: Session, plan: Plan, loaded: LoadedSync) -> None:
    base, digest = session.rows(f"select base_claims, sync_digest from {PLANS} where plan_id = ?", (plan.plan_id,))[0]
    if digest != loaded.digest:
        raise StalePlan(
            f"Plan {plan.plan_id} was made before {loaded.path.name} was changed; nothing was written. Make a new plan."
        )
    expected = json.loads(base)
    for shop, claim_id in last_claims(session, plan.sync, plan.shops).items():
        if claim_id is None or claim_id == expected[shop]:
            continue
        by = session.rows(f"select plan_id from {CLAIMS} where claim_id = ?", (claim_id,))[0][0]
        if by != plan.plan_id:
            raise StalePlan(
                f"Plan {plan.plan_id} was made before plan {by} was applied to shop {shop}; nothing was written. "
                f"Make a new plan."
            )


def _write_start(session: Session, plan: Plan, run_id: str, sync: Sync, until: dict[str, int]) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    session.execute(
        f"""
        insert into {RUNS} (run_id, plan_id, sync, shops, state, owner, started_at)
        values (?, ?, ?, ?, 'running', ?, ?)
        """,
        (run_id, plan.plan_id, plan.sync, json.dumps(list(plan.shops)), locks.owner_of_this_process(), now),
    )
    session.execute(f"update {PLANS} set state = 'applying' where plan_id = ?", (plan.plan_id,))
    if until:
        begin_canary(session, plan, sync, run_id, until)


def _open_rows(session: Session, plan_id: str) -> int:
    sql = f"""
        select count(*) from {PLAN_ROWS} as r where plan_id = ? and not exists (
            select 1 from {OUTCOMES} as o
            where o.plan_id = r.plan_id and o.plan_row = r.plan_row and o.state = 'acknowledged'
        )
    """
    return int(session.rows(sql, (plan_id,))[0][0])
