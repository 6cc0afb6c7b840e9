"""Stock of ERP and warehouses: what they differ by is what one of them was never told of, unit by unit."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from sandbox.backoffice.goods import components
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.plants import DEFAULT_RATES
from sandbox.backoffice.threepl import ThreePL
from sandbox.backoffice.threepl_parcels import local_day
from sandbox.backoffice.threepl_sites import SITES
from sandbox.world import World
from sandbox.world.times import epoch
from tests.sandbox.backoffice.conftest import closed, opened

CODES = {(site.shop, site.place): site.code for site in SITES}


def unshared(office: BackOffice, now: int) -> Counter[tuple[str, str]]:
    """Units that the ERP has more than the warehouse, by what only one of them has a document of."""
    found: Counter[tuple[str, str]] = Counter()
    for site, sku, units in office.records.rows("SELECT site, sku, quantity FROM tp_unknown"):
        found[site, sku] -= units
    for shop, place, sku, units in office.records.rows("SELECT shop, place, sku, units FROM erp_unheard"):
        if (shop, place) in CODES:
            found[CODES[shop, place], sku] += units
    received = {name for (name,) in office.records.rows("SELECT tranid FROM ns_transaction WHERE type = 'ItemRcpt'")}
    for delivery in office.stock.deliveries():
        if delivery.place < 2 and delivery.po_number.replace("PO", "IR") not in received:
            for part, count in components(delivery.sku, local_day(delivery.shop, delivery.at)):
                found[CODES[delivery.shop, delivery.place], part] -= count * delivery.units
    return found


def differences(office: BackOffice) -> Counter[tuple[str, str]]:
    """Units that the ERP has more than the warehouse, but for places where stock itself is planted wrong."""
    now = epoch(str(office.store.get_meta("now")))
    wrong = {row["object_key"] for row in office.truth(now) if row["code"].startswith("INV")}
    erp = {
        (code, sku): units
        for code, sku, units in office.records.rows(
            "SELECT l.custrecord_warehouse_code, i.itemid, b.quantityonhand FROM ns_aggregateitemlocation b"
            " JOIN ns_item i ON i.id = b.item JOIN ns_location l ON l.id = b.location"
        )
    }
    threepl = next(part for part in office.parts if isinstance(part, ThreePL))
    expected, found = unshared(office, now), Counter[tuple[str, str]]()
    compared = 0
    for site in SITES:
        for level in threepl.warehouses.at(site.code, now):
            key = (site.code, level.sku)
            if key in erp and "/".join(key) not in wrong:
                found[key] = erp[key] - level.on_hand - expected[key]
                compared += 1
    assert compared > 500
    return +found + -found


def test_stock_differs_by_what_one_side_does_not_know_also_as_the_world_goes_on(
    sandbox_world: Path, tmp_path: Path
) -> None:
    office = opened(sandbox_world, tmp_path, DEFAULT_RATES)
    assert not differences(office)
    for hours in (7, 24, 300):
        World(office.store).advance(hours=hours)
        office.update()
        assert not differences(office)
    closed(office)
