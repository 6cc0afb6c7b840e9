"""After a crash: find out what of the claimed rows reached the destination, before anything else is planned or sent.

A claimed row without an outcome may have been sent. It is read back: what is in effect is acknowledged without being
sent again, the rest is as if it had never been claimed. Where nothing can be read it is sent again as it was, under the
same idempotency key: what is not known can not be planned from. A bulk operation that was left behind is awaited first,
because it would otherwise go on writing old values behind newer ones.
"""

import asyncio
from collections.abc import Sequence

from pipelines.config import Settings
from pipelines.destination_settings import SHOPIFY
from pipelines.failures import DeliveryError
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse
from pipelines.warehouse.conflicts import retried
from reverse_etl.delivery import bulk_lane
from reverse_etl.delivery.delivery import ShopDelivery
from reverse_etl.delivery.failure_groups import first_failure
from reverse_etl.delivery.runs import new_run_id
from reverse_etl.destinations.base import Origin
from reverse_etl.destinations.opened import opened
from reverse_etl.ledger import locks
from reverse_etl.ledger.claims import Claim, open_claims, places_in_doubt
from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.recorder import Recorder
from reverse_etl.ledger.tables import ensure_tables
from reverse_etl.sync_format.sync_file import Sync


def settle_interrupted(settings: Settings, sync: Sync, shops: Sequence[str]) -> int:
    """Settle what dead runs of a sync left in doubt; returns the rows that were found in effect.

    Costs nothing when nothing is in doubt. Raises AlreadyApplying when the claims belong to a living run, and
    DeliveryError when the sync went to another destination then.
    """
    warehouse = Warehouse(settings)
    run_id = new_run_id()
    with warehouse.session() as session:
        ensure_tables(session)
        if not open_claims(session, sync.name, shops):
            return 0
        _require_same_place(sync, places_in_doubt(session, sync.name, shops))
        retried(lambda: locks.acquire(session, sync.name, shops, run_id))
    ledger = Ledger(warehouse, run_id, "", sync.name, shops)
    try:
        with first_failure():
            return asyncio.run(_settle_all(settings, ledger, sync, shops))
    finally:
        with warehouse.session() as session:
            retried(lambda: locks.release(session, run_id))


def _require_same_place(sync: Sync, in_doubt: set[str]) -> None:
    elsewhere = sorted(in_doubt - {sync.held_as})
    if elsewhere:
        was = elsewhere[0].partition("@")[2] or SHOPIFY
        raise DeliveryError(
            f"A delivery of sync '{sync.name}' to {was} was cut off, and its file says destination: {sync.destination} "
            f"now; nothing was sent. Set it back to {was}, run `boomerang plan {sync.name}` to settle what is in "
            f"doubt, then change it again."
        )


async def settle_shop(delivery: ShopDelivery, settings: Settings, claims: Sequence[Claim]) -> int:
    """Settle the open claims of one shop, whose lock the caller holds; returns the rows found in effect."""
    found = 0
    for claim in claims:
        if claim.lane == "bulk" and await bulk_lane.adopt(delivery, settings, claim):
            continue
        doubtful = await asyncio.to_thread(delivery.ledger.doubtful, claim)
        if claim.action == "tag_remove" and not delivery.destination.can_read:
            held_back = await asyncio.to_thread(delivery.ledger.refused_records, claim.run_id, claim.shop)
            doubtful = [row for row in doubtful if row.record_id not in held_back]
        origin = Origin(claim.run_id, claim.plan_id)
        outcomes = await delivery.destination.settle(origin, claim.action, doubtful) if doubtful else []
        await asyncio.to_thread(delivery.ledger.settle, claim, outcomes)
        delivery.checkpoint("settled")
        found += sum(outcome.state == "acknowledged" for outcome in outcomes)
    return found


async def _settle_all(settings: Settings, ledger: Ledger, sync: Sync, shops: Sequence[str]) -> int:
    with Warehouse(settings).session() as session:
        claims = open_claims(session, sync.name, shops)
    async with asyncio.TaskGroup() as watch:
        keeping_time = watch.create_task(Recorder(ledger).keep_time())
        try:
            return await _settle_claims(settings, ledger, sync, claims)
        finally:
            keeping_time.cancel()
    raise AssertionError("unreachable: the group ends with a result or an exception")


async def _settle_claims(settings: Settings, ledger: Ledger, sync: Sync, claims: Sequence[Claim]) -> int:
    found = 0
    for shop in dict.fromkeys(claim.shop for claim in claims):
        async with opened(settings, sync, shop) as destination:
            delivery = ShopDelivery(
                shop=shop,
                ledger=ledger,
                recorder=Recorder(ledger),
                destination=destination,
                progress=SilentProgress(),
                checkpoint=lambda _: None,
                max_in_flight=settings.delivery.max_in_flight,
            )
            found += await settle_shop(delivery, settings, [claim for claim in claims if claim.shop == shop])
    return found
