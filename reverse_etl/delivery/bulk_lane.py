"""The bulk lane: thousands of calls as one file, outside the points budget, joined to rows by line number.

One line is one call's variables, so a line is atomic as a call is. Lines that took effect are acknowledged as ranges of
plan rows; rows of refused lines stay open for the paced lane, which takes the calls apart and names the bad value.
"""

import asyncio
import contextlib
from array import array
from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import orjson

from pipelines.config import Settings
from pipelines.shopify.bulk import BulkMutationFailed, BulkRunner
from pipelines.shopify.bulk_operation import LATEST
from reverse_etl.delivery.delivery import STAGE, ShopDelivery
from reverse_etl.delivery.measures import Tally
from reverse_etl.delivery.scratch import scratch
from reverse_etl.destinations.results import digests_of, fetch_result, succeeded_lines
from reverse_etl.destinations.shopify import ShopifyDestination
from reverse_etl.ledger.claims import Claim
from reverse_etl.ledger.rows import Action, PlanRow

# Under Shopify's 100 MB a file, with room for the last line.
FILE_BYTES = 90 * 1024 * 1024


@dataclass
class Lines:
    """Which plan rows each line of a file holds: the first and the last of it, and all of them line by line."""

    first: "array[int]" = field(default_factory=lambda: array("q"))
    last: "array[int]" = field(default_factory=lambda: array("q"))
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("q"))

    def add(self, rows: list[PlanRow]) -> None:
        """The next line holds these rows."""
        self.first.append(rows[0].plan_row)
        self.last.append(rows[-1].plan_row)
        self.rows.extend(row.plan_row for row in rows)
        self.sizes.append(len(rows))


async def deliver_in_bulk(
    delivery: ShopDelivery, action: Action, settings: Settings, held_back: frozenset[int], tally: Tally
) -> None:
    """Send all open rows of one kind as bulk mutations, as many files as needed, up to five under way.

    Rows that Shopify refused, or did not get to, stay open. `tally` counts a file once its results are written down.
    """
    runner = BulkRunner.configured(_shopify(delivery).api.client, settings)
    with scratch(settings) as folder:
        async with asyncio.TaskGroup() as tasks:
            first, last = await asyncio.to_thread(delivery.ledger.bounds, delivery.shop, action)
            while first <= last:
                path = folder / f"{action}-{first}.jsonl"
                rows = delivery.ledger.read(delivery.ledger.plan_id, delivery.shop, action, first, last)
                lines = await asyncio.to_thread(_write, delivery, action, path, rows, held_back)
                if not lines.first:
                    break
                tasks.create_task(_run(delivery, runner, action, path, lines, tally))
                first = lines.last[-1] + 1


async def adopt(delivery: ShopDelivery, settings: Settings, claim: Claim) -> bool:
    """Wait for the bulk operation that a dead run left behind and acknowledge its lines.

    False when Shopify knows no such operation: then nothing of the claim was submitted.
    """
    runner = BulkRunner.configured(_shopify(delivery).api.client, settings)
    operation_id = claim.operation_id or await _find(delivery, claim.claim_id)
    if operation_id is None or await runner.look_up(operation_id) is None:
        return False
    with scratch(settings) as folder:
        path = folder / "adopted.jsonl"
        lines = await asyncio.to_thread(_write_claim, delivery, claim, path)
        await _finish(delivery, runner, claim, path, lines, operation_id)
    return True


async def _run(
    delivery: ShopDelivery, runner: BulkRunner, action: Action, path: Path, lines: Lines, tally: Tally
) -> None:
    first, last = lines.first[0], lines.last[-1]
    claim = await asyncio.to_thread(delivery.ledger.claim_range, delivery.shop, action, first, last)
    delivery.checkpoint("claimed")
    await _finish(delivery, runner, claim, path, lines, None)
    tally.add(len(lines.first), len(lines.rows))


