"""The whole cycle with the command line: out of Shopify, through the warehouse, back into Shopify."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.cycle import Merchant, merchant
from tests.end_to_end.proofs import (
    TABLES_UNBALANCED,
    UNBALANCED,
    held_by_shopify,
    last_log_entry,
    mutations,
    wanted_by_shopify_rules,
)


@pytest.fixture(scope="module")
def cycled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """A small merchant after one full cycle."""
    with merchant(tmp_path_factory.mktemp("merchant"), "--customers", "500") as one:
        one.run_well("refresh")
        one.run_well("deliver")
        yield one


def test_every_window_adds_up(cycled: Merchant) -> None:
    assert cycled.query("select count(distinct entity) from ops.extraction_windows")[0][0] > 15
    assert cycled.query(UNBALANCED) == []
    assert cycled.query(TABLES_UNBALANCED) == []


def test_shopify_holds_exactly_what_the_sync_model_wants(cycled: Merchant) -> None:
    held = held_by_shopify(cycled)
    assert sum(len(customers) for customers in held.values()) > 100
    assert held == wanted_by_shopify_rules(cycled)


def test_second_delivery_sends_nothing(cycled: Merchant) -> None:
    before = last_log_entry(cycled)
    cycled.run_well("deliver")
    assert mutations(cycled, before) == []


def test_a_day_later_only_what_changed_travels(cycled: Merchant) -> None:
    orders = cycled.query("select count(*) from raw_shopify.orders")[0][0]
    cycled.sandbox.meta("advance", days=1)
    cycled.run_well("refresh")
    arrived, modes = cycled.query(
        "select sum(arrived_rows), string_agg(distinct mode) from ops.extraction_windows "
        "where entity = 'orders' and window_from > timestamptz '2020-01-01 00:00:00+00' and mode <> 'sweep'"
    )[0]
    assert cycled.query("select count(*) from raw_shopify.orders")[0][0] > orders
    assert 0 < arrived < orders, modes
    assert cycled.query(UNBALANCED) == []
    cycled.run_well("deliver")
    assert held_by_shopify(cycled) == wanted_by_shopify_rules(cycled)


def test_increment_builds_the_same_facts_as_a_full_build(cycled: Merchant) -> None:
    incremental = {name: rows for name, rows in cycled.tables().items() if name.startswith("marts.fct_")}
    built = "int_orders__totals fct_orders fct_order_lines fct_sales fct_refunds"
    cycled.run_well("build", "--full-refresh", "--select", built)
    rebuilt = cycled.tables()
    for name in ("fct_orders", "fct_order_lines", "fct_sales", "fct_refunds"):
        assert rebuilt[f"marts.{name}"] == incremental[f"marts.{name}"], name


def test_report_of_a_failure_is_one_sentence_without_a_stack_trace(cycled: Merchant, tmp_path: Path) -> None:
    done = cycled.run("extract", "--shop", "nowhere")
    assert done.returncode == 2
    assert done.stderr.strip() == "There is no shop, ERP or partner 'nowhere'; there are eu, us."
