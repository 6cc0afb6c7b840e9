"""The canary of a plan: a part of it goes first, is read back, and is waited for before the rest goes.

    (none) --apply--> sending --read back, good--> waiting --time is up, or a go--> the rest
                      sending --read back, bad---> failed ---a go, on purpose-----> the rest

The state is a row of `ops.delivery_canaries`, written before each step, so that a process that dies between any two is
taken up where it was: sending again sends only what has no outcome, and reading back changes nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together
from reverse_etl.failures import CanaryFailed, CanaryWaiting, UnknownPlan
from reverse_etl.ledger.tables import CANARIES, PLAN_ROWS, PLANS, ensure_tables
from reverse_etl.plans.plan_store import canary_of, read_plan
from reverse_etl.plans.premises import CANARY
from reverse_etl.report import CanaryState, Plan
from reverse_etl.sync_format.sync_file import Sync


@dataclass(frozen=True)
class Reading:
    """What reading a shop's share of a canary back has shown, in values; `reasons` in words, one a kind."""

    checked: int
    refused: int
    wrong: int
    reasons: Sequence[str] = ()


def last_rows(session: Session, plan_id: str) -> dict[str, int]:
    """By shop, the last row of the plan's canary; {} when it has none."""
    found = session.rows(f"select premises from {PLANS} where plan_id = ?", (plan_id,))[0][0]
    return {shop: premise[CANARY] for shop, premise in json.loads(found or "{}").items() if CANARY in premise}


def require_may_go_on(plan: Plan, now: datetime | None = None) -> None:
    """Raise CanaryFailed or CanaryWaiting, each with the commands to type, when the rest of the plan has to wait."""
    canary = plan.canary
    if canary is None or canary.state == "sending" or canary.may_go_on(now or datetime.now(UTC)):
        return
    go = f"`boomerang go {plan.plan_id} --by NAME`"
    if canary.state == "failed":
        raise CanaryFailed(failed_sentence(plan.plan_id, canary))
    if canary.needs_go:
        raise CanaryWaiting(
            f"Nothing more was written: the canary of plan {plan.plan_id} ({canary.records:,} records) is in place and "
            f"waits for a person. Look at it in Shopify, then run {go}; or take it back with "
            f"`boomerang undo {canary.run_id}`."
        )
    raise CanaryWaiting(
        f"Nothing more was written: the canary of plan {plan.plan_id} ({canary.records:,} records) is in place and the "
        f"rest waits until {canary.resume_at:%Y-%m-%d %H:%M} UTC; run `boomerang apply {plan.plan_id}` then, or {go} "
        f"now. Take it back with `boomerang undo {canary.run_id}`."
    )


def failed_sentence(plan_id: str, canary: CanaryState) -> str:
    """Why the rest is not sent, and both ways on."""
    return (
        f"The canary of plan {plan_id} failed, and the rest was not written: {canary.reason}. Take the canary back "
        f"with `boomerang undo {canary.run_id}`, or if it is right nevertheless, go on with "
        f"`boomerang go {plan_id} --by NAME`."
    )


def go_plan(settings: Settings, plan_id: str, by: str) -> Plan:
    """Keep that `by` lets the rest of a plan go, and return the plan; `apply_plan` sends it.

    Raises ConfigurationError (no name), UnknownPlan (also for a plan whose canary has not been sent).
    """
    name = by.strip()
    if not name:
        raise ConfigurationError("A go needs a name: `boomerang go PLAN --by NAME`.")
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        plan = read_plan(session, plan_id)
        if plan.canary is None or plan.canary.state == "sending":
            raise UnknownPlan(
                f"Plan {plan_id} has no canary that waits for a go (its state is {plan.state}); send it with "
                f"`boomerang apply {plan_id}`."
            )
        sql = f"update {CANARIES} set go_by = ?, go_at = ? where plan_id = ? and go_by is null"
        together(session, lambda: session.execute(sql, (name, _now(), plan_id)))
        return read_plan(session, plan_id)


def begin_canary(session: Session, plan: Plan, sync: Sync, run_id: str, until: dict[str, int]) -> None:
    """Write down that the canary is being sent; a second time, by which run."""
    if plan.canary is not None:
        session.execute(f"update {CANARIES} set run_id = ? where plan_id = ?", (run_id, plan.plan_id))
        return
    within, params = _within(until)
    counted = f"select count(*) from (select distinct shop, record_id from {PLAN_ROWS} where plan_id = ? and {within})"
    records = session.rows(f"{counted} as records", (plan.plan_id, *params))[0][0]
    session.execute(
        f"insert into {CANARIES} (plan_id, sync, state, run_id, records, needs_go) values (?, ?, 'sending', ?, ?, ?)",
        (plan.plan_id, plan.sync, run_id, records, sync.canary is not None and sync.canary.needs_go),
    )


def has_a_rest(session: Session, plan_id: str, until: dict[str, int]) -> bool:
    """Whether the plan holds more than its canary."""
    within, params = _within(until)
    sql = f"select count(*) from {PLAN_ROWS} where plan_id = ? and not ({within})"
    return bool(session.rows(sql, (plan_id, *params))[0][0])


def _within(until: dict[str, int]) -> tuple[str, list[str | int]]:
    within = " or ".join("(shop = ? and plan_row <= ?)" for _ in until)
    return f"({within})", [value for pair in until.items() for value in pair]


def judge_canary(session: Session, plan: Plan, sync: Sync, found: Sequence[Reading]) -> CanaryState:
    """Write down what reading back has shown, and from when on the rest may go."""
    checked, refused, wrong = (sum(getattr(one, name) for one in found) for name in ("checked", "refused", "wrong"))
    reasons = [reason for one in found for reason in one.reasons]
    wait = timedelta(minutes=sync.canary.wait_minutes if sync.canary else 0)
    now = _now()
    session.execute(
        f"""
        update {CANARIES} set state = ?, checked = ?, refused = ?, wrong = ?, reason = ?, checked_at = ?, resume_at = ?
        where plan_id = ?
        """,
        (
            "failed" if refused or wrong else "waiting",
            checked,
            refused,
            wrong,
            "; ".join(reasons),
            now,
            now + wait,
            plan.plan_id,
        ),
    )
    judged = canary_of(session, plan.plan_id)
    if judged is None:
        raise AssertionError(f"plan {plan.plan_id} has no canary")
    return judged


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
