"""The operators' side of the back office: orders, parcels and comebacks as they have them on file."""

from __future__ import annotations

import json
from typing import Any

from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.planter import PLANTS
from sandbox.backoffice.story import Story
from sandbox.backoffice.threepl_breaks import AtPartner, break_it
from sandbox.backoffice.threepl_cuts import missed_at, told_at
from sandbox.backoffice.threepl_parcels import Back, Parcel, backs_of, parcels_of
from sandbox.backoffice.threepl_sites import SHIPBOB, site_of
from sandbox.backoffice.threepl_stock import Warehouses

Doc = dict[str, Any]

_DDL = """
CREATE TABLE IF NOT EXISTS tp_orders (
    order_id INTEGER PRIMARY KEY, partner TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_orders_updated ON tp_orders (partner, updated, order_id);
CREATE TABLE IF NOT EXISTS tp_parcels (
    parcel_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, site TEXT NOT NULL, shipped INTEGER, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_parcels_order ON tp_parcels (order_id);
CREATE INDEX IF NOT EXISTS tp_parcels_shipped ON tp_parcels (site, shipped);
CREATE TABLE IF NOT EXISTS tp_backs (
    back_id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL, site TEXT NOT NULL, created INTEGER NOT NULL,
    received INTEGER, completed INTEGER, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_backs_order ON tp_backs (order_id);
"""

# What is missing can be seen without a message.
_ABSENT = frozenset({"ORD-04", "FUL-02", "RET-01"})