async def _finish(
    delivery: ShopDelivery, runner: BulkRunner, claim: Claim, path: Path, lines: Lines, operation_id: str | None
) -> None:
    async def submitted(started: str) -> None:
        delivery.checkpoint("submitted")
        await asyncio.to_thread(delivery.ledger.operation_started, claim.claim_id, started)
        delivery.checkpoint("submission recorded")

    shopify = _shopify(delivery)
    document = shopify.bulk_document(claim.action, claim.claim_id)
    try:
        operation = await runner.run_mutation(
            document,
            path,
            client_identifier=f"boomerang-{claim.claim_id}",
            adopt=operation_id,
            on_submitted=submitted,
        )
    except BulkMutationFailed as failed:
        if failed.operation.is_under_way:
            raise
        # It has ended: what took effect is in its partial result, the rest is sent again at the paced lane.
        operation = failed.operation
    delivery.checkpoint("bulk ended")
    result = await fetch_result(operation, path.parent, delivery.shop)
    succeeded, digests = bytearray(len(lines.first)), None
    if result is not None:
        is_good = partial(shopify.bulk_line_succeeded, claim.action)
        succeeded = await asyncio.to_thread(succeeded_lines, result, len(lines.first), is_good)
        if claim.action == "set":
            digests = await asyncio.to_thread(digests_of, result, lines.sizes, lines.rows)
    ranges = list(_ranges(lines, succeeded))
    rows = await asyncio.to_thread(delivery.ledger.acknowledge_ranges, claim, ranges, digests)
    delivery.checkpoint("recorded")
    delivery.progress.advance(STAGE, delivery.item(claim.action), rows)


def _ranges(lines: Lines, succeeded: bytearray) -> Iterable[tuple[int, int]]:
    """Ranges of plan rows of the lines that succeeded; neighbours become one."""
    start: int | None = None
    for number, good in enumerate(succeeded):
        # A gap between two lines holds rows that were not sent: acknowledged before, or held back.
        joined = number > 0 and lines.first[number] == lines.last[number - 1] + 1
        if start is not None and not (good and joined):
            yield lines.first[start], lines.last[number - 1]
            start = None
        if good and start is None:
            start = number
    if start is not None:
        yield lines.first[start], lines.last[-1]


def _write_claim(delivery: ShopDelivery, claim: Claim, path: Path) -> Lines:
    """Write the file of an earlier claim again: the same rows give the same lines."""
    ledger = delivery.ledger
    held_back: frozenset[int] = frozenset()
    if claim.action == "tag_remove":
        held_back = ledger.refused_records(claim.run_id, claim.shop)
    elif claim.action == "delete":  # as the dead run had read it
        held_back = ledger.edited_records(claim.plan_id, claim.shop)
    rows = ledger.read(claim.plan_id, claim.shop, claim.action, claim.first_row, claim.last_row)
    return _write(delivery, claim.action, path, rows, held_back)


def _write(
    delivery: ShopDelivery, action: Action, path: Path, rows: Iterable[list[PlanRow]], held_back: frozenset[int]
) -> Lines:
    """Write rows as lines until the file is full or no row is left."""
    shopify, lines, size = _shopify(delivery), Lines(), 0
    with path.open("wb") as file, contextlib.closing(_calls(delivery, action, rows)) as calls:
        for call in calls:
            if call[0].record_id in held_back:
                continue
            size += file.write(orjson.dumps(shopify.bulk_variables(action, call)) + b"\n")
            lines.add(call)
            if size >= FILE_BYTES:
                break
    return lines


def _calls(
    delivery: ShopDelivery, action: Action, rows: Iterable[list[PlanRow]]
) -> Generator[list[PlanRow], None, None]:
    """Pack a stream: only the last call of what has come can still grow, so it waits for the next rows."""
    waiting: list[PlanRow] = []
    for some in rows:
        calls = delivery.destination.pack(action, waiting + some)
        waiting = calls.pop()
        yield from calls
    if waiting:
        yield waiting


def has_bulk(delivery: ShopDelivery) -> bool:
    """Whether the destination of a delivery takes files of calls: Shopify does."""
    return isinstance(delivery.destination, ShopifyDestination)


def _shopify(delivery: ShopDelivery) -> ShopifyDestination:
    if not isinstance(delivery.destination, ShopifyDestination):
        raise TypeError("bulk operations are Shopify's: ask has_bulk first")
    return delivery.destination


async def _find(delivery: ShopDelivery, marker: str) -> str | None:
    """The operation whose text bears the marker: one that was submitted just before its id could be written down."""
    reply = await _shopify(delivery).api.execute(
        LATEST, {"filter": "operation_type:mutation"}, operation="bulkOperations"
    )
    nodes = reply.data["bulkOperations"]["nodes"]
    return next((str(node["id"]) for node in nodes if marker in node["query"]), None)
