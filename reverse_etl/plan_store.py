"""Stored plans, read back for people and for `apply`."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from reverse_etl.failures import UnknownPlan
from reverse_etl.report import Plan, PlanCount, PlanSample
from reverse_etl.sync_yaml import LoadedSync
from reverse_etl.tables import PLAN_ROWS, PLANS, ensure_tables

SAMPLES_PER_KIND = 3


def store_plan(
    session: Session,
    plan_id: str,
    loaded: LoadedSync,
    shops: Sequence[str],
    *,
    rows: int,
    base_claims: Mapping[str, str | None],
    created_at: datetime,
    figures: Mapping[str, Any] | None = None,
    guard_stops: Sequence[str] = (),
    undoes_run: str | None = None,
) -> None:
    """Store the head of a plan whose rows are stored; call it in their transaction. `created_at` is UTC."""
    session.execute(
        f"""
        insert into {PLANS} (
            plan_id, sync, object, shops, state, created_at, applied_at, plan_rows, sync_digest, base_claims, figures,
            guard_stops, undoes_run
        ) values (?, ?, ?, ?, 'planned', ?, null, ?, ?, ?, ?, ?, cast(? as string))
        """,
        (
            plan_id,
            loaded.sync.name,
            loaded.sync.object,
            json.dumps(list(shops)),
            created_at.replace(tzinfo=None),
            rows,
            loaded.digest,
            json.dumps(base_claims),
            json.dumps(figures or {}),
            json.dumps(list(guard_stops)),
            undoes_run,
        ),
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
        object=plan["object"],
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
    )


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
