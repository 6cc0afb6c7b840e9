"""What documents refer to: items with cost, customers, locations; known from a file, or made when first met."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.backoffice.erp.catalogue import insert
from sandbox.backoffice.erp.chart import CURRENCIES, SHOP_CURRENCY, SUBSIDIARY
from sandbox.backoffice.erp.documents import Row
from sandbox.backoffice.goods import KITS, components, is_kit, product_of
from sandbox.backoffice.lags import DAY
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import number
from sandbox.backoffice.records import Records
from sandbox.backoffice.story import Line, Story
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

SHIPPING, DISCOUNT, TAX, TIP, ADJUSTMENT, UNKNOWN = range(1, 7)
_SERVICES = (
    (SHIPPING, "SHIPPING", "ShipItem"), (DISCOUNT, "DISCOUNT", "Discount"), (TAX, "TAX", "TaxItem"),
    (TIP, "TIP", "OthCharge"), (ADJUSTMENT, "ADJUSTMENT", "OthCharge"), (UNKNOWN, "UNKNOWN-SKU", "NonInvtPart"),
)  # fmt: skip
_FIRST_ITEM, _FIRST_CUSTOMER = 100, 1_001
GUESTS = {"us": 901, "eu": 902}
_PLACES = 3
# Whose the truth says items, customers and spare places are: no shop's, but the account's.
ACCOUNT_NAME = "netsuite"
_ZONES = {shop.key: ZoneInfo(shop.zone) for shop in SHOPS}


class Masters:
    """Items by SKU, customers by the shop's id, locations by place."""

    def __init__(self, office: BackOffice) -> None:
        """Read what there is; items of a new file are made from the shops' catalogues."""
        self._office = office
        self._records = office.records
        self._items: dict[str, int] = {}
        self._costs: dict[str, int] = {}
        self._customers: dict[tuple[str, int], int] = {}
        self._cards: dict[int, str] = {}
        # Also those that the ERP does not show any more.
        self._records.connection().execute(
            "CREATE TABLE IF NOT EXISTS erp_items (sku TEXT PRIMARY KEY, id INTEGER NOT NULL, cost INTEGER NOT NULL)"
        )
        for sku, id_, cost in self._records.rows("SELECT sku, id, cost FROM erp_items"):
            self._items[sku] = id_
            self._costs[sku] = cost
        for id_, subsidiary, reference in self._records.rows(
            "SELECT id, subsidiary, custentity_fa_channel_customer FROM ns_customer WHERE id < 100000000"
        ):
            if reference:
                self._customers["us" if subsidiary == 1 else "eu", int(reference)] = id_
        self._now = epoch(str(office.store.get_meta("now")))
        if not self._items:
            for id_, sku, kind in _SERVICES:
                self._write_item(id_, sku, sku.capitalize(), kind, None, None, 0)
            self.follow(self._now)
        self.unknown = self._picked("REF-01")
        self.same_barcode = self._picked("REF-02")

    def _picked(self, code: str) -> set[str]:
        goods = [sku for sku in self._items if self.plantable(sku)]
        if self._records.value(f"asked:{code}") is not None:
            rows = self._records.rows("SELECT key FROM bo_plants WHERE subject = 'item' AND code = ?", code)
            return {str(key) for (key,) in rows}
        if code == "REF-01":
            # What suppliers deliver would be missed in the ERP once more.
            goods = [sku for sku in goods if not self._office.stock.delivered(sku)]
        return self._office.planter.pick(code, goods)

    def picked(self, code: str) -> set[str]:
        """Return the SKUs that carry a plant; chosen once, when the file was made."""
        return self._picked(code)

    @staticmethod
    def plantable(sku: str) -> bool:
        """Whether an item may carry a plant: goods of the catalogue, neither kits nor their parts."""
        return sku.count("-") == 2 and product_of(sku) not in KITS and not sku.startswith(("KIT", "GIFT"))

    def follow(self, now: int) -> None:
        """Make the items of products that came into the shops."""
        self._now = now
        for shop in SHOPS:
            docs = list(self._office.store.scan(shop.domain, "InventoryItem", packed=True))
            if all(doc["sku"] in self._items for doc in docs):
                continue
            names = {doc["sku"]: doc for doc in self._office.store.scan(shop.domain, "ProductVariant", packed=True)}
            for doc in docs:
                variant = names.get(doc["sku"], {})
                cost = round(float((doc["unitCost"] or {}).get("amount") or 0) * 100)
                kind = "gift_card" if doc["sku"].startswith("GIFT") else "item"
                self._learn(doc["sku"], variant.get("displayName"), variant.get("barcode"), cost, kind,
                            epoch(doc["createdAt"]))  # fmt: skip

    def _learn(self, sku: str, name: str | None, barcode: str | None, cost: int, kind: str, at: int) -> None:
        if sku in self._items:
            return
        itemtype = "Kit" if sku.startswith("KIT-") else self.itemtype(sku, kind)
        self._make(sku, name or sku, itemtype, barcode, cost if itemtype == "InvtPart" else 0, at)
        if not is_kit(sku):
            return
        makes = {part: units for day in (date.min, date.max) for part, units in components(sku, day)}
        each = cost // sum(units for _, units in components(sku, date.min))
        for place, part in enumerate(makes):
            self._make(part, f"{name or sku} ({part.rsplit('-', 1)[1].lower()})", "InvtPart", None, each + place, at)

    def _make(self, sku: str, name: str, itemtype: str, barcode: str | None, cost: int, at: int) -> None:
        id_ = _FIRST_ITEM + len(self._items)
        self._write_item(id_, sku, name, itemtype, barcode, cost, at)

    def _write_item(
        self, id_: int, sku: str, name: str, itemtype: str, barcode: str | None, cost: int | None, at: int
    ) -> None:
        self._items[sku] = id_
        self._costs[sku] = cost or 0
        amount = cost / 100 if cost else None
        row = (
            id_,
            sku,
            name,
            itemtype,
            None,
            amount,
            amount,
            amount,
            "AVG",
            None,
            barcode,
            "F",
            at,
            min(at + DAY, self._now),
        )
        with self._records.transaction() as connection:
            connection.execute(insert("item"), row)
            connection.execute("INSERT OR REPLACE INTO erp_items VALUES (?, ?, ?)", (sku, id_, cost or 0))

    @property
    def records(self) -> Records:
        """The file that the ERP shares with what else stands behind the shops."""
        return self._records

    def write(self, table: str, rows: Iterable[Row]) -> None:
        """Write rows of a table, replacing those of the same keys."""
        with self._records.transaction() as connection:
            connection.executemany(insert(table), rows)

    def learn(self, line: Line, at: int) -> None:
        """Make the item of a line that was never met: its product left the shop before the ERP's time."""
        if line.sku and line.sku not in self._items:
            self._learn(line.sku, line.title, None, line.unit_price * 2 // 5, line.kind, at)

    def item(self, sku: str) -> int:
        """Return the id of an item; that of the placeholder for a SKU that the ERP does not know."""
        return UNKNOWN if sku in self.unknown else self._items[sku]

    def real_item(self, sku: str) -> int:
        """Return the id that an item has even if documents may not name it."""
        return self._items[sku]

    def skus(self) -> dict[str, int]:
        """Return all items by SKU."""
        return self._items

    def itemtype(self, sku: str | None, kind: str) -> str:
        """Return NetSuite's type of a line's item."""
        if kind != "item" or sku is None:
            return "GiftCert" if kind == "gift_card" else "OthCharge"
        return "Kit" if is_kit(sku) else "InvtPart"

    def cost(self, sku: str) -> int:
        """Return the cost of a unit in cents of the subsidiary's currency."""
        return self._costs[sku]

    def parts(self, sku: str, ordered_at: int, shop: str) -> list[tuple[str, int]]:
        """Return (SKU, units) of what one of a SKU was on the shop's day of an order."""
        if not is_kit(sku):
            return [(sku, 1)]
        return components(sku, _shop_day(ordered_at // 3600, shop))

    def location(self, shop: str, place: int) -> int:
        """Return the id of a location."""
        return (SUBSIDIARY[shop] - 1) * _PLACES + min(place, _PLACES - 1) + 1

    def customer(self, story: Story) -> int:
        """Return the id of the buyer, made when first met; guests share one."""
        if story.customer_id is None:
            return GUESTS[story.shop]
        key = (story.shop, story.customer_id)
        if key not in self._customers:
            id_ = self._customers[key] = _FIRST_CUSTOMER + len(self._customers)
            company = story.address.get("company") if story.company_id else None
            name = company or story.billing_name or story.email or f"Customer {id_}"
            row = (
                id_, f"C{id_}", name, company, story.email, "F" if company else "T", "F",
                CURRENCIES[SHOP_CURRENCY[story.shop]], SUBSIDIARY[story.shop], story.erp_at, story.erp_at,
                str(story.customer_id),
            )  # fmt: skip
            self._records.connection().execute(insert("customer"), row)
        return self._customers[key]

    def neighbour(self, customer: int) -> int:
        """Return another customer than this one."""
        return customer - 1 if customer > _FIRST_CUSTOMER else _FIRST_CUSTOMER + 1

    def gift_card(self, line_id: int) -> str | None:
        """Return the number of the card that was sold with a line."""
        if line_id not in self._cards:
            for shop in SHOPS:
                for doc in self._office.store.scan(shop.domain, "GiftCard", packed=True):
                    self._cards[number(doc["lineItem"]["id"])] = str(number(doc["id"]))
        return self._cards.get(line_id)


@lru_cache(maxsize=65_536)
def _shop_day(hour: int, shop: str) -> date:
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(_ZONES[shop]).date()
