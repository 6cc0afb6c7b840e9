"""Segments of a sync are created once and kept by their id: whoever renames or changes one keeps the last word.

not known, no segment of the name       created
not known, the same name and query      ours from now on: a run that died may have created it
not known, the name with another query  left: it is somebody else's
known, as it was made                   follows the sync file
known, other name or query in Shopify   a person's: that part is left
known, not there any more               a person removed it: left, unless it is asked for again
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pipelines.config import Settings
from pipelines.shopify.client import ShopifyClient
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import retried, together
from reverse_etl.delivery.failure_groups import first_failure
from reverse_etl.delivery.runs import new_run_id
from reverse_etl.destinations.base import Api
from reverse_etl.destinations.definitions import ensure_definitions
from reverse_etl.destinations.segments import Segment, create_segment, list_segments, update_segment
from reverse_etl.destinations.shopify import OWNERS
from reverse_etl.ledger import locks
from reverse_etl.ledger.tables import SEGMENTS, ensure_tables
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_segments import WantedSegment
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync

State = Literal["created", "kept", "adopted", "updated", "changed by hand", "removed by hand", "name taken"]


class KeptSegment(NamedTuple):
    """One segment in one shop, by the name that it has there, and what became of it."""

    shop: str
    name: str
    query: str
    state: State


@dataclass(frozen=True)
class _Known:
    """A segment of ours: as the sync file said it, and as Shopify answered."""

    name: str
    query: str
    made: Segment


def keep_segments(
    settings: Settings, sync_name: str, shop: str | None = None, *, again: bool = False, folder: Path = SYNCS
) -> list[KeptSegment]:
    """Create the segments of a sync that are missing and let the others follow the sync file.

    `again` creates anew what somebody removed. No delivery of the sync runs meanwhile: its locks are held.
    Raises SyncFileError, ConfigurationError (unknown shop), AlreadyApplying, SegmentRefused, DefinitionConflict, and
    what the client raises.
    """
    sync = load_sync(sync_name, folder).sync
    shops = shops_of(settings, sync, shop) if sync.segments else []
    if not shops:
        return []
    warehouse, holder = Warehouse(settings), new_run_id()
    with warehouse.session() as session:
        ensure_tables(session)
        retried(lambda: locks.acquire(session, sync.name, shops, holder))
    try:
        return [one for each in shops for one in _keep(settings, warehouse, sync, each, again=again)]
    finally:
        with warehouse.session() as session:
            retried(lambda: locks.release(session, holder))


def _keep(settings: Settings, warehouse: Warehouse, sync: Sync, shop: str, *, again: bool) -> list[KeptSegment]:
    with warehouse.session() as session:
        known = _known(session, sync, shop)
    work = _Shop(shop, known, again=again)
    try:
        with first_failure():
            asyncio.run(_in_shop(settings, sync, work))
    finally:
        if work.made:
            with warehouse.session() as session:
                together(session, lambda: _remember(session, sync, shop, work.made))
    return work.kept


async def _in_shop(settings: Settings, sync: Sync, work: "_Shop") -> None:
    async with ShopifyClient.configured(settings, work.shop) as client:
        asked = {segment.attribute for segment in sync.wanted_segments}
        # Shopify takes no query that names a metafield without a definition.
        fields = [field for field in sync.metafields if field.attribute in asked]
        await ensure_definitions(client, work.shop, OWNERS[sync.object][1], fields)
        there = await list_segments(client)
        for wanted in sync.wanted_segments:
            await work.keep(client, wanted, there)


class _Shop:
    """The segments of one shop: `made` is what was written to it, `kept` what there is to tell."""

    def __init__(self, shop: str, known: dict[tuple[str, str], _Known], *, again: bool) -> None:
        self.shop, self._known, self._again = shop, known, again
        self.kept: list[KeptSegment] = []
        self.made: list[tuple[WantedSegment, Segment]] = []

    async def keep(self, api: Api, wanted: WantedSegment, there: Sequence[Segment]) -> None:
        known = self._known.get((wanted.attribute, wanted.value))
        if known is not None:
            found = next((segment for segment in there if segment.gid == known.made.gid), None)
            if found is not None:
                await self._follow(api, wanted, known, found)
                return
            if not self._again:
                self._tell(known.made, "removed by hand")
                return
        named = next((segment for segment in there if segment.name == wanted.name), None)
        if named is None:
            self._write(wanted, await create_segment(api, self.shop, wanted.name, wanted.query), "created")
        elif named.query.split() == wanted.query.split():
            self._write(wanted, named, "adopted")
        else:
            self._tell(named, "name taken")

    async def _follow(self, api: Api, wanted: WantedSegment, known: _Known, found: Segment) -> None:
        renamed, rewritten = found.name != known.made.name, found.query != known.made.query
        name = found.name if renamed or wanted.name == known.name else wanted.name
        query = found.query if rewritten or wanted.query == known.query else wanted.query
        if (name, query) != (found.name, found.query):
            now = await update_segment(api, self.shop, found.gid, name, query)
            # What a person changed stays told from what we made.
            mine = Segment(
                now.gid, known.made.name if renamed else now.name, known.made.query if rewritten else now.query
            )
            self.made.append((wanted, mine))
            self._tell(now, "updated")
        else:
            self._tell(found, "changed by hand" if renamed or rewritten else "kept")

    def _write(self, wanted: WantedSegment, made: Segment, state: State) -> None:
        self.made.append((wanted, made))
        self._tell(made, state)

    def _tell(self, segment: Segment, state: State) -> None:
        self.kept.append(KeptSegment(self.shop, segment.name, segment.query, state))


def _known(session: Session, sync: Sync, shop: str) -> dict[tuple[str, str], _Known]:
    sql = f"""
        select attribute, value, wanted_name, wanted_query, segment_id, made_name, made_query from {SEGMENTS}
        where sync = ? and shop = ?
    """
    return {
        (attribute, value): _Known(name, query, Segment(*made))
        for attribute, value, name, query, *made in session.rows(sql, (sync.name, shop))
    }


def _remember(session: Session, sync: Sync, shop: str, made: Sequence[tuple[WantedSegment, Segment]]) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    for wanted, segment in made:  # a handful: one a tier and a band
        key = (sync.name, shop, wanted.attribute, wanted.value)
        session.execute(
            f"delete from {SEGMENTS} where sync = ? and shop = ? and attribute = ? and value = ?",
            key,
        )
        session.execute(
            f"""
            insert into {SEGMENTS}
                (sync, shop, attribute, value, segment_id, wanted_name, wanted_query, made_name, made_query, made_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (*key, segment.gid, wanted.name, wanted.query, segment.name, segment.query, now),
        )
