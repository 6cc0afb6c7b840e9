"""What the operators have on file agrees with the shop, but for what the truth says."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sandbox.backoffice.goods import components, is_kit
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.plants import DEFAULT_RATES, PLANTS
from sandbox.backoffice.threepl import ThreePL
from sandbox.backoffice.threepl_parcels import local_day
from sandbox.backoffice.threepl_sites import NORDLAGER, SHIPBOB, SITES, external_item, site_of
from sandbox.store import Store
from sandbox.world import World
from sandbox.world.times import epoch

Behind = tuple[World, BackOffice, ThreePL]


def _behind(folder: Path, rates: dict[str, float], customers: int = 300) -> Iterator[Behind]:
    store = Store(folder / "world.sqlite")
    world = World.build(store, seed=11, customers=customers, months=9)
    office = BackOffice(store, folder / "office.sqlite", 5, rates, [ThreePL])
    office.update()
    (part,) = office.parts
    assert isinstance(part, ThreePL)
    yield world, office, part
    office.close()
    store.close()


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    yield from _behind(tmp_path_factory.mktemp("planted"), DEFAULT_RATES, customers=600)


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[Behind]:
    yield from _behind(tmp_path, {})


def _now(world: World) -> int:
    return epoch(world.now)


def _truth(behind: Behind, code: str) -> list[dict[str, Any]]:
    world, office, _ = behind
    return [row for row in office.truth(_now(world)) if row["code"] == code and row["state"] == "open"]


def _parcels(behind: Behind, order_id: int | None = None) -> list[dict[str, Any]]:
    only = "" if order_id is None else f" WHERE order_id = {int(order_id)}"
    return [json.loads(body) for (body,) in behind[1].records.rows(f"SELECT body FROM tp_parcels{only}")]


def test_on_hand_follows_the_shop_s_levels_day_after_day(sound: Behind) -> None:
    world, office, part = sound
    for _ in range(4):
        world.advance(hours=18)
        office.update()
    for site in SITES:
        found = {entry.sku: entry.on_hand for entry in part.warehouses.at(site.code, _now(world))}
        shown: Counter[str] = Counter()
        for level in office.stock.levels():
            if (level.shop, level.place) == (site.shop, site.place):
                for sku, units in components(level.sku, local_day(level.shop, level.updated_at)):
                    shown[sku] += level.on_hand * units
        assert {sku: units for sku, units in found.items() if units != shown[sku]} == {}
    counted = office.records.rows("SELECT sum(abs(quantity)) FROM tp_movements WHERE reason = 'cycle count'")[0][0]
    # Test orders take stock in the shop, and nobody ships them.
    assert (counted or 0) <= 5


def test_the_past_does_not_change_and_news_is_dated_after_it(sound: Behind) -> None:
    world, office, part = sound
    before = dict(office.records.rows("SELECT parcel_id, shipped FROM tp_parcels WHERE shipped IS NOT NULL"))
    stock = {site.code: part.warehouses.at(site.code, _now(world)) for site in SITES}
    last, office.stock.lead = _now(world), 90
    world.advance(days=2)
    office.update()
    after = dict(office.records.rows("SELECT parcel_id, shipped FROM tp_parcels WHERE shipped IS NOT NULL"))
    assert {parcel: shipped for parcel, shipped in after.items() if parcel in before} == before
    news = [shipped for parcel, shipped in after.items() if parcel not in before]
    assert news
    assert last + 90 < min(news) <= max(news) <= _now(world)
    assert stock == {site.code: part.warehouses.at(site.code, last + 90) for site in SITES}


def test_two_updates_a_day_tell_the_same_parcels_as_one(tmp_path: Path) -> None:
    told = []
    for name, steps in (("often", 6), ("once", 1)):
        (tmp_path / name).mkdir()
        for world, office, _ in _behind(tmp_path / name, {}):
            for _ in range(steps):
                world.advance(hours=36 / steps)
                office.update()
            told.append(office.records.rows("SELECT parcel_id, order_id, site FROM tp_parcels ORDER BY 1"))
    assert told[0] == told[1]


def test_kits_leave_as_what_they_were_made_of_when_they_were_ordered(sound: Behind) -> None:
    _, office, _ = sound
    sold = [
        (story, line)
        for shop in ("boomerang-us.myshopify.com", "boomerang-eu.myshopify.com")
        for story in office.reader.stories(shop)
        for line in story.goods
        if line.sku and is_kit(line.sku) and story.shipments and story.partner and not story.is_test
    ]
    assert sold
    for story, line in sold:
        parts = Counter(dict(components(str(line.sku), local_day(story.shop, story.created_at))))
        sent = [
            entry
            for parcel in _parcels(sound, story.order_id)
            for entry in parcel["lines"]
            if entry["line_id"] == line.line_id
        ]
        assert {entry["sku"]: entry["ordered"] // line.quantity for entry in sent} == parts


def test_every_kind_of_break_of_this_side_is_planted(planted: Behind) -> None:
    world, office, _ = planted
    mine = {code for code, plant in PLANTS.items() if plant.side == "threepl"}
    found = {row["code"] for row in office.truth(_now(world))}
    assert mine - found <= {"FUL-01", "FUL-08", "ORD-04", "ORD-09"}
    shapes = {(row["code"], row["object_type"]) for row in office.truth(_now(world))}
    assert all(kind == PLANTS[code].object_type for code, kind in shapes if code != "INV-05")


def test_parcels_show_what_the_truth_says_of_them(planted: Behind) -> None:
    by_tracking: dict[str, list[dict[str, Any]]] = {}
    for parcel in _parcels(planted):
        if parcel["shipped_at"]:
            by_tracking.setdefault(parcel["tracking"], []).append(parcel)
    for row in _truth(planted, "FUL-02"):
        assert row["object_key"] not in by_tracking
    for row in _truth(planted, "FUL-04"):
        (parcel,) = by_tracking[row["object_key"]]
        assert [line for line in parcel["lines"] if line["quantity"] != line["ordered"]]
    for row in _truth(planted, "FUL-05"):
        (parcel,) = by_tracking[row["object_key"]]
        assert row["details"]["shipped"] in {line["sku"] for line in parcel["lines"]}
    for row in _truth(planted, "FUL-06"):
        (parcel,) = by_tracking[row["object_key"]]
        assert parcel["site"] == row["details"]["actual"] != row["details"]["expected"]
    for row in _truth(planted, "FUL-07"):
        again, first = by_tracking[row["object_key"]][0], by_tracking[row["details"]["first"]][0]
        assert again["lines"] == first["lines"]
    for row in _truth(planted, "FUL-10"):
        (parcel,) = by_tracking[row["object_key"]]
        named = {line["sku"] for line in parcel["lines"]}
        missing, kit = row["details"]["missing"], row["details"]["kit"]
        assert (missing not in named) if missing else (kit in named)
        assert {sku for sku, _ in components(kit, date(2026, 9, 1))} - named
    for row in _truth(planted, "ORD-06"):
        assert any(parcel["shipped_at"] for parcel in _parcels(planted, int(row["object_key"])))


def test_stock_shows_what_the_truth_says_of_it(planted: Behind) -> None:
    world, office, part = planted
    stock = {
        f"{site.code}/{entry.sku}": entry for site in SITES for entry in part.warehouses.at(site.code, _now(world))
    }
    shop = {f"{site_of(v.shop, v.place).code}/{v.sku}": v for v in office.stock.levels() if v.place in (0, 1)}
    for row in _truth(planted, "INV-01") + _truth(planted, "INV-03"):
        key = row["object_key"]
        assert stock[key].on_hand - shop[key].on_hand == row["details"]["units"]
    for row in _truth(planted, "INV-02"):
        key = row["object_key"]
        assert stock[key].on_hand == shop[key].on_hand
        assert stock[key].available < shop[key].available
    for row in _truth(planted, "INV-04"):
        site, _, sku = row["object_key"].partition("/")
        moved = office.records.rows("SELECT sum(quantity) FROM tp_movements WHERE site = ? AND sku = ?", site, sku)
        assert stock[row["object_key"]].on_hand - moved[0][0] == row["details"]["units"]
    broken = {row["object_key"] for row in office.truth(_now(world)) if row["object_type"] == "sku_location"}
    unknown = {f"{site}/{sku}" for site, sku in office.records.rows("SELECT site, sku FROM tp_unknown")}
    quiet = [key for key in shop if key in stock and key not in broken | unknown and not is_kit(shop[key].sku)]
    assert len(quiet) > 400
    assert [key for key in quiet if stock[key].on_hand != shop[key].on_hand] == []
    assert [key for key in quiet if stock[key].available < shop[key].available] == []


def test_only_one_operator_has_names_of_its_own_for_goods() -> None:
    skus = [f"SOC-{place:03d}-36-" for place in range(200)]
    assert {external_item(SHIPBOB, sku) for sku in skus} == {(sku, 1.0) for sku in skus}
    assert {external_item(NORDLAGER, sku)[1] for sku in skus} == {0.5, 1.0}
    assert any(external_item(NORDLAGER, sku)[0] != sku for sku in skus)
