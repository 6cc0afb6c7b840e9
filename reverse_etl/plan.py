"""Plan a sync: store what would change, and why a guard may stop it, without sending anything."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.failures import DeliveryError
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together
from reverse_etl.delivery.runs import last_claims
from reverse_etl.delivery.settle import settle_interrupted
from reverse_etl.ledger.claims import open_claims
from reverse_etl.ledger.tables import PLAN_ROWS, PLANS, VALUES, ensure_tables
from reverse_etl.plans.audience_history import mean_audience
from reverse_etl.plans.canary_rows import last_row_sql
from reverse_etl.plans.diff_sql import plan_insert, wanted_statistics
from reverse_etl.plans.guard import Figures, guard_stops, model_stops
from reverse_etl.plans.holdout import draw
from reverse_etl.plans.model_columns import require_model
from reverse_etl.plans.model_state import model_states
from reverse_etl.plans.plan_rejections import set_aside
from reverse_etl.plans.plan_store import read_plan, store_plan
from reverse_etl.plans.premises import CANARY, premises_of_model
from reverse_etl.plans.shift import shifts
from reverse_etl.report import Plan
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import SYNCS, LoadedSync, load_sync


def plan_sync(settings: Settings, sync_name: str, shop: str | None = None, *, folder: Path = SYNCS) -> Plan:
    """Store and return the plan of one sync for one shop, or for all shops of the settings.

    Only the warehouse is read, unless an earlier delivery was cut off: then the values that it left in doubt are first
    read back, or sent again as they were where nothing can be read, so that the plan starts from what is true.

    Raises SyncFileError, SourceOfTruthError, ConfigurationError (unknown shop), DeliveryError (model missing, lacking a
    column or with a repeated key; what is in doubt went elsewhere), AlreadyApplying.
    """
    loaded = load_sync(sync_name, folder)
    shops = shops_of(settings, loaded.sync, shop)
    warehouse = Warehouse(settings)
    with warehouse.session() as session:
        ensure_tables(session)
        if not open_claims(session, loaded.sync.name, shops):
            return _plan(session, settings, loaded, shops)
    settle_interrupted(settings, loaded.sync, shops)
    with warehouse.session() as session:
        return _plan(session, settings, loaded, shops)


def _plan(session: Session, settings: Settings, loaded: LoadedSync, shops: Sequence[str]) -> Plan:
    float_columns = require_model(session, loaded.sync)
    plan_id = together(session, lambda: _store(session, settings, loaded, shops, float_columns))
    return read_plan(session, plan_id)


def _store(
    session: Session, settings: Settings, loaded: LoadedSync, shops: Sequence[str], float_columns: Collection[str]
) -> str:
    sync, now = loaded.sync, datetime.now(UTC)
    plan_id = f"{sync.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    rows, next_row, figures, stops = 0, 1, {}, []
    for shop in shops:
        draw(session, sync, shop, now)
        insert = plan_insert(sync, plan_id, shop, next_row, float_columns)
        session.execute(insert.sql, insert.params)
        aside = set_aside(session, sync, plan_id, shop)
        seen = _figures(session, sync, plan_id, shop)
        rows += seen.rows
        next_row += seen.rows + aside
        figures[shop] = asdict(seen)
        stops += guard_stops(sync.guard, seen)
    if rows:
        stops += model_stops(sync.guard, sync.model, model_states(session).get(sync.model), now)
    premises = premises_of_model(session, settings, sync, shops)
    if sync.canary is not None:
        for shop in shops if sync.canary.shop is None else {sync.canary.shop} & set(shops):
            last = session.rows(last_row_sql(sync.canary), (plan_id, shop))[0][0]
            premises[shop] |= {} if last is None else {CANARY: int(last)}
    store_plan(
        session,
        plan_id,
        loaded,
        shops,
        rows=rows,
        base_claims=last_claims(session, sync.name, shops),
        premises=premises,
        created_at=now,
        figures=figures,
        guard_stops=stops,
    )
    return plan_id


def _figures(session: Session, sync: Sync, plan_id: str, shop: str) -> Figures:
    audience, distinct, *nulls = session.rows(wanted_statistics(sync), (shop,))[0]
    if audience != distinct:
        raise DeliveryError(
            f"Model {sync.model} has {audience - distinct:,} rows with a missing or repeated {sync.key} for shop "
            f"{shop}; nothing was planned. Its key must be unique per shop: run the model's tests."
        )
    drifting = ", ".join(f"'{field.attribute}'" for field in sync.metafields if field.drifts) or "''"
    rows, removed, created, changed = session.rows(
        f"""
        with planned as (select record_id, attribute, cause from {PLAN_ROWS} where plan_id = ? and shop = ?),
        known as (
            select distinct record_id from {VALUES}
            where object = ? and shop = ?
            and record_id in (select record_id from planned where cause in ('new', 'tagged'))
        )
        select
            count(*),
            count(distinct case when p.cause in ('emptied', 'left') then p.record_id end),
            count(distinct case when p.cause in ('new', 'tagged') and k.record_id is null then p.record_id end),
            count(distinct case
                when p.cause = 'changed' and p.attribute not in ({drifting}) then p.record_id
                when p.cause = 'untagged' then p.record_id
                when p.cause = 'tagged' and k.record_id is not null then p.record_id
            end)
        from planned as p left join known as k on k.record_id = p.record_id
        """,
        (plan_id, shop, sync.held_as, shop),
    )[0]
    shares = {field.column: null / audience for field, null in zip(sync.metafields, nulls, strict=True) if audience}
    return Figures(
        shop=shop,
        audience=audience,
        delivered=_delivered(session, sync, shop),
        changed=changed,
        removed=removed,
        rows=rows,
        created=created,
        null_shares=shares,
        mean_audience=mean_audience(session, sync.name, shop),
        shifts=tuple(shifts(session, sync, plan_id, shop)) if rows and sync.guard.max_shift is not None else (),
    )


def _delivered(session: Session, sync: Sync, shop: str) -> int:
    """Records that carry the most widely spread value of this sync: the audience of before.

    0 while the first delivery has not come to its end: what a killed one left behind is no audience to compare with.
    """
    finished, begun = session.rows(
        f"""
        select
            count(case when state in ('applied', 'partly_applied') then 1 end),
            count(case when state in ('applying', 'interrupted', 'waiting', 'stopped') then 1 end)
        from {PLANS} where sync = ? and shops like ?
        """,
        (sync.name, f'%"{shop}"%'),
    )[0]
    if begun and not finished:
        return 0
    attributes = [field.attribute for field in sync.metafields] + [
        f"tag:{tag}" for _, _, tag in (sync.tags.choices() if sync.tags else [])
    ]
    counts = session.rows(
        f"""
        select count(*) from {VALUES}
        where object = ? and shop = ? and attribute in ({", ".join("?" * len(attributes))})
        group by attribute
        """,
        (sync.held_as, shop, *attributes),
    )
    return max((count for (count,) in counts), default=0)
