"""Stored plans, read back for people and for `apply`."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.warehouse import Session, Warehouse
from reverse_etl.failures import UnknownPlan
from reverse_etl.ledger.tables import APPROVALS, CANARIES, PLAN_ROWS, PLANS, ensure_tables
from reverse_etl.plans.plan_rejections import rejections_of_plan
from reverse_etl.plans.premises import Premises, hash_of
from reverse_etl.report import Approval, CanaryState, Plan, PlanCount, PlanSample
from reverse_etl.sync_format.sync_yaml import LoadedSync

SAMPLES_PER_KIND = 3


def store_plan(
    session: Session,
    plan_id: str,
    loaded: LoadedSync,
    shops: Sequence[str],
    *,
    rows: int,
    base_claims: Mapping[str, str | None],
    premises: Premises,
    created_at: datetime,
    figures: Mapping[str, Any] | None = None,
    guard_stops: Sequence[str] = (),
    undoes_run: str | None = None,
) -> None:
    """Store the head of a plan whose rows are stored; call it in their transaction. `created_at` is UTC.

    A plan of what a model wants is applied within its sync's `approval.max_age_hours`, if it has such a limit; one
    that takes a run back is not bound to a time, for it looks at each value before it is touched.
    """
    hours = None if undoes_run else loaded.sync.approval.max_age_hours
    head = {
        "plan_id": plan_id,
        "sync": loaded.sync.name,
        "object": loaded.sync.held_as,
        "shops": json.dumps(list(shops)),
        "created_at": created_at.replace(tzinfo=None),
        "plan_rows": rows,
        "sync_digest": loaded.digest,
        "base_claims": json.dumps(base_claims),
        "figures": json.dumps(figures or {}),
        "guard_stops": json.dumps(list(guard_stops)),
        "undoes_run": undoes_run,
        "premises": json.dumps(premises),
        "expires_at": (created_at + timedelta(hours=hours)).replace(tzinfo=None) if hours else None,
    }
    session.execute(
        f"""
        insert into {PLANS} (
            plan_id, sync, object, shops, created_at, plan_rows, sync_digest, base_claims, figures, guard_stops,
            undoes_run, premises, expires_at, state, content_hash
        ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, cast(? as string), ?, cast(? as timestamp), 'planned', ?)
        """,
        (*head.values(), hash_of(session, head)),
    )


def load_plan(settings: Settings, plan_id: str) -> Plan:
    """The plan with this id, or UnknownPlan."""
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        return read_plan(session, plan_id)


def latest_plan(settings: Settings, sync: str) -> Plan | None:
    """The newest plan of a sync, whatever its state."""
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        found = session.rows(
            f"select plan_id from {PLANS} where sync = ? order by created_at desc, plan_id desc limit 1", (sync,)
        )
        return read_plan(session, found[0][0]) if found else None


def read_plan(session: Session, plan_id: str) -> Plan:
    """The plan with its counts and samples, or UnknownPlan."""
    found = session.dicts(f"select * from {PLANS} where plan_id = ?", (plan_id,))
    if not found:
        raise UnknownPlan(f"There is no plan '{plan_id}'; make one with `boomerang plan`, which prints its id.")
    plan = found[0]
    return Plan(
        plan_id=plan_id,
        sync=plan["sync"],
        object=plan["object"].partition("@")[0],
        destination=plan["object"].partition("@")[2] or SHOPIFY,
        shops=json.loads(plan["shops"]),
        state=plan["state"],
        created_at=plan["created_at"].replace(tzinfo=UTC),
        rows=plan["plan_rows"],
        counts=_counts(session, plan_id),
        samples=_samples(session, plan_id),
        guard_stops=json.loads(plan["guard_stops"]),
        audience={shop: figures["audience"] for shop, figures in json.loads(plan["figures"]).items()},
        is_forgotten=plan["base_claims"] is None,
        undoes_run=plan["undoes_run"],
        content_hash=plan["content_hash"] or "",
        expires_at=plan["expires_at"].replace(tzinfo=UTC) if plan["expires_at"] else None,
        approval=approval_of(session, plan_id, plan["content_hash"] or ""),
        canary=canary_of(session, plan_id),
        rejections=rejections_of_plan(session, plan_id),
    )


def canary_of(session: Session, plan_id: str) -> CanaryState | None:
    """How far the plan's canary is; None before it is begun, and for a plan without."""
    found = session.rows(
        f"""
        select
            state, run_id, records, coalesce(checked, 0), coalesce(refused, 0), coalesce(wrong, 0),
            coalesce(reason, ''), resume_at, needs_go, go_by
        from {CANARIES} where plan_id = ?
        """,
        (plan_id,),
    )
    if not found:
        return None
    state, run_id, records, checked, refused, wrong, reason, resume_at, needs_go, go_by = found[0]
    return CanaryState(
        state,
        run_id,
        records,
        checked,
        refused,
        wrong,
        reason,
        resume_at.replace(tzinfo=UTC) if resume_at else None,
        bool(needs_go),
        go_by,
    )


def approval_of(session: Session, plan_id: str, content_hash: str) -> Approval | None:
    """Who agreed first to a plan with this hash."""
    found = session.rows(
        f"""
        select approved_by, approved_at, via from {APPROVALS} where plan_id = ? and content_hash = ?
        order by approved_at limit 1
        """,
        (plan_id, content_hash),
    )
    return next((Approval(by, at.replace(tzinfo=UTC), via) for by, at, via in found), None)


def _counts(session: Session, plan_id: str) -> list[PlanCount]:
    rows = session.rows(
        f"""
        select shop, attribute, action, cause, count(*) from {PLAN_ROWS} where plan_id = ?
        group by shop, attribute, action, cause order by shop, attribute, action, cause
        """,
        (plan_id,),
    )
    return [PlanCount(*row) for row in rows]


def _samples(session: Session, plan_id: str) -> list[PlanSample]:
    rows = session.rows(
        f"""
        select shop, record_id, attribute, action, value_before, value_after
        from (
            select *, row_number() over (partition by attribute, action order by plan_row) as place
            from {PLAN_ROWS} where plan_id = ?
        ) as numbered
        where place <= {SAMPLES_PER_KIND} order by attribute, action, plan_row
        """,
        (plan_id,),
    )
    return [PlanSample(*row) for row in rows]
