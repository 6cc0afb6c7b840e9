"""Does Shopify still carry what it acknowledged? Wanted, acknowledged and actual, compared value by value.

Values drift when somebody edits them by hand, when another app writes them, when a customer is merged or deleted. The
plan cannot see that: it compares what is wanted with what was acknowledged. Here the third side is read.

A drifted value can be restored: the ledger is told what Shopify really carries, and the next plan then brings back what
the model wants, through the guards and with an outcome for each value, like any other change.
"""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import retried, together
from reverse_etl.delivery.actual import read_actual
from reverse_etl.delivery.actual_listed import RECORD
from reverse_etl.delivery.failure_groups import first_failure
from reverse_etl.delivery.runs import new_run_id
from reverse_etl.delivery.settle import settle_interrupted
from reverse_etl.destinations.opened import require_readable
from reverse_etl.ledger import locks
from reverse_etl.ledger.tables import ACTUAL, DRIFT, VALUES, ensure_tables
from reverse_etl.plans.diff_sql import values_of
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync
from reverse_etl.sync_format.values import same

# A statement and its values stay below what any warehouse takes.
RECORDS_AT_ONCE = 50_000


@dataclass(frozen=True)
class Drift:
    """Values that differ in one way: `changed`, `removed` (the record is there), `gone` (it is not), `foreign`.

    A foreign value stands under a name or prefix of the sync, and no delivery of ours was ever acknowledged for it.
    """

    shop: str
    attribute: str
    kind: str
    rows: int
    example_record_id: int


@dataclass(frozen=True)
class Verification:
    """What was compared; `in_place` of the `acknowledged` values are carried as they were acknowledged."""

    verification_id: str
    sync: str
    shops: Sequence[str]
    acknowledged: int
    in_place: int
    restored: bool
    drift: Sequence[Drift] = ()


def verify_sync(
    settings: Settings, sync_name: str, shop: str | None = None, *, restore: bool = False, folder: Path = SYNCS
) -> Verification:
    """Read back every value of a sync and store what differs in `ops.delivery_drift`; sends nothing.

    With `restore` the ledger follows Shopify, so that the next plan brings back what the model wants. No delivery of
    the sync runs meanwhile: its locks are held. What an earlier one left in doubt is settled first.

    Raises SyncFileError, ConfigurationError (unknown shop), DestinationNotReadable, AlreadyApplying, and what the
    client raises.
    """
    sync = load_sync(sync_name, folder).sync
    shops = shops_of(settings, sync, shop)
    require_readable(settings, sync)
    settle_interrupted(settings, sync, shops)
    warehouse, holder = Warehouse(settings), new_run_id()
    with warehouse.session() as session:
        ensure_tables(session)
        retried(lambda: locks.acquire(session, sync.name, shops, holder))
    try:
        with first_failure():
            asyncio.run(_read(settings, sync, shops))
        with warehouse.session() as session:
            return together(session, lambda: _compare(session, sync, shops, holder, restore=restore))
    finally:
        with warehouse.session() as session:
            retried(lambda: locks.release(session, holder))


async def _read(settings: Settings, sync: Sync, shops: Sequence[str]) -> None:
    for shop in shops:
        await read_actual(settings, sync, shop)


def _compare(session: Session, sync: Sync, shops: Sequence[str], holder: str, *, restore: bool) -> Verification:
    verification_id = f"verify-{sync.name}-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    for shop in shops:
        locks.require_held(session, holder, len(shops))
        session.execute(*_difference(sync, shop, verification_id))
    _forget_other_spellings(session, sync, verification_id)
    of_sync = values_of(sync, "v.attribute")
    listed = ", ".join("?" * len(shops))
    acknowledged = session.rows(
        f"select count(*) from {VALUES} as v where object = ? and shop in ({listed}) and {of_sync}",
        (sync.held_as, *shops),
    )[0][0]
    drift = [
        Drift(*row)
        for row in session.rows(
            f"""
            select shop, attribute, kind, count(*) as drifted, min(record_id) from {DRIFT} where verification_id = ?
            group by shop, attribute, kind order by drifted desc, shop, attribute, kind
            """,
            (verification_id,),
        )
    ]
    if restore:
        _follow_shopify(session, sync, verification_id)
    drifted = sum(one.rows for one in drift if one.kind != "foreign")
    return Verification(verification_id, sync.name, shops, acknowledged, acknowledged - drifted, restore, drift)


