"""Shopify as a destination: metafields and owned tags of customers, products and orders, for one shop and one sync."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from reverse_etl.destinations.base import Destination, Origin
from reverse_etl.destinations.conflicts import edited
from reverse_etl.destinations.definitions import ensure_definitions
from reverse_etl.destinations.metafields import (
    DELETE_DOCUMENT,
    SET_DOCUMENT,
    delete_variables,
    send_metafields,
    set_variables,
)
from reverse_etl.destinations.metering import MeteredApi
from reverse_etl.destinations.read_back import rows_in_place
from reverse_etl.destinations.tags import DOCUMENTS, send_tags, tag_variables
from reverse_etl.ledger.rows import Action, Outcome, PlanRow
from reverse_etl.sync_format.sync_file import Sync, SyncObject

POINTS_PER_CALL = 10  # of a mutation, by the documents, until what it really costs is measured
ASSUMED_RATE = 100.0  # points a second of the smallest plan, until the first reply tells
METAFIELDS_PER_CALL = 25  # Shopify's limit of metafieldsSet; the whole call is atomic
TAGS_PER_CALL = 250
# Sync object -> GraphQL type, MetafieldOwnerType.
OWNERS: dict[SyncObject, tuple[str, str]] = {
    "customer": ("Customer", "CUSTOMER"),
    "product": ("Product", "PRODUCT"),
    "order": ("Order", "ORDER"),
}
_ROOTS: dict[str, str] = {
    "set": "metafieldsSet",
    "delete": "metafieldsDelete",
    "tag_add": "tagsAdd",
    "tag_remove": "tagsRemove",
}


class ShopifyDestination(Destination):
    """Sends rows of one sync to one shop."""

    can_read = True

    def __init__(self, api: MeteredApi, shop: str, sync: Sync) -> None:
        """Nothing is sent yet."""
        self.api = self._api = api
        self._shop = shop
        self._sync = sync
        self._owner, self._owner_type = OWNERS[sync.object]
        self._fields = {field.attribute: field for field in sync.metafields}

    @property
    def calls_per_second(self) -> float:
        """What the shop's points allow."""
        return (self.api.restore_rate or ASSUMED_RATE) / POINTS_PER_CALL

    @property
    def requests(self) -> int:
        """Requests answered so far."""
        return self.api.requests

    @property
    def points(self) -> float:
        """Points used so far."""
        return self.api.points

    @property
    def restore_rate(self) -> float | None:
        """As the last reply told."""
        return self.api.restore_rate

    async def prepare(self) -> None:
        """Ensure the definitions of all metafields of the sync."""
        if self._sync.metafields:
            await ensure_definitions(self._api, self._shop, self._owner_type, self._sync.metafields)

    def rows_per_call(self, action: Action) -> int:
        """25 metafields of several records, or the tags of one record (rarely more than one changes)."""
        return METAFIELDS_PER_CALL if action in ("set", "delete") else 1

    def pack(self, action: Action, rows: Sequence[PlanRow]) -> list[list[PlanRow]]:
        """Whole records into calls, as many as fit."""
        records = [list(group) for _, group in groupby(rows, key=lambda row: row.record_id)]
        if action in ("tag_add", "tag_remove"):
            return [part for record in records for part in _cut(record, TAGS_PER_CALL)]
        return list(_packed(part for record in records for part in _cut(record, METAFIELDS_PER_CALL)))

    async def send(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """One call (more when an atomic call must be taken apart)."""
        del origin
        if action in ("set", "delete"):
            return await send_metafields(self._api, rows, self._fields, self._owner, delete=action == "delete")
        return await send_tags(self._api, action, rows, self._prefix, self._owner)

    async def in_place(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Read values and tags back by the number of their record."""
        return await rows_in_place(self._api, rows, self._fields, self._owner)

    async def settle(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Read back."""
        del origin, action
        return await self.in_place(rows)

    async def edited(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """A CONFLICT for each metafield whose value is not the one that the plan was made from, nor absent."""
        return await edited(self._api, rows, self._fields, self._owner)

    def bulk_document(self, action: Action, marker: str) -> str:
        """The mutation of a bulk operation; `marker` in its name lets a restart find the operation by its text."""
        document = {"set": SET_DOCUMENT, "delete": DELETE_DOCUMENT, **DOCUMENTS}[action]
        return document.strip().replace("(", f"_{marker}(", 1)

    def bulk_variables(self, action: Action, rows: Sequence[PlanRow]) -> dict[str, Any]:
        """Variables of one call: one line of a bulk mutation's file."""
        if action == "set":
            return set_variables(rows, self._fields, self._owner)
        if action == "delete":
            return delete_variables(rows, self._fields, self._owner)
        return tag_variables(rows, self._prefix, self._owner)

    def bulk_line_succeeded(self, action: Action, line: dict[str, Any]) -> bool:
        """Whether a result line says that its call took effect."""
        payload = (line.get("data") or {}).get(_ROOTS[action])
        return payload is not None and not payload["userErrors"] and not line.get("errors")

    @property
    def _prefix(self) -> str:
        if self._sync.tags is None:
            raise ValueError(f"sync {self._sync.name} owns no tags")
        return self._sync.tags.prefix


def _cut(rows: list[PlanRow], size: int) -> list[list[PlanRow]]:
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def _packed(records: Iterable[list[PlanRow]]) -> Iterable[list[PlanRow]]:
    call: list[PlanRow] = []
    for record in records:
        if len(call) + len(record) > METAFIELDS_PER_CALL:
            yield call
            call = []
        call = call + record
    if call:
        yield call
