"""The paced lane: calls at the rate limit, several under way, each row with its own outcome.

The client waits for points; this lane only sees to it that there is always a next call to make. Rows are claimed a few
seconds ahead of sending them.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from reverse_etl.delivery.delivery import STAGE, ShopDelivery
from reverse_etl.delivery.measures import Tally
from reverse_etl.ledger.rows import Action, Outcome, PlanRow, rejected
from reverse_etl.plans.undo_rows import CHANGED_SINCE, as_written

HELD_BACK = "HELD_BACK"


async def deliver_paced(delivery: ShopDelivery, action: Action, held_back: frozenset[int], tally: Tally) -> None:
    """Send all open rows of one kind. `held_back` records are not sent: the tag to stand before was refused."""
    window = delivery.window(action)
    calls: asyncio.Queue[list[PlanRow] | None] = asyncio.Queue(maxsize=delivery.calls_ahead(action))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_claim_ahead(delivery, action, calls, window))
        for _ in range(window):
            tasks.create_task(_send(delivery, action, calls, held_back, tally))
    await delivery.recorder.flush()


async def _claim_ahead(
    delivery: ShopDelivery, action: Action, calls: "asyncio.Queue[list[PlanRow] | None]", window: int
) -> None:
    ledger, shop = delivery.ledger, delivery.shop
    first, last = await asyncio.to_thread(ledger.bounds, shop, action)
    while first <= last:
        size = delivery.claim_size(action)
        rows = await delivery.recorder.claim(shop, action, first=first, last=last, limit=size)
        if not rows:
            break
        delivery.checkpoint("claimed")
        first = rows[-1].plan_row + 1
        for call in delivery.destination.pack(action, rows):
            await calls.put(call)
    for _ in range(window):
        await calls.put(None)


async def _send(
    delivery: ShopDelivery,
    action: Action,
    calls: "asyncio.Queue[list[PlanRow] | None]",
    held_back: frozenset[int],
    tally: Tally,
) -> None:
    while (rows := await calls.get()) is not None:
        outcomes = [_hold_back(row) for row in rows if row.record_id in held_back]
        if len(outcomes) < len(rows):
            left = [row for row in rows if row.record_id not in held_back]
            outcomes += await _send_call(delivery, action, left)
            tally.add(1, len(left))
        await delivery.recorder.add(outcomes)
        delivery.checkpoint("recorded")
        delivery.progress.advance(STAGE, delivery.item(action), len(rows))


async def _send_call(delivery: ShopDelivery, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
    changed: list[Outcome] = []
    if delivery.takes_back and delivery.destination.can_read:
        changed = await _changed_since(delivery, rows)
    elif action == "delete" and not delivery.takes_back:
        changed = await delivery.destination.edited(rows)
    delivery.checkpoint("sending")
    refused = {outcome.row.plan_row for outcome in changed}
    open_rows = [row for row in rows if row.plan_row not in refused]
    sent = await delivery.destination.send(delivery.origin, action, open_rows) if open_rows else []
    delivery.checkpoint("sent")
    return changed + sent


async def _changed_since(delivery: ShopDelivery, rows: Sequence[PlanRow]) -> list[Outcome]:
    """A refusal for each row of an undo plan whose value is not what the undone run wrote."""
    as_it_was = await delivery.destination.in_place([as_written(row) for row in rows])
    unchanged = {outcome.row.plan_row for outcome in as_it_was}
    reason = "Not undone: somebody changed it in Shopify since the run."
    now = datetime.now(UTC)
    return [rejected(row, CHANGED_SINCE, reason, now, attempts=0) for row in rows if row.plan_row not in unchanged]


def _hold_back(row: PlanRow) -> Outcome:
    reason = "Not removed: a tag that takes its place was refused."
    return rejected(row, HELD_BACK, reason, datetime.now(UTC), attempts=0)