def _difference(sync: Sync, shop: str, verification_id: str) -> tuple[str, list[object]]:
    of_sync = values_of(sync, "v.attribute")
    now = datetime.now(UTC).replace(tzinfo=None)
    sql = f"""
        insert into {DRIFT} (
            verification_id, sync, shop, object, record_id, attribute, kind, acknowledged_value, actual_value, digest,
            found_at
        )
        select
            ?, '{sync.name}', ?, '{sync.held_as}', coalesce(v.record_id, t.record_id),
            coalesce(v.attribute, t.attribute),
            case
                when v.record_id is null then 'foreign' when t.record_id is not null then 'changed'
                when r.record_id is null then 'gone' else 'removed'
            end,
            v.value, t.value, t.digest, cast(? as timestamp)
        from (
            select v.record_id, v.attribute, v.value from {VALUES} as v where v.object = ? and v.shop = ? and {of_sync}
        ) as v
        full join (
            select record_id, attribute, value, digest from {ACTUAL}
            where sync = ? and shop = ? and attribute <> '{RECORD}'
        ) as t on t.record_id = v.record_id and t.attribute = v.attribute
        left join (
            select record_id from {ACTUAL} where sync = ? and shop = ? and attribute = '{RECORD}'
        ) as r on r.record_id = v.record_id
        where v.record_id is null or t.record_id is null or t.value is distinct from v.value
    """
    key = [sync.name, shop]
    return sql, [verification_id, shop, now, sync.held_as, shop, *key, *key]


def _forget_other_spellings(session: Session, sync: Sync, verification_id: str) -> None:
    """Shopify rewrites some values (JSON, instants): what only looks different is no drift."""
    for field in sync.metafields:
        changed = session.rows(
            f"""
            select shop, record_id, acknowledged_value, actual_value from {DRIFT}
            where verification_id = ? and kind = 'changed' and attribute = ?
            """,
            (verification_id, field.attribute),
        )
        alike: dict[str, list[int]] = {}
        for shop, record_id, ours, theirs in changed:
            if same(field.type, ours, theirs):
                alike.setdefault(shop, []).append(record_id)
        for shop, records in alike.items():
            for start in range(0, len(records), RECORDS_AT_ONCE):
                session.execute(
                    f"""
                    delete from {DRIFT} where verification_id = ? and attribute = ? and shop = ?
                    and record_id in (select unnest(?))
                    """,
                    (verification_id, field.attribute, shop, records[start : start + RECORDS_AT_ONCE]),
                )


def _follow_shopify(session: Session, sync: Sync, verification_id: str) -> None:
    """Let the ledger hold what Shopify carries: the next plan starts from there."""
    drifted = f"""
        exists (
            select 1 from {DRIFT} as d
            where d.verification_id = ? and d.shop = delivery_values.shop and d.object = delivery_values.object
            and d.record_id = delivery_values.record_id and d.attribute = delivery_values.attribute
        )
    """
    session.execute(f"delete from {VALUES} where object = ? and {drifted}", (sync.held_as, verification_id))
    session.execute(
        f"""
        insert into {VALUES} (shop, object, record_id, attribute, value, digest, acknowledged_at, run_id)
        select shop, object, record_id, attribute, actual_value, digest, found_at, verification_id
        from {DRIFT} where verification_id = ? and kind in ('changed', 'foreign')
        """,
        (verification_id,),
    )
