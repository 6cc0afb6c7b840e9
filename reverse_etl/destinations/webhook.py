"""A webhook as a destination: any HTTPS address that takes signed batches of changes (docs/destinations.md).

Each change bears an idempotency key (plan and row), so that it may be sent again after a crash where nothing can be
read back. With a `read_url` it can, and then hand edits are found as they are in Shopify.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

import httpx

from reverse_etl.destinations.base import Destination, Origin
from reverse_etl.destinations.webhook_client import WebhookClient
from reverse_etl.destinations.webhook_messages import (
    READ,
    REDACTION,
    VALUES,
    body_of,
    message_id,
    outcomes_of,
    record_of,
    refused,
    spelled,
    values_in,
)
from reverse_etl.failures import DestinationRefused
from reverse_etl.ledger.rows import Action, Outcome, PlanRow, acknowledged, conflicting
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.values import same

TAG = "tag:"


class Key(NamedTuple):
    """Names one value in one shop."""

    record_id: int
    attribute: str


class WebhookDestination(Destination):
    """Sends rows of one sync and shop."""

    points = 0.0
    restore_rate = None

    def __init__(self, client: WebhookClient, shop: str, sync: Sync) -> None:
        """Nothing is sent yet."""
        self._client, self._shop, self._sync = client, shop, sync
        self._fields = {field.attribute: field for field in sync.metafields}

    @property
    def calls_per_second(self) -> float:
        """The limit that the settings say."""
        return self._client.webhook.requests_per_second

    @property
    def can_read(self) -> bool:
        """With a `read_url`."""
        return self._client.webhook.read_url is not None

    @property
    def requests(self) -> int:
        """Requests answered so far."""
        return self._client.requests

    async def prepare(self) -> None:
        """Nothing: each change says its type."""

    def rows_per_call(self, action: Action) -> int:
        """As many as the settings say, of whatever kind."""
        del action
        return self._client.webhook.records_per_request

    def pack(self, action: Action, rows: Sequence[PlanRow]) -> list[list[PlanRow]]:
        """Whole records into calls, as many as fit."""
        most = self.rows_per_call(action)
        calls: list[list[PlanRow]] = []
        for _, group in groupby(rows, key=lambda row: row.record_id):
            record = list(group)
            for part in (record[start : start + most] for start in range(0, len(record), most)):
                if calls and len(calls[-1]) + len(part) <= most:
                    calls[-1].extend(part)
                else:
                    calls.append(part)
        return calls

    async def send(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """One message; when it is refused without a word about its rows, its halves, down to the row that is bad."""
        del action
        return await self._send(origin, rows, 1)

    async def _send(self, origin: Origin, rows: Sequence[PlanRow], attempt: int) -> list[Outcome]:
        sent_at = datetime.now(UTC)
        body = body_of(VALUES, self._sync.name, [record_of(origin, row, self._fields) for row in rows])
        answer = await self._client.post(self._client.webhook.url, body, message_id(origin.run_id, body))
        outcomes = outcomes_of(origin, rows, answer, sent_at, attempt)
        if outcomes is not None:
            return outcomes
        if len(rows) == 1:
            return [refused(rows[0], answer, sent_at, attempt)]
        middle = len(rows) // 2
        first = await self._send(origin, rows[:middle], attempt + 1)
        return first + await self._send(origin, rows[middle:], attempt + 1)

    async def in_place(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Ask what it carries; nothing is found where it can not be asked."""
        if not self.can_read:
            return []
        carried = await self.values([Key(row.record_id, row.attribute) for row in rows])
        return [
            acknowledged(row, None)
            for row in rows
            if self._is_in_place(row, carried.get(Key(row.record_id, row.attribute)))
        ]

    def _is_in_place(self, row: PlanRow, value: str | None) -> bool:
        if value is None or row.action in ("delete", "tag_remove"):
            return value is None and row.action in ("delete", "tag_remove")
        return row.action == "tag_add" or self._same(row.attribute, row.value_after, value)

    async def settle(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Read back; or send again under the keys of before: then they are in effect, and a receiver drops doubles."""
        if self.can_read:
            return await self.in_place(rows)
        found: list[Outcome] = []
        for call in self.pack(action, rows):
            found += await self._send(origin, call, 1)
        return found

    async def edited(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """A CONFLICT for each value that is another one now; nothing is found where it can not be asked."""
        if not self.can_read:
            return []
        carried = await self.values([Key(row.record_id, row.attribute) for row in rows])
        now, found = datetime.now(UTC), []
        for row in rows:
            value = carried.get(Key(row.record_id, row.attribute))
            if value is not None and not self._same(row.attribute, row.value_before, value):
                found.append(conflicting(row, value, None, now, attempts=0))
        return found

    async def values(self, keys: Sequence[Key]) -> dict[Key, str]:
        """What it carries of these; raises DestinationRefused when the answer is not one."""
        webhook, found = self._client.webhook, dict[Key, str]()
        if webhook.read_url is None:
            raise DestinationRefused(f"Destination {webhook.name} has no read_url: what it carries can not be asked.")
        by_spelling = {(str(key.record_id), spelled(key.attribute)): key for key in keys}
        for start in range(0, len(keys), webhook.records_per_request):
            asked = [
                {
                    "shop": self._shop,
                    "owner_type": self._sync.object,
                    "owner_id": str(key.record_id),
                    "attribute": spelled(key.attribute),
                }
                for key in keys[start : start + webhook.records_per_request]
            ]
            body = body_of(READ, self._sync.name, asked)
            # An id of its own: an answer of before is not what is wanted.
            answer = await self._client.post(webhook.read_url, body, f"msg_{secrets.token_hex(16)}")
            values = values_in(answer)
            if values is None:
                raise DestinationRefused(
                    f"Destination {webhook.name} ({webhook.host}) did not answer {READ} with a list of values (HTTP "
                    f"{answer.status_code}); correct the receiver, or take read_url out of the settings."
                )
            found |= {
                by_spelling[number, attribute]: value
                for (shop, number, attribute), value in values.items()
                if shop == self._shop and (number, attribute) in by_spelling
            }
        return found

    def _same(self, attribute: str, ours: str | None, theirs: str) -> bool:
        field = self._fields.get(attribute)
        return same(field.type, ours, theirs) if field else ours == theirs


async def clear_webhook(
    client: WebhookClient, shop: str, owner: str, record_id: int, attributes: Sequence[str]
) -> None:
    """Say for each value of a person that it goes; raises DestinationRefused when one does not."""
    origin = Origin(secrets.token_hex(8), f"redaction-{secrets.token_hex(8)}")
    rows = [
        PlanRow(number, shop, owner, record_id, name, "tag_remove" if name.startswith(TAG) else "delete", None, None)
        for number, name in enumerate(attributes, 1)
    ]
    body = body_of(REDACTION, "", [record_of(origin, row, {}) for row in rows])
    answer: httpx.Response = await client.post(client.webhook.url, body, message_id(origin.run_id, body))
    outcomes = outcomes_of(origin, rows, answer, datetime.now(UTC), 1) or [
        refused(rows[0], answer, datetime.now(UTC), 1)
    ]
    bad = next((one for one in outcomes if one.state == "rejected"), None)
    if bad is not None:
        raise DestinationRefused(
            f"Destination {client.webhook.name} ({client.webhook.host}) would not clear what we wrote to the customer "
            f"({bad.code}: {bad.reason}); nothing is erased yet: put that right and run again, or go on without it "
            f"with --without-shopify."
        )
