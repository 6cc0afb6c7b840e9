"""Sends all open rows of one action by the lane that is faster, or by the one that somebody has set."""

import asyncio
from dataclasses import dataclass

from pipelines.config import Settings
from reverse_etl.delivery.actual import read_actual
from reverse_etl.delivery.bulk_lane import deliver_in_bulk, has_bulk
from reverse_etl.delivery.delivery import ShopDelivery
from reverse_etl.delivery.lane_choice import Choice, Work, by_threshold, choose
from reverse_etl.delivery.paced_lane import deliver_paced
from reverse_etl.ledger.rows import Action
from reverse_etl.sync_format.sync_file import Sync


@dataclass(frozen=True)
class OpenRows:
    """What of one action is not acknowledged yet: values, and the records that they belong to."""

    action: Action
    rows: int
    records: int


async def send_open(delivery: ShopDelivery, settings: Settings, sync: Sync, open_rows: OpenRows) -> str | None:
    """Send them, and say why by which lane; None where a destination has one lane only."""
    action = open_rows.action
    held_back: frozenset[int] = frozenset()
    if action == "tag_remove":
        held_back = await asyncio.to_thread(delivery.ledger.refused_records, delivery.ledger.run_id, delivery.shop)
    choice = _choice(delivery, settings, sync, open_rows) if has_bulk(delivery) else None
    if choice is not None and choice.lane == "bulk":
        with delivery.measures.measuring(delivery.destination, delivery.shop, action, "bulk") as tally:
            left = held_back
            if action == "delete":  # nothing compares what is deleted: what somebody changed goes by the paced lane
                await read_actual(settings, sync, delivery.shop)
                left = await asyncio.to_thread(delivery.ledger.edited_records, delivery.ledger.plan_id, delivery.shop)
            await deliver_in_bulk(delivery, action, settings, left, tally)
    # Also after a bulk operation: the rows that it refused are taken apart here.
    with delivery.measures.measuring(delivery.destination, delivery.shop, action, "paced") as tally:
        await deliver_paced(delivery, action, held_back, tally)
    return None if choice is None else f"{delivery.item(action)}: {choice.reason}"


def _choice(delivery: ShopDelivery, settings: Settings, sync: Sync, open_rows: OpenRows) -> Choice:
    if delivery.takes_back:
        # A bulk operation cannot be asked in between.
        return Choice("paced", "paced: an undo reads each value before it takes it back")
    if sync.bulk_threshold is not None:
        return by_threshold(open_rows.records, sync.bulk_threshold, "the sync file")
    if settings.delivery.bulk_threshold is not None:
        return by_threshold(open_rows.records, settings.delivery.bulk_threshold, "the settings")
    shop, action, measures = delivery.shop, open_rows.action, delivery.measures
    rows_per_call = float(delivery.destination.rows_per_call(action))
    if action in ("tag_add", "tag_remove"):  # the tags of one record are one call
        rows_per_call = open_rows.rows / open_rows.records
    return choose(
        Work(open_rows.rows, rows_per_call, reads_first=action == "delete"),
        delivery.destination.restore_rate or measures.restore_rate(shop),
        measures.of(shop, action, "paced"),
        measures.of(shop, action, "bulk"),
    )
