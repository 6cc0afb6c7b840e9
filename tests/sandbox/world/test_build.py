"""A world is decided by its seed, streams to disk, and hangs together."""

import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from scipy.special import hyp2f1

from sandbox.store import Store
from sandbox.world import World, build_world
from sandbox.world.parameters import Parameters, period
from sandbox.world.population import population
from sandbox.world.purchases import customers_for, purchases
from tests.sandbox.world.conftest import EU, US
from tests.sandbox.world.identities import check_customers, check_stock

KINDS = (
    "Order", "Customer", "Product", "ProductVariant", "InventoryItem", "GiftCard", "DraftOrder",
    "AbandonedCheckout", "BasicEvent", "ShopifyPaymentsPayout", "ShopifyPaymentsBalanceTransaction", "PriceList",
)  # fmt: skip


def contents(store: Store, kinds: Sequence[str] = KINDS) -> dict[str, dict]:
    return {doc["id"] + shop: doc for shop in (US, EU) for kind in kinds for doc in store.scan(shop, kind)}


def test_the_same_seed_gives_the_same_documents(small, tmp_path):
    again = build_world(tmp_path / "again.sqlite", seed=7, customers=200, months=6)
    other = build_world(tmp_path / "other.sqlite", seed=8, customers=200, months=6)
    assert contents(small) == contents(again)
    assert contents(small, ["Order"]) != contents(other, ["Order"])
    again.close()
    other.close()


def test_the_default_world_has_the_promised_size(world):
    assert world.get_meta("now") == "2026-11-01T06:00:00Z"
    parameters = Parameters.load(world)
    assert parameters is not None
    assert (parameters.r, parameters.alpha, parameters.a, parameters.b) == (0.7, 62.0, 0.8, 2.6)
    assert 7_000 < world.count(US, "Order") + world.count(EU, "Order") < 10_000
    for shop in (US, EU):
        assert world.count(shop, "ProductVariant") == 200
        assert world.count(shop, "Location") == 4
        kits = [v for v in world.scan(shop, "ProductVariant") if v["requiresComponents"]]
        assert len(kits) == 3
        assert all(kit["productVariantComponents"] for kit in kits)


def test_purchases_follow_the_known_process(world):
    parameters = Parameters.load(world)
    assert parameters is not None
    many = Parameters(**{**parameters.__dict__, "customers": 40_000})
    bought = purchases(many, 0, many.built)
    first = bought.moments[bought.positions == 0]
    age = (many.built - first) / 86_400
    # Expected repeat purchases of BG/NBD, averaged over the drawn parameters (Fader, Hardie and Lee 2005, eq. 9).
    r, alpha, a, b = many.r, many.alpha, many.a, many.b
    z = age / (alpha + age)
    expected = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + age)) ** r * hyp2f1(r, b, a + b - 1, z))
    assert (bought.positions > 0).sum() == pytest.approx(expected.sum(), rel=0.02)
    never = np.bincount(bought.customers, minlength=len(first)) == 1
    assert never.sum() == pytest.approx(((alpha / (alpha + age)) ** r).sum(), rel=0.02)


def test_a_number_of_orders_can_be_asked_for():
    start, end = period(18)
    parameters = Parameters(seed=3, customers=1, start=start, built=end)
    wanted = Parameters(seed=3, customers=customers_for(parameters, 20_000), start=start, built=end)
    assert len(purchases(wanted, 0, end)) == pytest.approx(20_000, rel=0.005)


def test_stock_ties_out_with_orders(world):
    check_stock(world)


def test_customers_add_up_to_their_orders(world):
    check_customers(world)


def test_references_lead_somewhere(world):
    for shop in (US, EU):
        for kind, field in (
            ("ProductVariant", "product"), ("ProductVariant", "inventoryItem"), ("InventoryItem", "variant"),
            ("GiftCard", "customer"), ("DraftOrder", "customer"), ("DraftOrder", "order"), ("Company", "mainContact"),
            ("CompanyContact", "customer"), ("AbandonedCheckout", "customer"),
        ):  # fmt: skip
            for doc in world.scan(shop, kind):
                target = doc[field]
                assert target is None or world.get(shop, target["id"], packed=True), (kind, doc["id"], field)


def test_mail_addresses_are_unique_within_a_shop_and_some_people_buy_in_both(world):
    addresses = {
        shop: [customer["defaultEmailAddress"]["emailAddress"] for customer in world.scan(shop, "Customer")]
        for shop in (US, EU)
    }
    for mails in addresses.values():
        assert len(mails) == len(set(mails))
    assert len(set(addresses[US]) & set(addresses[EU])) > 20


def test_deletions_leave_events(world):
    for shop in (US, EU):
        gone = [event for event in world.scan(shop, "BasicEvent") if event["action"] == "destroy"]
        assert {event["subjectType"] for event in gone} >= {"CUSTOMER", "PRODUCT"}
        assert all(world.get(shop, event["subjectId"]) is None for event in gone)


def test_ids_of_the_second_shop_can_lie_above_what_a_float_holds(tmp_path):
    store = Store(tmp_path / "wide.sqlite")
    World.build(store, seed=7, customers=40, months=3, wide_ids=True)
    numbers = [int(doc["legacyResourceId"]) for doc in store.scan(EU, "Order")]
    assert min(numbers) > 2**53
    store.close()


def test_an_earlier_population_is_part_of_a_later_one():
    start, end = period(6)
    parameters = Parameters(seed=5, customers=500, start=start, built=end)
    early, late = population(parameters, end), population(parameters, end + 20 * 86_400)
    there = early.created <= end
    for name in ("shop", "region", "kind", "created", "merged", "survivor", "identity"):
        assert (getattr(early, name)[there] == getattr(late, name)[: len(early)][there]).all()


def _peak_megabytes(path: Path, orders: int) -> int:
    code = (
        "import resource, sys; from pathlib import Path; from sandbox.world import build_world;"
        "build_world(Path(sys.argv[1]), orders=int(sys.argv[2]));"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    command = [sys.executable, "-c", code, str(path), str(orders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return int(done.stdout) // 1024


def test_four_times_the_orders_take_hardly_more_memory(tmp_path):
    assert resource.getpagesize()
    few, many = (_peak_megabytes(tmp_path / f"{orders}.sqlite", orders) for orders in (4_000, 16_000))
    assert many - few < 25
