"""Take a run back: every value that it changed, and that nobody changed since, returns to what it was before.

The way back is a plan like any other: stored, immutable, applied once, with one outcome a row. What a later run of ours
has changed is left out of it. What somebody changed in Shopify is found when the plan is applied: a value is read
before it is taken back, and one that is not what the run wrote is refused with CHANGED_SINCE. Where the destination can
not be read nothing is compared, and whoever asked is told.

The before-image is what Shopify had acknowledged before the run; of a value that was never ours before, it is absence.
"""

import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together
from reverse_etl.delivery.runs import last_claims
from reverse_etl.delivery.settle import settle_interrupted
from reverse_etl.destinations.opened import can_read
from reverse_etl.failures import UnknownRun
from reverse_etl.ledger.claims import open_claims
from reverse_etl.ledger.tables import OUTCOMES, PLAN_ROWS, PLANS, RUNS, ensure_tables
from reverse_etl.plans.diff_sql import SENDING_ORDER, values_of
from reverse_etl.plans.plan_store import read_plan, store_plan
from reverse_etl.plans.premises import premises_of_shops
from reverse_etl.report import Left, Undo
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import SYNCS, LoadedSync, load_sync

_INVERSE = "case o.action when 'tag_add' then 'tag_remove' when 'tag_remove' then 'tag_add' else "
_INVERSE += "case when o.value_before is null then 'delete' else 'set' end end"
# Rows of the run that a later delivery of ours wrote over; bound: nothing.
_OVERWRITTEN = f"""
    exists (
        select 1 from {OUTCOMES} as later
        where later.shop = o.shop and later.object = o.object and later.record_id = o.record_id
        and later.attribute = o.attribute and later.state = 'acknowledged' and later.settled_at > o.settled_at
    )
"""


def plan_undo(settings: Settings, run_id: str, *, folder: Path = SYNCS) -> Undo:
    """Store and return the plan that takes a run back; `apply_plan` sends it.

    What an earlier delivery left in doubt is read back from Shopify first, as before any plan. Raises UnknownRun for an
    id that is unknown, and for a run whose outcomes were forgotten after `delivery.keep_days`; SyncFileError.
    """
    warehouse = Warehouse(settings)
    with warehouse.session() as session:
        ensure_tables(session)
        name, shops, held_as = _run(session, run_id)
        doubtful = bool(open_claims(session, name, shops))
    loaded = load_sync(name, folder)
    _require_same_place(loaded.sync, run_id, held_as)
    if doubtful:
        settle_interrupted(settings, loaded.sync, shops)
    with warehouse.session() as session:
        _require_outcomes(session, run_id, settings.delivery.keep_days)
        plan_id = together(session, lambda: _store(session, settings, loaded, shops, run_id))
        left = _left(session, loaded.sync, run_id)
        return Undo(read_plan(session, plan_id), run_id, left, can_read(settings, loaded.sync))


def _run(session: Session, run_id: str) -> tuple[str, list[str], str]:
    """Of a run: its sync, its shops, and what the ledger calls the records."""
    sql = f"""
        select r.sync, r.shops, p.object from {RUNS} as r join {PLANS} as p on p.plan_id = r.plan_id where r.run_id = ?
    """
    found = session.rows(sql, (run_id,))
    if not found:
        raise UnknownRun(
            f"There is no delivery run '{run_id}'; `boomerang apply` prints the id of each, and ops.delivery_runs has "
            f"them all."
        )
    sync, shops, held_as = found[0]
    return sync, json.loads(shops), held_as


def _require_same_place(sync: Sync, run_id: str, held_as: str) -> None:
    if held_as != sync.held_as:
        was = held_as.partition("@")[2] or SHOPIFY
        raise UnknownRun(
            f"Run {run_id} wrote to {was}, and the file of sync '{sync.name}' says destination: {sync.destination} "
            f"now; nothing was planned. Set it back to {was} to take the run back."
        )


def _require_outcomes(session: Session, run_id: str, keep_days: int) -> None:
    recorded = session.rows(f"select acknowledged from {RUNS} where run_id = ?", (run_id,))[0][0]
    kept = session.rows(f"select count(*) from {OUTCOMES} where run_id = ?", (run_id,))[0][0]
    if recorded and not kept:
        raise UnknownRun(
            f"Run {run_id} cannot be undone any more: what it changed was forgotten after delivery.keep_days "
            f"({keep_days})."
        )


def _store(session: Session, settings: Settings, loaded: LoadedSync, shops: Sequence[str], run_id: str) -> str:
    sync, now = loaded.sync, datetime.now(UTC)
    still_named = values_of(sync, "o.attribute")
    plan_id = f"undo-{sync.name}-{now:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    session.execute(
        f"""
        insert into {PLAN_ROWS}
            (
                plan_id, plan_row, shop, object, record_id, attribute, action, cause, value_before, value_after,
                digest_before
            )
        with changes as (
            select
                o.shop, o.object, o.record_id, o.attribute, {_INVERSE} as action, o.value_after as value_before,
                o.value_before as value_after, o.digest as digest_before
            from {OUTCOMES} as o
            where o.run_id = ? and o.state = 'acknowledged' and {still_named} and not {_OVERWRITTEN}
        )
        select
            ?, row_number() over (order by shop, {SENDING_ORDER}),
            shop, object, record_id, attribute, action, 'undone', value_before, value_after, digest_before
        from changes
        """,
        (run_id, plan_id),
    )
    rows = session.rows(f"select count(*) from {PLAN_ROWS} where plan_id = ?", (plan_id,))[0][0]
    store_plan(
        session,
        plan_id,
        loaded,
        shops,
        rows=rows,
        base_claims=last_claims(session, sync.name, shops),
        premises=premises_of_shops(settings, shops),
        created_at=now,
        undoes_run=run_id,
    )
    return plan_id


def _left(session: Session, sync: Sync, run_id: str) -> list[Left]:
    still_named = values_of(sync, "o.attribute")
    rows = session.rows(
        f"""
        select shop, attribute, reason, count(*) as left_rows, min(record_id)
        from (
            select
                o.shop, o.attribute, o.record_id,
                case when {still_named} then 'changed by a later run' else 'not in the sync file any more' end
                    as reason
            from {OUTCOMES} as o
            where o.run_id = ? and o.state = 'acknowledged' and (not {still_named} or {_OVERWRITTEN})
        ) as remaining
        group by shop, attribute, reason order by left_rows desc, shop, attribute, reason
        """,
        (run_id,),
    )
    return [Left(*row) for row in rows]