class ThreePL:
    """What both operators know. Nothing is on file before its instant, and what is on file keeps its instant.

    A parcel that the shop tells of now may have left before the last update, when nobody knew: it is dated just after
    that update, so that what was read then stays true.
    """

    def __init__(self, office: BackOffice) -> None:
        """Prepare the tables."""
        self.records = office.records
        self.planter = office.planter
        self.seed = office.seed
        self.records.connection().executescript(_DDL)
        self.warehouses = Warehouses(office)
        self._stock = office.stock
        self._not_before: int | None = None
        self._opened = False

    def order(self, story: Story, plant: str | None, now: int) -> int | None:
        """Write what the operator has of an order; return when it has more."""
        self._open()
        source = f"threepl:order:{story.order_id}"
        first = self._not_before is None
        if not first:
            self.planter.forget(source)
        if story.partner is None or story.is_test:
            return None
        order = AtPartner(story, parcels_of(story), backs_of(story))
        if plant is not None and PLANTS[plant].side == "threepl":
            break_it(order, plant, self.seed, self.warehouses.skus(story.shop))
        kept = {} if first else self._kept(story.order_id)
        moments = self._settle(order, kept, now)
        if not first:
            self._forget(story.order_id)
        if order.visible and order.parcels:
            self._write(order, now, kept.get("order"))
        self.warehouses.order(order, now)
        return self._truth(order, plant, source, now, moments)

    def finish(self, now: int) -> None:
        """Count the stock."""
        self._open()
        self.warehouses.finish(now)
        self._opened = False

    def _open(self) -> None:
        """Learn, once an update, when the last one was."""
        if not self._opened:
            self._not_before = self._stock.not_before
            self._opened = True

    def _kept(self, order_id: int) -> dict[str, Any]:
        rows = self.records.rows("SELECT parcel_id, shipped FROM tp_parcels WHERE order_id = ?", order_id)
        backs = self.records.rows("SELECT back_id, received, completed FROM tp_backs WHERE order_id = ?", order_id)
        order = self.records.rows("SELECT updated, body FROM tp_orders WHERE order_id = ?", order_id)
        return {
            "parcels": dict(rows),
            "backs": {back: (received, completed) for back, received, completed in backs},
            "order": order[0] if order else None,
        }

    def _settle(self, order: AtPartner, kept: dict[str, Any], now: int) -> list[int]:
        """Take back what has not come yet, date late news; return the instants that are still to come."""
        coming: list[int] = []
        parcels: dict[int, int | None] = kept.get("parcels", {})
        for parcel in order.parcels:
            parcel.shipped_at = self._dated(parcel.shipped_at, parcels.get(parcel.parcel_id), now)
            if parcel.shipped_at is not None and parcel.shipped_at > now:
                coming.append(parcel.shipped_at)
                parcel.shipped_at, parcel.status = None, "labeled"
            if parcel.labeled_at is not None and parcel.shipped_at is not None:
                parcel.labeled_at = min(parcel.labeled_at, parcel.shipped_at)
            if parcel.labeled_at is not None and parcel.labeled_at > now:
                coming.append(parcel.labeled_at)
                parcel.labeled_at, parcel.tracking, parcel.status = None, None, "processing"
            if parcel.held_at is not None and parcel.held_at > now:
                coming.append(parcel.held_at)
                parcel.status = "processing"
            if parcel.cancelled_at is not None and parcel.cancelled_at > now:
                coming.append(parcel.cancelled_at)
                parcel.status = "processing"
        coming.extend(parcel.created_at for parcel in order.parcels if parcel.created_at > now)
        order.parcels = [parcel for parcel in order.parcels if parcel.created_at <= now]
        self._settle_backs(order.backs, kept.get("backs", {}), coming, now)
        coming.extend(back.created_at for back in order.backs if back.created_at > now)
        order.backs = [back for back in order.backs if back.created_at <= now]
        return coming

    def _settle_backs(self, backs: list[Back], kept: dict[int, Any], coming: list[int], now: int) -> None:
        for back in backs:
            received, completed = kept.get(back.back_id, (None, None))
            back.received_at = self._dated(back.received_at, received, now)
            back.completed_at = self._dated(back.completed_at, completed, now)
            if back.completed_at is not None and back.completed_at > now:
                coming.append(back.completed_at)
                back.completed_at = None
                for line in back.lines:
                    line.processed, line.disposition = 0, None
            if back.received_at is not None and back.received_at > now:
                coming.append(back.received_at)
                back.received_at = None
                for line in back.lines:
                    line.received = 0

    def _dated(self, at: int | None, kept: int | None, now: int) -> int | None:
        if at is None or kept is not None:
            return kept if at is not None else None
        return at if self._not_before is None or at > now else min(max(at, self._not_before), now)

    def _forget(self, order_id: int) -> None:
        connection = self.records.connection()
        for table in ("tp_orders", "tp_parcels", "tp_backs"):
            connection.execute(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))

    def _write(self, order: AtPartner, now: int, kept: tuple[int, str] | None) -> None:
        story, connection = order.story, self.records.connection()
        parcels = [_parcel_doc(parcel) for parcel in order.parcels]
        backs = [_back_doc(back) for back in order.backs]
        body = {
            "order_id": story.order_id,
            "name": story.name,
            "created_at": order.parcels[0].created_at,
            "purchased_at": story.created_at,
            "cancelled": story.cancelled_at is not None and all(p.status == "cancelled" for p in order.parcels),
            "b2b": story.company_id is not None,
            "recipient": story.address,
            "email": story.email,
            "lines": [
                {"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity, "price": line.unit_price}
                for line in story.goods
            ],
            "parcels": [parcel["parcel_id"] for parcel in parcels],
            "state": parcels,
        }
        text = json.dumps(body)
        latest = max(_instants(order.parcels), default=story.created_at)
        updated = min(max(latest, self._not_before or 0), now)
        if kept is not None and kept[1] == text:
            updated = kept[0]
        partner = order.parcels[0].site.partner
        connection.execute(
            "INSERT INTO tp_orders VALUES (?, ?, ?, ?, ?)",
            (story.order_id, partner, order.parcels[0].created_at, updated, text),
        )
        connection.executemany(
            "INSERT INTO tp_parcels VALUES (?, ?, ?, ?, ?)",
            [
                (parcel.parcel_id, story.order_id, parcel.site.code, parcel.shipped_at, json.dumps(doc))
                for parcel, doc in zip(order.parcels, parcels, strict=True)
            ],
        )
        connection.executemany(
            "INSERT INTO tp_backs VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    back.back_id, story.order_id, back.site.code, back.created_at, back.received_at, back.completed_at,
                    json.dumps({**doc, "order_id": story.order_id, "name": story.name}),
                )
                for back, doc in zip(order.backs, backs, strict=True)
            ],
        )  # fmt: skip

    def _truth(self, order: AtPartner, plant: str | None, source: str, now: int, coming: list[int]) -> int | None:
        """Tell what is broken for those who can see it, and what they cannot see yet; return when more is to come."""
        story = order.story
        unseen = False
        for parcel in order.parcels:
            seen = told_at(parcel.site, parcel.shipped_at) if parcel.shipped_at is not None else None
            if seen is not None and seen > now and parcel.shop_at is not None:
                unseen = True
                missed = missed_at(parcel.site, parcel.shop_at)
                coming.extend((seen, missed))
                if missed > now:
                    continue
                self.planter.tell(
                    "FUL-02", story.shop, parcel.tracking, parcel.shop_at, source, state="pending",
                    why="the operator's file is not due yet",
                )  # fmt: skip
        ready = story.ready_at or story.created_at
        if not order.parcels and order.visible and coming and story.partner == SHIPBOB and not story.cancelled_at:
            self.planter.tell("ORD-04", story.shop, story.order_id, ready, source, state="pending", why="on its way")
        for back in order.backs:
            seen = told_at(back.site, back.completed_at, daily=True) if back.completed_at is not None else 0
            if seen > now and back.refund_id is not None:
                missed = missed_at(back.site, back.refunded_at or 0, daily=True)
                coming.extend((seen, missed))
                if missed > now:
                    continue
                self.planter.tell(
                    "RET-01", story.shop, back.refund_id, back.refunded_at or 0, source, state="pending",
                    why="the operator's file is not due yet",
                )  # fmt: skip
        told = order.told
        if plant is None or told is None or unseen:
            return min((at for at in coming if at > now), default=None)
        visible = told.since
        if plant in _ABSENT and plant != "ORD-04":
            site = order.parcels[0].site if order.parcels else site_of(story.shop, 0)
            visible = missed_at(site, told.since, daily=plant == "RET-01")
        elif plant not in _ABSENT and order.backs and PLANTS[plant].object_type == "return":
            visible = told_at(order.backs[0].site, told.since, daily=True)
        elif order.parcels and plant not in _ABSENT:
            visible = told_at(order.parcels[0].site, told.since)
        if visible <= now:
            self.planter.tell(plant, story.shop, told.object_key, told.since, source, **told.details)
        else:
            coming.append(visible)
        return min((at for at in coming if at > now), default=None)


