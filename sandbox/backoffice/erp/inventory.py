"""What the ERP says lies where and what it is worth; what suppliers delivered, what was moved and counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.backoffice.erp.catalogue import insert
from sandbox.backoffice.erp.chart import ACCOUNTS, SUBSIDIARY, company_day
from sandbox.backoffice.erp.documents import Document, Row, document
from sandbox.backoffice.erp.masters import Masters
from sandbox.backoffice.goods import components, is_kit
from sandbox.backoffice.lags import DAY, chance
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.stock import Delivery, Level
from sandbox.backoffice.threepl_sites import site_of
from sandbox.world.parameters import SHOPS

_PURCHASES, _TRANSFERS, _COUNTS, _OPENINGS = 900_000_000, 910_000_000, 920_000_000, 990_000_000
_ZONES = {shop.key: ZoneInfo(shop.zone) for shop in SHOPS}

Key = tuple[str, int, str]


class Inventory:
    """Balances by item and location, written anew with each update, and documents of stock that belong to no order."""

    def __init__(self, office: BackOffice, masters: Masters) -> None:
        """Prepare."""
        self._office, self._masters, self._records = office, masters, office.records
        self._planter = office.planter
        self._seen: dict[str, int] = {}

    def run(self, now: int) -> Iterator[Document]:
        """Yield deliveries, transfers and counts as documents; write the balances, and what the ledger opens with."""
        late = self._late_receipts()
        self._seen = self._seen_at_operators()
        for delivery in self._office.stock.deliveries():
            yield from self._delivery(delivery, delivery.po_number in late, now)
        yield from self._transfers(now)
        yield from self._counts(now)

    def balance(self, now: int) -> Iterator[Document]:
        """Write the balances; yields journals that make the ledger's inventory worth as much. Runs last."""
        levels = list(self._office.stock.levels())
        units = self._on_hand(levels, now)
        negative = self._negative(units, now)
        self._tell_missed({key for key, on_hand in units.items() if on_hand < 0 and key not in negative}, now)
        committed: dict[Key, tuple[int, int]] = {}
        for level in levels:
            for part, count in self._parts(level):
                committed[level.shop, level.place, part] = (level.committed * count, level.incoming * count)
        rows: list[Row] = []
        worth: dict[tuple[str, int], int] = {}
        for (shop, place, sku), on_hand in units.items():
            if sku in self._masters.unknown or sku not in self._masters.skus():
                continue
            on_hand = negative.get((shop, place, sku), on_hand)
            cost = self._masters.cost(sku)
            promised, ordered = committed[shop, place, sku]
            worth[shop, place] = worth.get((shop, place), 0) + on_hand * cost
            rows.append(
                (
                    self._masters.real_item(sku), self._masters.location(shop, place), on_hand,
                    max(on_hand - promised, min(on_hand, 0)), promised, ordered, max(promised - on_hand, 0), 0,
                    cost / 100,
                    on_hand * cost / 100, now,
                )
            )  # fmt: skip
        with self._records.transaction() as connection:
            connection.execute("DELETE FROM ns_aggregateitemlocation")
            connection.executemany(insert("aggregateitemlocation"), rows)
        yield from self._openings(worth, now)

    @staticmethod
    def _parts(level: Level) -> list[tuple[str, int]]:
        day = datetime.fromtimestamp(level.updated_at, UTC).astimezone(_ZONES[level.shop]).date()
        return components(level.sku, day)

    def _on_hand(self, levels: list[Level], now: int) -> dict[Key, int]:
        units: dict[Key, int] = {}
        for level in levels:
            for part, count in self._parts(level):
                units[level.shop, level.place, part] = level.on_hand * count
        unheard = self._records.rows("SELECT shop, place, sku, sum(units) FROM erp_unheard GROUP BY 1, 2, 3")
        for shop, place, sku, count in unheard:
            if (shop, place, sku) in units:
                units[shop, place, sku] += count
        late = self._late_receipts()
        for delivery in self._office.stock.deliveries():
            if delivery.erp_at > now or delivery.po_number in late:
                for part, count in self._delivered(delivery):
                    if (delivery.shop, delivery.place, part) in units:
                        units[delivery.shop, delivery.place, part] -= count
        return units

    def _negative(self, units: dict[Key, int], now: int) -> dict[Key, int]:
        keys = {
            f"{site_of(shop, place).code}/{sku}": (shop, place, sku)
            for (shop, place, sku), on_hand in units.items()
            if place < 2 and 0 <= on_hand <= 40 and self._masters.plantable(sku) and sku not in self._masters.unknown
        }
        if self._records.value("asked:INV-07") is None:
            self._planter.pick("INV-07", sorted(keys))
        found: dict[Key, int] = {}
        for (name,) in self._records.rows(
            "SELECT key FROM bo_plants WHERE subject = 'sku_location' AND code = 'INV-07'"
        ):
            code, _, sku = str(name).partition("/")
            shop, place = next((s.key, p) for s in SHOPS for p in (0, 1) if site_of(s.key, p).code == code)
            found[shop, place, sku] = -3 - int(chance(self._office.seed, "INV-07", name) * 5)
            since = int(self._records.value(f"since:{name}") or now - DAY)
            self._records.keep(f"since:{name}", since)
            self._planter.tell("INV-07", shop, name, since, f"erp:{name}", on_hand=found[shop, place, sku])
        return found

    def _tell_missed(self, keys: set[Key], now: int) -> None:
        """A return that the ERP never heard of may be missed once the shop has sold the unit again."""
        for (source,) in self._records.rows("SELECT source FROM bo_truth WHERE source LIKE 'erp:missed:%'"):
            self._planter.forget(str(source))
        for shop, place, sku in sorted(keys):
            if place < 2 and sku in self._masters.skus() and sku not in self._masters.unknown:
                name = f"{site_of(shop, place).code}/{sku}"
                self._planter.tell("INV-07", shop, name, now, f"erp:missed:{name}")

    def _late_receipts(self) -> set[str]:
        if self._records.value("asked:INV-06") is None:
            # Enough is left that the ERP does not see less than nothing.
            left = {(level.shop, level.place, level.sku): level.on_hand for level in self._office.stock.levels()}
            numbers = [
                d.po_number
                for d in self._office.stock.deliveries()
                if d.place < 2
                and not is_kit(d.sku)
                and left.get((d.shop, d.place, d.sku), 0) > d.units
                and d.sku not in self._masters.unknown
            ]
            self._planter.pick("INV-06", numbers)
        rows = self._records.rows("SELECT key FROM bo_plants WHERE subject = 'receipt' AND code = 'INV-06'")
        return {str(key) for (key,) in rows}

    def _delivered(self, delivery: Delivery) -> list[tuple[str, int]]:
        day = datetime.fromtimestamp(delivery.at, UTC).astimezone(_ZONES[delivery.shop]).date()
        return [(part, delivery.units * count) for part, count in components(delivery.sku, day)]

    def _delivery(self, delivery: Delivery, missing: bool, now: int) -> Iterator[Document]:
        shop, location = delivery.shop, self._masters.location(delivery.shop, delivery.place)
        received = delivery.erp_at <= now and not missing
        ordered_at = delivery.at - 21 * DAY
        order = document(
            _PURCHASES + delivery.delivery_id * 4, "PurchOrd", delivery.po_number, shop, ordered_at,
            "G" if received else "B", 0, location=location, modified=delivery.erp_at if received else delivery.at,
        )  # fmt: skip
        order.due_day = company_day(delivery.at)
        order.received_at = delivery.at if received else None
        order.add(first=True)
        receipt = document(
            order.id + 1, "ItemRcpt", delivery.po_number.replace("PO", "IR"), shop, delivery.erp_at, "Y", 0,
            day_of=delivery.at, location=location,
        )  # fmt: skip
        receipt.add(first=True, created_from=order.id)
        for sku, units in self._delivered(delivery):
            item, cost = self._masters.item(sku), self._masters.cost(sku) * units
            order.add(item=item, itemtype="InvtPart", quantity=units, rate=self._masters.cost(sku) / 100, amount=cost,
                      location=location, received=units if received else 0)  # fmt: skip
            receipt.add(item=item, itemtype="InvtPart", quantity=units, location=location, created_from=order.id,
                        amount=cost, account=ACCOUNTS[shop, "inventory"], posted=cost, stock=True)  # fmt: skip
            receipt.add(amount=-cost, account=ACCOUNTS[shop, "accrued"], posted=-cost)
        order.total = sum(line.amount for line in order.lines)
        yield order
        if received:
            yield receipt
        elif delivery.place < 2:
            since = self._seen.get(delivery.po_number, delivery.at)
            for sku, _ in self._delivered(delivery):
                if sku in self._masters.unknown:
                    continue
                key = f"{site_of(shop, delivery.place).code}/{sku}"
                self._planter.tell("INV-06", shop, key, since, f"erp:{delivery.po_number}",
                                   object_type="sku_location", po_number=delivery.po_number)  # fmt: skip
        if received:
            self._planter.forget(f"erp:{delivery.po_number}")

    def _seen_at_operators(self) -> dict[str, int]:
        """When the operators were done with purchase orders."""
        if not self._records.rows("SELECT 1 FROM sqlite_master WHERE name = 'tp_receipts'"):
            return {}
        rows = self._records.rows("SELECT po_number, max(closed_at) FROM tp_receipts GROUP BY 1")
        return {str(number): int(at) for number, at in rows}

    def _transfers(self, now: int) -> Iterator[Document]:
        """A few transfers from a warehouse to the store; some never arrive, one went to a place nobody knows."""
        start = int(self._records.value("first_built") or now)
        skus = sorted(sku for sku in self._masters.skus() if self._masters.plantable(sku))
        if not skus:
            return
        numbers = [f"TO-{shop.key.upper()}-{place}" for shop in SHOPS for place in range(1, 6)]
        if self._records.value("asked:INV-08") is None:
            self._planter.pick("INV-08", numbers)
        rows = self._records.rows("SELECT key FROM bo_plants WHERE subject = 'transfer' AND code = 'INV-08'")
        open_ones = {str(key) for (key,) in rows}
        for place, number in enumerate(numbers):
            shop = SHOPS[place // 5].key
            sent = start - (20 + place * 23) * DAY
            due, arrived = sent + 6 * DAY, sent + 4 * DAY
            never = number in open_ones
            to = 90 if place == 0 and self._planter.wants("REF-05") else self._masters.location(shop, 2)
            move = document(
                _TRANSFERS + place, "TrnfrOrd", number, shop, sent - DAY, "F" if never else "G", 0,
                modified=sent if never else arrived, location=self._masters.location(shop, 0), to_location=to,
                shipped_at=sent, received_at=None if never else arrived,
            )  # fmt: skip
            move.due_day = company_day(due)
            move.add(first=True)
            sku = skus[int(chance(self._office.seed, number) * len(skus))]
            units = 4 + place
            move.add(item=self._masters.item(sku), itemtype="InvtPart", quantity=units, received=0 if never else units)
            if never:
                self._planter.tell("INV-08", shop, number, due, f"erp:{number}", units=units)
            yield move

    def _counts(self, now: int) -> Iterator[Document]:
        """What the operators counted and told: adjustments that both sides know."""
        if not self._records.rows("SELECT 1 FROM sqlite_master WHERE name = 'tp_movements'"):
            return
        rows = self._records.rows(
            "SELECT movement_id, site, sku, quantity, reference, at FROM tp_movements"
            " WHERE kind = 'adjustment' AND order_id IS NULL AND planted = 0 AND at <= ?", now,
        )  # fmt: skip
        places = {site_of(shop.key, place).code: (shop.key, place) for shop in SHOPS for place in (0, 1)}
        for movement_id, site, sku, quantity, name, at in rows:
            if sku not in self._masters.skus():
                continue
            shop, place = places[site]
            cost = self._masters.cost(sku) * quantity
            count = document(_COUNTS + movement_id % 10_000_000, "InvAdjst", name, shop, at, "Y", 0, memo="Cycle count")
            count.add(first=True, amount=-cost, account=ACCOUNTS[shop, "shrinkage"], posted=-cost)
            count.add(item=self._masters.item(sku), itemtype="InvtPart", quantity=quantity, amount=cost, posted=cost,
                      location=self._masters.location(shop, place), account=ACCOUNTS[shop, "inventory"],
                      stock=True)  # fmt: skip
            yield count

    def _openings(self, worth: dict[tuple[str, int], int], now: int) -> Iterator[Document]:
        """Journals that bring the ledger's inventory of a place to what lies there: at first, and after counts."""
        booked = {
            (subsidiary, location): round((amount or 0) * 100)
            for subsidiary, location, amount in self._records.rows(
                'SELECT l.subsidiary, l.location, sum(a.amount) FROM ns_transactionaccountingline a'
                ' JOIN ns_transactionline l ON l."transaction" = a."transaction" AND l.id = a.transactionline'
                " WHERE a.account IN (?, ?) GROUP BY 1, 2",
                ACCOUNTS["us", "inventory"], ACCOUNTS["eu", "inventory"],
            )
        }  # fmt: skip
        first = self._records.value("opened") is None
        self._records.keep("opened", "yes")
        wrong = self._wrong_places(worth, now) if first else set()
        for place, ((shop, number), value) in enumerate(sorted(worth.items())):
            location = self._masters.location(shop, number)
            missing = value - booked.get((SUBSIDIARY[shop], location), 0)
            if str(location) in wrong:
                delta = max(value // 25, 5_000)
                missing -= delta
                self._planter.tell("INV-09", shop, location, now, f"erp:location:{location}", delta=delta / 100)
            elif not first and (self._planted("location", location) or abs(missing) < abs(value) // 4_000):
                continue
            if not missing:
                continue
            at = self._beginning() if first else now
            kind = "opening" if first else "shrinkage"
            id_ = _OPENINGS + place if first else _OPENINGS + 1_000 + now % 10_000_000 * 10 + place
            journal = document(id_, "Journal", f"OPEN-{location}" if first else f"COUNT-{location}-{now}", shop, at,
                               "B", 0, memo="Inventory")  # fmt: skip
            journal.add(first=True, amount=missing, posted=missing, account=ACCOUNTS[shop, "inventory"],
                        location=location)  # fmt: skip
            journal.add(amount=-missing, posted=-missing, account=ACCOUNTS[shop, kind])
            yield journal

    def _beginning(self) -> int:
        rows = self._records.rows("SELECT min(createddate) FROM ns_transaction")
        return int(rows[0][0] or 0) - DAY

    def _planted(self, subject: str, key: object) -> bool:
        return bool(self._records.rows("SELECT 1 FROM bo_plants WHERE subject = ? AND key = ?", subject, str(key)))

    def _wrong_places(self, worth: dict[tuple[str, int], int], now: int) -> set[str]:
        return self._planter.pick("INV-09", sorted(self._masters.location(*key) for key in worth), least=1)
