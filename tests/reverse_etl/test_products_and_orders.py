"""Products and orders are written, read back, verified and taken back as customers are, on each warehouse."""

import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from reverse_etl.apply import apply_plan
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import load_sync
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync
from tests.reverse_etl.catalogue import Catalogue
from tests.reverse_etl.marketing import SYNC, Marketing, gold
from tests.sandbox_fixture import US

LISTED = """query D($owner: MetafieldOwnerType!) {
  metafieldDefinitions(first: 9, ownerType: $owner, namespace: "boomerang") { nodes { key } } }"""
EDIT = "mutation E($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) { userErrors { message } } }"


@pytest.fixture
def catalogue(marketing_anywhere: Marketing) -> Catalogue:
    return Catalogue(marketing_anywhere.settings, marketing_anywhere.sandbox)


def test_products_carry_how_long_their_stock_lasts_and_are_cleared_when_they_leave(catalogue: Catalogue) -> None:
    low, out, gone = catalogue.numbers("products", 3)
    first = catalogue.deliver("products", [(low, 9, "low", 1), (out, None, "out", 4), (gone, 70, "normal", 0)])
    assert (first.acknowledged, first.rejected) == (10, 0)
    assert catalogue.carried("products") == {
        low: ({"days_of_cover": "9", "stock_band": "low", "sold_out_variants": "1"}, {"boomerang:stock-low"}),
        out: ({"stock_band": "out", "sold_out_variants": "4"}, {"boomerang:stock-out"}),
        gone: ({"days_of_cover": "70", "stock_band": "normal", "sold_out_variants": "0"}, set()),
    }
    second = catalogue.deliver("products", [(low, 28, "normal", 0), (out, None, "out", 4)])
    assert (second.planned, second.acknowledged) == (7, 7)
    assert set(catalogue.carried("products")) == {low, out}
    assert catalogue.plan("products").is_empty


def test_orders_say_whether_the_systems_agree_and_are_verified_and_taken_back(catalogue: Catalogue) -> None:
    agreed, broken = catalogue.numbers("orders", 2)
    catalogue.deliver("orders", [(agreed, "matched", 0), (broken, "matched", 0)])
    run = catalogue.deliver("orders", [(agreed, "matched", 0), (broken, "broken", 2)])
    assert run.acknowledged == 3
    assert catalogue.carried("orders")[broken] == (
        {"reconciliation_state": "broken", "open_breaks": "2"},
        {"boomerang:reconciliation-broken"},
    )
    edit = {"ownerId": f"gid://shopify/Order/{agreed}", "namespace": "boomerang", "key": "open_breaks"}
    catalogue.sandbox.ask(EDIT, {"m": [{**edit, "type": "number_integer", "value": "7"}]}, shop=US)
    found = verify_sync(catalogue.settings, "orders", "us", restore=True)
    assert (found.acknowledged, found.in_place) == (5, 4)
    assert [(one.attribute, one.kind) for one in found.drift] == [("metafield:boomerang.open_breaks", "changed")]
    apply_plan(catalogue.settings, catalogue.plan("orders").plan_id, allow_large_change=True)
    undo = plan_undo(catalogue.settings, run.run_id)
    assert apply_plan(catalogue.settings, undo.plan.plan_id).acknowledged == 3
    state = {"reconciliation_state": "matched", "open_breaks": "0"}
    assert catalogue.carried("orders") == {agreed: (state, set()), broken: (state, set())}


def test_an_order_that_grew_old_in_agreement_keeps_what_it_says(catalogue: Catalogue) -> None:
    (order,) = catalogue.numbers("orders", 1)
    catalogue.deliver("orders", [(order, "matched", 0)])
    catalogue.want("orders", [])
    assert catalogue.plan("orders").is_empty


@pytest.mark.parametrize("warehouse_engine", ["duckdb"], indirect=True)
def test_each_kind_of_record_has_definitions_and_a_ledger_of_its_own(
    catalogue: Catalogue, marketing_anywhere: Marketing
) -> None:
    (product,), (order,) = catalogue.numbers("products", 1), catalogue.numbers("orders", 1)
    catalogue.deliver("products", [(product, 9, "low", 0)])
    catalogue.deliver("orders", [(order, "matched", 0)])
    marketing_anywhere.deliver({marketing_anywhere.customers()[0]: gold()})
    kinds = {
        owner: {
            node["key"] for node in catalogue.sandbox.ask(LISTED, {"owner": owner})["metafieldDefinitions"]["nodes"]
        }
        for owner in ("CUSTOMER", "PRODUCT", "ORDER")
    }
    assert kinds == {
        "CUSTOMER": {"vip_tier", "p_alive", "expected_value_365d"},
        "PRODUCT": {"days_of_cover", "stock_band", "sold_out_variants"},
        "ORDER": {"reconciliation_state", "open_breaks"},
    }
    sql = "select object, count(distinct record_id) from ops.delivery_values group by object order by object"
    assert marketing_anywhere.rows(sql) == [("customer", 1), ("order", 1), ("product", 1)]


@pytest.mark.parametrize("warehouse_engine", ["duckdb"], indirect=True)
def test_a_record_of_another_type_is_refused_and_named(catalogue: Catalogue) -> None:
    (product,), (order,) = catalogue.numbers("products", 1), catalogue.numbers("orders", 1)
    report = catalogue.deliver("orders", [(order, "matched", 0), (product, "broken", 1)])
    assert (report.acknowledged, report.rejected) == (2, 3)
    said = {one.reason.partition(". It was deleted or merged, or its id is that of")[0] for one in report.rejections}
    assert {one.example_record_id for one in report.rejections} == {product}
    assert said >= {"Owner does not exist", "Order does not exist"}


def test_a_sync_goes_to_the_shops_that_it_names(offline: Marketing, clean_environment: None) -> None:
    settings: Settings = offline.settings
    offline.write_sync(SYNC + "shops: [eu]\n")
    sync = load_sync("customers", offline.folder).sync
    assert shops_of(settings, sync) == ["eu"]
    with pytest.raises(ConfigurationError, match="does not go to shop us, only to eu; name it in its file"):
        shops_of(settings, sync, "us")
    assert offline.plan(None).shops == ["eu"]
