"""Price lists with their days, customers' contracts, and how others spell what is sold."""

from __future__ import annotations

from datetime import date

from sandbox.backoffice.erp.case import Case
from sandbox.backoffice.erp.chart import CURRENCIES, SHOP_CURRENCY, company_day
from sandbox.backoffice.erp.documents import Row
from sandbox.backoffice.erp.masters import ACCOUNT_NAME, Masters
from sandbox.backoffice.goods import is_kit
from sandbox.backoffice.lags import DAY
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.threepl_sites import NORDLAGER, SHIPBOB, external_item
from sandbox.world.catalog import Catalog
from sandbox.world.parameters import SHOPS, Parameters

_REVISION = 150 * DAY
_BASE, _CONTRACT = 1, 2
_CONTRACTS = 500_000_000
_KEPT_FROM = 30 * DAY


def write_contract(case: Case) -> None:
    """Write the contract that a business bought under: what it was charged, or another price where that is planted."""
    story = case.story
    if story.company_id is None or story.erp_at > case.now:
        return
    line = next((line for line in story.goods if line.source == "order" and line.group is None), None)
    planted = case.plant == "AMT-03"
    if line is None or line.sku is None or not (planted or story.order_id % 3 == 0):
        return
    # In the ERP's terms: without tax, before discounts.
    charged = (line.net + line.discount) / line.quantity
    price = round((charged * 0.85 if planted else charged) / 100, 4)
    if planted:
        case.tell("AMT-03", story.order_id, story.erp_at, sku=line.sku, expected=price, actual=charged / 100)
    day = company_day(story.created_at)
    customer, item = case.masters.customer(story), case.masters.item(line.sku)
    currency = CURRENCIES[story.currency]
    case.masters.write("customrecord_price_period", [
        (_CONTRACTS + case.id(0), item, _CONTRACT, customer, currency, price, 0, day, day, story.erp_at),
    ])  # fmt: skip
    case.masters.write("customeritempricing", [(customer, item, _CONTRACT, price, currency)])


class Prices:
    """List prices of both shops as the catalogue revises them."""

    def __init__(self, office: BackOffice, masters: Masters) -> None:
        """Read the catalogues; a world without one has no list prices."""
        self._office, self._masters = office, masters
        parameters = Parameters.load(office.store)
        self._catalogs = [Catalog(parameters, shop) for shop in SHOPS] if parameters else []

    def run(self, now: int) -> None:
        """Write every period that has begun; a hole is left where one is planted."""
        holes = self._masters.picked("REF-07")
        rows: list[Row] = []
        current: list[Row] = []
        for catalog in self._catalogs:
            shop = catalog.shop.key
            currency = CURRENCIES[SHOP_CURRENCY[shop]]
            for variant in catalog.variants:
                begun = self._begun(variant.product.created, len(variant.prices), now)
                for place, at in enumerate(begun):
                    number = (catalog.shop.index * 100_000 + variant.place) * 64 + place
                    item = self._masters.skus().get(variant.sku)
                    if item is None:
                        continue
                    until = begun[place + 1] if place + 1 < len(begun) else None
                    end = _day_before(company_day(until)) if until else None
                    if variant.sku in holes and until is not None and place == len(begun) - 2:
                        end = _day_before(company_day(until - 20 * DAY))
                        source = f"erp:REF-07:{variant.sku}"
                        self._office.planter.tell(
                            "REF-07", ACCOUNT_NAME, variant.sku, until - 20 * DAY, source, days=20
                        )
                    price = variant.prices[place] / 100
                    start = company_day(at if place else at - _KEPT_FROM)
                    rows.append((number, item, _BASE, None, currency, price, 0, start, end, until or at))
                    if until is None:
                        current.append((item, _BASE, "Base Price", price, currency, 0))
        self._masters.write("customrecord_price_period", rows)
        self._masters.write("itemprice", current)

    @staticmethod
    def _begun(created: int, periods: int, now: int) -> list[int]:
        moments = [created + place * _REVISION for place in range(periods)]
        return [at for at in moments if at <= now]

    def aliases(self, now: int) -> None:
        """Write how the operators spell and pack items, where that is not our way."""
        rows: list[Row] = []
        packed: dict[str, tuple[int, str, str, float]] = {}
        for sku, item in self._masters.skus().items():
            if sku.startswith(("KIT-", "GIFT")) or is_kit(sku) or sku.count("-") < 2:
                continue
            for partner in (SHIPBOB, NORDLAGER):
                name, factor = external_item(partner, sku)
                if (name, factor) != (sku, 1.0):
                    rows.append((item * 10 + len(partner) % 2, item, partner, name, factor, "2020-01-01", None, 0))
                if factor != 1.0 and self._masters.plantable(sku):
                    packed[sku] = (item, partner, name, factor)
        planter, records = self._office.planter, self._office.records
        if records.value("asked:REF-04") is None:
            planter.pick("REF-04", sorted(packed), least=1)
            records.keep("first_alias", now)
        since = int(records.value("first_alias") or now) - 40 * DAY
        for (sku,) in records.rows("SELECT key FROM bo_plants WHERE subject = 'packed_item' AND code = 'REF-04'"):
            item, partner, name, _ = packed[str(sku)]
            # The older of the two: the newer one is how it is, and speaks.
            rows.append((item * 10 + 9, item, partner, name, 1.0, "2019-06-01", None, since))
            planter.tell("REF-04", ACCOUNT_NAME, sku, since, f"erp:REF-04:{sku}", factors=[packed[str(sku)][3], 1.0])
        self._masters.write("customrecord_item_alias", rows)


def _day_before(day: str) -> str:
    return date.fromordinal(date.fromisoformat(day).toordinal() - 1).isoformat()