def _instants(parcels: list[Parcel]) -> list[int]:
    return [
        at
        for parcel in parcels
        for at in (
            parcel.created_at,
            parcel.labeled_at,
            parcel.shipped_at,
            parcel.shop_at,
            parcel.held_at,
            parcel.cancelled_at,
        )
        if at is not None
    ]


def _parcel_doc(parcel: Parcel) -> Doc:
    return {
        "parcel_id": parcel.parcel_id,
        "site": parcel.site.code,
        "status": parcel.status,
        "created_at": parcel.created_at,
        "labeled_at": parcel.labeled_at,
        "shipped_at": parcel.shipped_at,
        "tracking": parcel.tracking,
        "carrier": parcel.tracking[:3] if parcel.tracking else None,
        "lines": [
            {"line_id": line.line_id, "sku": line.sku, "ordered": line.ordered, "quantity": line.quantity}
            for line in parcel.lines
        ],
    }


def _back_doc(back: Back) -> Doc:
    return {
        "back_id": back.back_id,
        "site": back.site.code,
        "rma": back.rma,
        "created_at": back.created_at,
        "received_at": back.received_at,
        "completed_at": back.completed_at,
        "parcel_id": back.parcel_id,
        "lines": [
            {
                "sku": line.sku, "expected": line.expected, "received": line.received,
                "disposition": line.disposition, "processed": line.processed, "reason": line.reason,
            }
            for line in back.lines
        ],
    }  # fmt: skip
