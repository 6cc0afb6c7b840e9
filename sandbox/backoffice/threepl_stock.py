"""What lies in the operators' warehouses, and every movement that made it so.

On hand is the sum of the movements, always, from an opening balance on. It equals the shop's on hand at the same
instant, but for parcels and returns that only one side knows, and for what is planted. Of differences inside a parcel
that both sides know (fewer units, another SKU or warehouse) both have been counted right again.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sandbox.backoffice.goods import components, is_kit
from sandbox.backoffice.lags import DAY, chance, lag
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.stock import Delivery, Level
from sandbox.backoffice.threepl_breaks import AtPartner
from sandbox.backoffice.threepl_cuts import counted_at, told_at
from sandbox.backoffice.threepl_miscounts import ADJUSTED, Key, miscount, next_adjustment, recount
from sandbox.backoffice.threepl_parcels import EXTRA, local_day
from sandbox.backoffice.threepl_sites import SITES, site_of

_DDL = """
CREATE TABLE IF NOT EXISTS tp_movements (
    movement_id INTEGER PRIMARY KEY, order_id INTEGER, site TEXT NOT NULL, sku TEXT NOT NULL, kind TEXT NOT NULL,
    quantity INTEGER NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL, at INTEGER NOT NULL,
    planted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS tp_movements_at ON tp_movements (site, at);
CREATE INDEX IF NOT EXISTS tp_movements_order ON tp_movements (order_id) WHERE order_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS tp_commitments (
    order_id INTEGER NOT NULL, site TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL,
    since INTEGER NOT NULL, until INTEGER
);
CREATE INDEX IF NOT EXISTS tp_commitments_order ON tp_commitments (order_id);
CREATE TABLE IF NOT EXISTS tp_unknown (
    order_id INTEGER NOT NULL, site TEXT NOT NULL, sku TEXT NOT NULL, quantity INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_unknown_order ON tp_unknown (order_id);
CREATE TABLE IF NOT EXISTS tp_levels (
    site TEXT NOT NULL, sku TEXT NOT NULL, damaged INTEGER NOT NULL DEFAULT 0, inspection INTEGER NOT NULL DEFAULT 0,
    extra INTEGER NOT NULL DEFAULT 0, jump INTEGER NOT NULL DEFAULT 0, jump_at INTEGER, PRIMARY KEY (site, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tp_receipts (
    receipt_id INTEGER PRIMARY KEY, po_number TEXT NOT NULL, site TEXT NOT NULL, sku TEXT NOT NULL,
    expected INTEGER NOT NULL, received INTEGER NOT NULL, expected_at INTEGER NOT NULL, received_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS tp_receipts_at ON tp_receipts (site, closed_at);
"""
_DELIVERED = 2_000_000_000
_LINES = 64


@dataclass(frozen=True, slots=True)
class OnHand:
    """A SKU in a warehouse at an instant."""

    sku: str
    on_hand: int
    committed: int
    damaged: int
    inspection: int

    @property
    def available(self) -> int:
        """Units that can be promised: an operator promises nothing that is not there."""
        return max(0, self.on_hand - self.committed - self.damaged - self.inspection)


class Warehouses:
    """Movements, promises and levels of all sites."""

    def __init__(self, office: BackOffice) -> None:
        """Prepare the tables."""
        self._office = office
        self._records = office.records
        self._seed = office.seed
        self._records.connection().executescript(_DDL)
        self._skus: dict[str, list[str]] = {}

    def skus(self, shop: str) -> list[str]:
        """Return what a shop's warehouses hold, kits left aside."""
        if shop not in self._skus:
            found: dict[str, set[str]] = {}
            for level in self._office.stock.levels():
                if not is_kit(level.sku):
                    found.setdefault(level.shop, set()).add(level.sku)
            self._skus = {name: sorted(skus) for name, skus in found.items()}
        return self._skus[shop]

    def order(self, order: AtPartner, now: int) -> None:
        """Keep what an order promises and moves, and what only one side knows."""
        story, connection = order.story, self._records.connection()
        order_id = story.order_id
        for table in ("tp_movements", "tp_commitments", "tp_unknown"):
            connection.execute(f"DELETE FROM {table} WHERE order_id = ?", (order_id,))
        moves, promises, unknown = [], [], []
        gone = {shipment.number for shipment in story.shipments if shipment.partner}
        for parcel in order.parcels if order.visible else []:
            code, known = parcel.site.code, parcel.number in gone and parcel.number < EXTRA
            until = parcel.shipped_at or (story.cancelled_at if parcel.status == "cancelled" else None)
            held = [part for line in parcel.lines for part in line.held or [(line.sku, line.quantity)] if part[1]]
            for place, (sku, units) in enumerate(held):
                promises.append((order_id, code, sku, units, parcel.created_at, until))
                if parcel.shipped_at is not None:
                    moves.append((
                        parcel.parcel_id * _LINES + place, order_id, code, sku, "shipment", -units, "", story.name,
                        parcel.shipped_at,
                    ))  # fmt: skip
                if known != (parcel.shipped_at is not None):
                    unknown.append((order_id, code, sku, units if known else -units))
        refunded = {comeback.return_id for comeback in story.comebacks}
        names = {told.name: told.return_id for told in story.returns}
        for back in order.backs:
            for place, entry in enumerate(back.lines):
                if entry.processed and back.completed_at is not None and entry.disposition != "dispose":
                    moves.append((
                        back.back_id * _LINES + _LINES // 2 + place, order_id, back.site.code, entry.sku, "return",
                        entry.processed, entry.reason, back.rma, back.completed_at,
                    ))  # fmt: skip
                    if names.get(back.rma) not in refunded and back.rma in names:
                        unknown.append((order_id, back.site.code, entry.sku, entry.processed))
        connection.executemany("INSERT INTO tp_movements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", moves)
        connection.executemany("INSERT INTO tp_commitments VALUES (?, ?, ?, ?, ?, ?)", promises)
        connection.executemany("INSERT INTO tp_unknown VALUES (?, ?, ?, ?)", unknown)

    def finish(self, now: int) -> None:
        """Take deliveries in and count; the first time, choose what is broken and open the books."""
        first = not self._records.rows("SELECT 1 FROM tp_levels LIMIT 1")
        levels = list(self._levels())
        after = 0 if first else int(self._records.value("threepl:delivered", "0") or 0)
        short = self._deliveries(after, now, first)
        wanted = self._wanted(levels, now)
        shown = [(sku, level) for sku, level, _ in levels]
        if first:
            miscount(self._office, shown, wanted, now)
        else:
            recount(self._office, shown)
        self._write_levels(levels)
        self._balance(wanted, now, first)
        self._tell_short(short)
        self._tell_unseen(now)
        self._tell_negative(now)

    def at(self, code: str, moment: int) -> list[OnHand]:
        """Return what lies in a warehouse at an instant, by SKU; a SKU that never moved is left out."""
        promised = dict(
            self._records.rows(
                "SELECT sku, sum(quantity) FROM tp_commitments"
                " WHERE site = ? AND since <= ? AND (until IS NULL OR until > ?) GROUP BY sku",
                code, moment, moment,
            )
        )  # fmt: skip
        levels = {
            sku: (damaged, inspection, jump if jump_at is not None and jump_at <= moment else 0)
            for sku, damaged, inspection, jump, jump_at in self._records.rows(
                "SELECT sku, damaged, inspection, jump, jump_at FROM tp_levels WHERE site = ?", code
            )
        }
        found = []
        for sku, units in self._records.rows(
            "SELECT sku, sum(quantity) FROM tp_movements WHERE site = ? AND at <= ? GROUP BY sku ORDER BY sku",
            code, moment,
        ):  # fmt: skip
            damaged, inspection, jump = levels.get(sku, (0, 0, 0))
            found.append(OnHand(sku, units + jump, promised.get(sku, 0), damaged, inspection))
        return found

    def _levels(self) -> list[tuple[str, Level, int]]:
        """What the shops show at the operators' warehouses: (SKU downstream, level, units of it in one)."""
        found = []
        for level in self._office.stock.levels():
            if level.place in (0, 1):
                day = local_day(level.shop, level.updated_at)
                found.extend((sku, level, count) for sku, count in components(level.sku, day))
        return found

    def _wanted(self, levels: list[tuple[str, Level, int]], now: int) -> Counter[Key]:
        wanted: Counter[Key] = Counter()
        for sku, level, count in levels:
            wanted[site_of(level.shop, level.place).code, sku] += level.on_hand * count
        for site, sku, units in self._records.rows("SELECT site, sku, sum(quantity) FROM tp_unknown GROUP BY 1, 2"):
            wanted[site, sku] += units
        for site, sku, extra, jump in self._records.rows("SELECT site, sku, extra, jump FROM tp_levels"):
            wanted[site, sku] += extra - jump
        return wanted

    def _deliveries(self, after: int, now: int, first: bool) -> dict[str, tuple[Delivery, int]]:
        """Receive what suppliers brought, some hours before the shop books it; returns what came short."""
        deliveries = [d for d in self._office.stock.deliveries(0) if d.delivery_id > after and d.place in (0, 1)]
        asked = [d.po_number for d in deliveries if not is_kit(d.sku)] if first else []
        short = self._office.planter.pick("INV-05", asked) if asked else set()
        last = 0 if first else self._office.stock.not_before or 0
        found, receipts, moves = {}, [], []
        for delivery in deliveries:
            site = site_of(delivery.shop, delivery.place)
            closed = max(delivery.at - lag(self._seed, 420, 540, "delivered", delivery.po_number), last)
            arrived = closed - lag(self._seed, 30, 180, "unloaded", delivery.po_number)
            lost = 0
            if delivery.po_number in short:
                lost = min(1 + int(chance(self._seed, "short", delivery.po_number) * 5), delivery.units)
                found[delivery.po_number] = (delivery, lost)
            for place, (sku, count) in enumerate(components(delivery.sku, local_day(delivery.shop, delivery.at))):
                number = delivery.delivery_id * 8 + place
                units = delivery.units * count
                receipts.append((
                    number, delivery.po_number, site.code, sku, units, units - lost, arrived - 2 * DAY, arrived, closed,
                ))  # fmt: skip
                moves.append((
                    _DELIVERED + number, None, site.code, sku, "receipt", units - lost, "", delivery.po_number, closed,
                ))  # fmt: skip
        connection = self._records.connection()
        connection.executemany("INSERT INTO tp_receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", receipts)
        connection.executemany("INSERT INTO tp_movements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", moves)
        self._records.keep("threepl:delivered", max((d.delivery_id for d in deliveries), default=after))
        return found

    def _write_levels(self, levels: list[tuple[str, Level, int]]) -> None:
        self._records.connection().executemany(
            "INSERT INTO tp_levels (site, sku, damaged) VALUES (?, ?, ?)"
            " ON CONFLICT (site, sku) DO UPDATE SET damaged = excluded.damaged",
            [(site_of(v.shop, v.place).code, sku, max(v.damaged, 0) * count) for sku, v, count in levels],
        )

    def _balance(self, wanted: Counter[Key], now: int, first: bool) -> None:
        """Open the books, or count again what orders and deliveries do not explain."""
        sums: Counter[Key] = Counter(
            {
                (site, sku): units
                for site, sku, units in self._records.rows(
                    "SELECT site, sku, sum(quantity) FROM tp_movements GROUP BY 1, 2"
                )
            }
        )
        start = int(self._records.rows("SELECT min(at) FROM tp_movements")[0][0] or now) - DAY
        number = 0 if first else next_adjustment(self._records) - 1
        rows = []
        for key in sorted(set(wanted) | set(sums)):
            units = wanted[key] - sums[key]
            if not units and not first:
                continue
            number += 1
            if first:
                rows.append((number, None, *key, "receipt", units, "opening balance", "OPENING", start))
            else:
                name = f"ADJ-{number - ADJUSTED:05d}"
                rows.append((number, None, *key, "adjustment", units, "cycle count", name, now))
        self._records.connection().executemany("INSERT INTO tp_movements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)", rows)

    def _tell_short(self, short: dict[str, tuple[Delivery, int]]) -> None:
        for delivery, lost in short.values():
            code = site_of(delivery.shop, delivery.place).code
            self._office.planter.tell(
                "INV-05", delivery.shop, f"{code}/{delivery.sku}", delivery.at, f"threepl:{delivery.po_number}",
                object_type="sku_location", po_number=delivery.po_number, expected=delivery.units,
                received=delivery.units - lost,
            )  # fmt: skip

    def _tell_unseen(self, now: int) -> None:
        """What the ERP has received and the operator's file does not tell yet is pending until the file comes."""
        for delivery in self._office.stock.deliveries(now - 3 * DAY):
            if delivery.place not in (0, 1):
                continue
            source, site = f"threepl:unseen:{delivery.po_number}", site_of(delivery.shop, delivery.place)
            self._office.planter.forget(source)
            closed = self._records.rows(
                "SELECT max(closed_at) FROM tp_receipts WHERE po_number = ?", delivery.po_number
            )
            if delivery.erp_at <= now < told_at(site, int(closed[0][0] or now), daily=True):
                self._office.planter.tell(
                    "INV-06", delivery.shop, f"{site.code}/{delivery.sku}", delivery.erp_at, source,
                    object_type="sku_location", state="pending", why="the operator's file is not due yet",
                )  # fmt: skip

    def _tell_negative(self, now: int) -> None:
        """Goods that left twice may be missed for the next order: the latest count then shows less than nothing."""
        rows = self._records.rows("SELECT source FROM bo_truth WHERE source LIKE 'threepl:negative:%'")
        for (source,) in rows:
            self._office.planter.forget(str(source))
        for site in SITES:
            counted = counted_at(site, now)
            for entry in self.at(site.code, counted):
                if entry.on_hand < 0:
                    self._office.planter.tell(
                        "INV-07", site.shop, f"{site.code}/{entry.sku}", counted,
                        f"threepl:negative:{site.code}/{entry.sku}", object_type="sku_location",
                        on_hand=entry.on_hand,
                    )  # fmt: skip
