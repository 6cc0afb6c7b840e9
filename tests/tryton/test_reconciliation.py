"""Our SQL connector reads Tryton's own tables, and what it finds there is laid beside the shop."""

from typing import Any

import pytest

from orchestration.lib.connected_sources import extractions
from orchestration.lib.dbt_project import BUILD, run_dbt
from pipelines.config import Settings, load_settings
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse
from sandbox.settings import CLIENT_ID, CLIENT_SECRET
from tests.sandbox_fixture import US
from tests.tryton.importing import Imported, number


@pytest.fixture(scope="module")
def merchant(tryton: Imported, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A merchant with this shop and this ERP, read and built."""
    folder = tmp_path_factory.mktemp("merchant")
    config = folder / "boomerang.toml"
    config.write_text(
        f'[shops.us]\ndomain = "{US}"\n\n'
        '[erp.tryton]\nkind = "sql"\nqueries = "tryton"\norder_reference_field = "web_id"\n',
        encoding="utf-8",
    )
    own = {
        "BOOMERANG_CONFIG": str(config),
        "BOOMERANG_DATA_DIR": str(folder / "data"),
        "BOOMERANG_EXTRACTION__SETTLE_MINUTES": "0",
        "BOOMERANG_SHOPS__US__BASE_URL": tryton.shop.base_url(),
        "BOOMERANG_SHOPS__US__CLIENT_ID": CLIENT_ID,
        "BOOMERANG_SHOPS__US__CLIENT_SECRET": CLIENT_SECRET,
        "BOOMERANG_ERP__TRYTON__URL": f"sqlite:///{tryton.tryton.database}",
    }
    with pytest.MonkeyPatch.context() as environment:
        for name, value in own.items():
            environment.setenv(name, value)
        settings = load_settings()
    for name, extract in extractions(settings).items():
        extract(settings, name, run_id="both", progress=SilentProgress())
    run_dbt(settings, [*BUILD, "--select", "+fct_breaks", "--indirect-selection", "buildable"])
    return settings


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with Warehouse(settings).session() as session:
        return session.rows(sql)


def test_every_sale_of_tryton_arrives_and_is_the_order_it_came_from(merchant: Settings, tryton: Imported) -> None:
    expected = {int(number(order["id"])) for order in tryton.orders if order["cancelledAt"] is None}
    matched = rows(merchant, "select order_id, match_method, match_confidence from intermediate.int_xref__orders")
    assert {order_id for order_id, _, _ in matched} == expected
    assert {(method, float(confidence)) for _, method, confidence in matched} == {("id", 1.0)}
    assert rows(merchant, "select count(*) from ops.dead_letters where source = 'erp'") == [(0,)]


def test_amounts_are_those_that_tryton_keeps(merchant: Settings, tryton: Imported) -> None:
    shop = {
        int(number(order["id"])): float(order["currentTotalPriceSet"]["presentmentMoney"]["amount"])
        for order in tryton.orders
    }
    found = rows(
        merchant,
        "select cast(shopify_reference as bigint), total_amount from raw_erp.sales_orders "
        "where number not like 'draft%'",
    )
    assert len(found) > 20
    assert {order: float(total) for order, total in found} == {order: shop[order] for order, _ in found}


def test_the_day_that_tryton_books_by_is_explained(merchant: Settings) -> None:
    """It takes the day of an order in UTC, and the shop's evening is the day after: explained, and no error."""
    explained = rows(merchant, "select order_id from marts.fct_breaks where code = 'TIM-02' and state = 'explained'")
    evenings = rows(
        merchant,
        "select order_id from staging.stg_shopify__orders where cancelled_at is null and not is_test and "
        "cast(processed_at at time zone 'UTC' as date) <> cast(processed_at at time zone 'America/New_York' as date)",
    )
    assert sorted(explained) == sorted(evenings)
    assert evenings


def test_the_break_that_tryton_makes_is_found_and_no_other(merchant: Settings) -> None:
    """What guests bought stays a draft in Tryton, and it books no payment of a draft: captured, and not in the ERP."""
    found = rows(merchant, "select code, order_id from marts.fct_breaks where code <> 'TIM-02' and state = 'open'")
    drafts = rows(
        merchant, "select cast(shopify_reference as bigint) from raw_erp.sales_orders where number like 'draft%'"
    )
    assert sorted(found) == [("PAY-01", order_id) for (order_id,) in sorted(drafts)]
    assert drafts
