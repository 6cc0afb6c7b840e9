"""What lies in the warehouses: the shop's levels, and the deliveries that explain how they change.

The shop's history says what orders took and what came back; what was there before, and what suppliers delivered, it
does not. Deliveries of the past are made up here, later ones are what the levels show beyond the orders, so that
on hand = what was there before + deliveries + comebacks - shipments holds in each system by its own instants.
Nothing is shipped that is not there: a delivery that was waited for comes before what it lets leave.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.backoffice.lags import DAY, chance, lag
from sandbox.backoffice.reading import number
from sandbox.backoffice.records import Records
from sandbox.backoffice.story import Story
from sandbox.store import Store
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

_DDL = """
CREATE TABLE IF NOT EXISTS bo_levels (
    shop TEXT NOT NULL, place INTEGER NOT NULL, sku TEXT NOT NULL, on_hand INTEGER NOT NULL, moved INTEGER NOT NULL,
    PRIMARY KEY (shop, place, sku)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS bo_moves (
    shop TEXT NOT NULL, place INTEGER NOT NULL, sku TEXT NOT NULL, order_id INTEGER NOT NULL, units INTEGER NOT NULL,
    PRIMARY KEY (shop, order_id, place, sku)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bo_moves_level ON bo_moves (shop, place, sku);
CREATE TABLE IF NOT EXISTS bo_deliveries (
    delivery_id INTEGER PRIMARY KEY, shop TEXT NOT NULL, place INTEGER NOT NULL, sku TEXT NOT NULL,
    units INTEGER NOT NULL, at INTEGER NOT NULL, erp_at INTEGER NOT NULL, po_number TEXT NOT NULL UNIQUE
);
"""
_PAST, _DELIVERED = 45 * DAY, 0.1
_SEVERAL = 6


@dataclass(frozen=True, slots=True)
class Level:
    """A SKU at a place as the shop shows it now."""

    shop: str
    place: int
    sku: str
    on_hand: int
    available: int
    committed: int
    incoming: int
    damaged: int
    updated_at: int
    cost: float


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods from a supplier: received at the place at `at`, in the ERP at `erp_at`."""

    delivery_id: int
    shop: str
    place: int
    sku: str
    units: int
    at: int
    erp_at: int
    po_number: str


class Stock:
    """Levels and deliveries. `update` runs after the orders of an update were handled."""

    def __init__(self, store: Store, records: Records, seed: int) -> None:
        """Prepare the tables."""
        self._store = store
        self._records = records
        self._seed = seed
        records.connection().executescript(_DDL)
        # How far clients' clocks are ahead of the world: seconds that passed since it was built or advanced.
        self.lead = 0
        # Units that left each level since the last update.
        self._shipped: Counter[tuple[str, int, str]] = Counter()
        # What the levels show, once it was asked for in an update.
        self._on_hand: dict[tuple[str, int, str], int] = {}
        self._places = {
            doc["id"]: place
            for shop in SHOPS
            for place, doc in enumerate(sorted(store.scan(shop.domain, "Location"), key=lambda doc: number(doc["id"])))
        }

    @property
    def not_before(self) -> int | None:
        """The first instant that nobody can have read yet; None before the first update."""
        last = self._last_update()
        return None if last is None else last + self.lead + 1

    def _last_update(self) -> int | None:
        last = self._records.value("updated_to")
        return None if last is None else int(last)

    def suffices(self, story: Story) -> bool:
        """Whether of all goods of an order so many lie at their places that it could be shipped several times."""
        if not self._on_hand:
            self._on_hand = {(level.shop, level.place, level.sku): level.on_hand for level in self.levels()}
        return all(
            self._on_hand.get((story.shop, line.place, line.sku or ""), 0) >= _SEVERAL * line.quantity
            for line in story.goods
        )

    def levels(self) -> Iterator[Level]:
        """Yield what the shops show at each active place, whatever is tracked."""
        for shop in SHOPS:
            for item in self._store.scan(shop.domain, "InventoryItem", packed=True):
                cost = float((item["unitCost"] or {}).get("amount") or 0)
                for level in item["inventoryLevels"]:
                    if item["tracked"] and level["isActive"]:
                        units = {quantity["name"]: quantity["quantity"] for quantity in level["quantities"]}
                        yield Level(
                            shop.key, self._places[level["location"]["id"]], item["sku"], units["on_hand"],
                            units["available"], units["committed"], units["incoming"], units["damaged"],
                            epoch(level["updatedAt"]), cost,
                        )  # fmt: skip

    def delivered(self, sku: str) -> bool:
        """Whether a SKU is among those whose past knows a delivery."""
        places = [(shop.key, place) for shop in SHOPS for place in range(3)]
        return any(chance(self._seed, "delivery", shop, place, sku) < _DELIVERED for shop, place in places)

    def deliveries(self, after: int = 0) -> list[Delivery]:
        """Return deliveries received after an instant, by instant."""
        rows = self._records.rows("SELECT * FROM bo_deliveries WHERE at > ? ORDER BY at, delivery_id", after)
        return [Delivery(*row) for row in rows]

    def moved(self, story: Story) -> None:
        """Keep what an order did to levels so far."""
        moves: dict[tuple[int, str], int] = {}
        last = self._last_update()
        for shipment in story.shipments:
            for _, sku, units in shipment.lines:
                if last is not None and shipment.at > last:
                    self._shipped[story.shop, shipment.place, sku] += units
                moves[shipment.place, sku] = moves.get((shipment.place, sku), 0) - units
        for comeback in story.comebacks:
            for _, sku, units in comeback.lines:
                moves[comeback.place, sku] = moves.get((comeback.place, sku), 0) + units
        connection = self._records.connection()
        connection.execute("DELETE FROM bo_moves WHERE shop = ? AND order_id = ?", (story.shop, story.order_id))
        connection.executemany(
            "INSERT INTO bo_moves VALUES (?, ?, ?, ?, ?)",
            [(story.shop, place, sku, story.order_id, units) for (place, sku), units in moves.items() if units],
        )

    def update(self, now: int) -> None:
        """Find the deliveries since the last update: what a level gained beyond what orders did to it."""
        sums = {
            (shop, place, sku): units
            for shop, place, sku, units in self._records.rows(
                "SELECT shop, place, sku, sum(units) FROM bo_moves GROUP BY 1, 2, 3"
            )
        }
        before = {
            (shop, place, sku): (on_hand, moved)
            for shop, place, sku, on_hand, moved in self._records.rows("SELECT * FROM bo_levels")
        }
        first = not before
        not_before = self.not_before or now
        with self._records.transaction() as connection:
            for level in self.levels():
                key = (level.shop, level.place, level.sku)
                moved = sums.get(key, 0)
                if first:
                    self._past(level, now)
                else:
                    on_hand, earlier = before.get(key, (0, 0))
                    gained = level.on_hand - on_hand - (moved - earlier)
                    if gained > 0:
                        waited_for = on_hand < self._shipped[key]
                        # Deliveries come at midnight UTC; what several nights brought is told as one.
                        self._deliver(level, gained, not_before if waited_for else now - now % DAY, waited_for)
                row = (*key, level.on_hand, moved)
                connection.execute("INSERT OR REPLACE INTO bo_levels VALUES (?, ?, ?, ?, ?)", row)
        self._shipped.clear()
        self._on_hand.clear()

    def _past(self, level: Level, now: int) -> None:
        """Make up a delivery of the last weeks for every tenth level, of no more than lies there still."""
        draw = chance(self._seed, "delivery", level.shop, level.place, level.sku)
        units = min(24 + int(draw * 360), level.on_hand)
        if draw < _DELIVERED and units > 0:
            self._deliver(level, units, now - DAY - int(draw * 10 * _PAST), False)

    def _deliver(self, level: Level, units: int, at: int, at_once: bool) -> None:
        connection = self._records.connection()
        place = connection.execute("SELECT count(*) + 1 FROM bo_deliveries").fetchone()[0]
        po_number = f"PO-{level.shop.upper()}-{place:05d}"
        booked_after = 0 if at_once else lag(self._seed, 60, 600, po_number)
        connection.execute(
            "INSERT INTO bo_deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (place, level.shop, level.place, level.sku, units, at, at + booked_after, po_number),
        )
