"""What the ERP keeps besides orders: the chart of accounts, places, rates, prices, stock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sandbox.backoffice.erp.catalogue import insert
from sandbox.backoffice.erp.chart import (
    CURRENCIES,
    SHOP_CURRENCY,
    SUBSIDIARY,
    account_rows,
    company_day,
    period_of,
    period_rows,
    rate,
)
from sandbox.backoffice.erp.documents import Document, Row
from sandbox.backoffice.erp.flaws import Flaws
from sandbox.backoffice.erp.inventory import Inventory
from sandbox.backoffice.erp.masters import ACCOUNT_NAME, GUESTS, Masters
from sandbox.backoffice.erp.prices import Prices
from sandbox.backoffice.erp.treasury import Treasury
from sandbox.backoffice.goods import KIT_CHANGE, components, is_kit
from sandbox.backoffice.lags import DAY
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.reading import number
from sandbox.backoffice.threepl_sites import site_of
from sandbox.world.parameters import SHOPS
from sandbox.world.times import epoch

_RATE_DAYS = 760


class Upkeep:
    """Runs at the end of each update; tables that are small are written anew."""

    def __init__(self, office: BackOffice, masters: Masters) -> None:
        """Write what never changes into a new file."""
        self._office = office
        self._records = office.records
        self._masters = masters
        self._flaws = Flaws(office, masters)
        self._prices = Prices(office, masters)
        self._inventory = Inventory(office, masters)
        self._treasury = Treasury(office, masters)
        if not self._records.rows("SELECT 1 FROM ns_account LIMIT 1"):
            self._constants()

    def _write(self, table: str, rows: list[Row]) -> None:
        with self._records.transaction() as connection:
            connection.executemany(insert(table), rows)

    def _constants(self) -> None:
        self._write("account", account_rows())
        self._write("accountingperiod", period_rows(period_of("2024-01-01"), period_of("2028-12-01")))
        names = {"us": "Boomerang US Inc.", "eu": "Boomerang Europe GmbH"}
        self._write("subsidiary", [(id_, names[s], CURRENCIES[SHOP_CURRENCY[s]], "F") for s, id_ in SUBSIDIARY.items()])
        self._write("currency", [(id_, code, code, "T" if code == "USD" else "F") for code, id_ in CURRENCIES.items()])
        self._write("pricelevel", [(1, "Base Price", "F", 0), (2, "Contract", "F", 0)])
        guests: list[Row] = [
            (id_, f"GUEST-{shop.upper()}", "Web shop guests", None, None, "T", "F", CURRENCIES[SHOP_CURRENCY[shop]],
             SUBSIDIARY[shop], 0, 0, None)
            for shop, id_ in GUESTS.items()
        ]  # fmt: skip
        self._write("customer", guests)
        self._locations()
        self._kits()

    def _locations(self) -> None:
        rows: list[Row] = []
        for shop in SHOPS:
            docs = sorted(self._office.store.scan(shop.domain, "Location"), key=lambda doc: number(doc["id"]))
            for place, doc in enumerate(docs[:3]):
                site = site_of(shop.key, place) if place < 2 else None
                rows.append(
                    (
                        self._masters.location(shop.key, place), doc["name"], doc["name"], "F", SUBSIDIARY[shop.key],
                        site.zone if site else shop.zone, 0, str(number(doc["id"])), site.partner if site else None,
                        site.code if site else None,
                    )
                )  # fmt: skip
        self._write("location", rows)

    def _kits(self) -> None:
        rows: list[Row] = []
        for sku, id_ in self._masters.skus().items():
            if not is_kit(sku):
                continue
            first, later = components(sku, date.min), components(sku, date.max)
            change = KIT_CHANGE.isoformat() if first != later else None
            end = date.fromordinal(KIT_CHANGE.toordinal() - 1).isoformat() if change else None
            for place, (part, units) in enumerate(first, start=1):
                rows.append((id_, self._masters.real_item(part), place, units, "2020-01-01", end))
            for place, (part, units) in enumerate(later if change else [], start=1):
                rows.append((id_, self._masters.real_item(part), place, units, change, None))
        self._write("kititemmember", [*rows, *self._bundles()])

    def _bundles(self) -> list[Row]:
        """Bundles as the shop defines them, but for what is planted."""
        store, rows = self._office.store, []
        variants = {doc["id"]: doc for doc in store.scan(SHOPS[0].domain, "ProductVariant", packed=True)}
        bundles = {
            doc["sku"]: doc["productVariantComponents"] for doc in variants.values() if doc["requiresComponents"]
        }
        wrong = self._office.planter.pick("REF-03", sorted(bundles), least=1)
        for sku, parts in bundles.items():
            for place, part in enumerate(parts, start=1):
                component = self._masters.real_item(variants[part["productVariant"]["id"]]["sku"])
                units = part["quantity"] + (1 if sku in wrong and place == 1 else 0)
                rows.append((self._masters.real_item(sku), component, place, units, "2020-01-01", None))
            if sku in wrong:
                since = epoch(str(store.get_meta("now")))
                self._office.planter.tell("REF-03", ACCOUNT_NAME, sku, since, f"erp:REF-03:{sku}")
        return rows

    def run(self, now: int) -> Iterator[Document]:
        """Bring everything up to date; yields documents that belong to no order."""
        self._masters.follow(now)
        self._rates(now)
        yield from self._flaws.run(now)
        self._prices.run(now)
        self._prices.aliases(now)
        yield from self._inventory.run(now)
        yield from self._treasury.run(now)

    def balance(self, now: int) -> Iterator[Document]:
        """Write what lies where, after all documents were written; yields what the ledger lacks of it."""
        return self._inventory.balance(now)

    def _rates(self, now: int) -> None:
        rows: list[Row] = []
        for back in range(_RATE_DAYS):
            day = company_day(now - back * DAY)
            for code, id_ in CURRENCIES.items():
                if code != "USD":
                    ordinal = int(day.replace("-", ""))
                    rows.append((ordinal * 10 + id_, 1, id_, rate(code, day), day, now - back * DAY))
        known = self._records.value("rates_to")
        fresh = [row for row in rows if known is None or row[4] > known]
        self._write("currencyrate", fresh)
        self._records.keep("rates_to", company_day(now))
