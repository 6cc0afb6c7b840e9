"""The whole cycle with the command line: out of Shopify, through the warehouse, back into Shopify."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.cycle import Merchant, merchant

WANTED = """
    select shop, cast(customer_id as varchar), vip_tier, churn_band, rfm_group, p_alive, expected_orders_90d,
        expected_value_365d_amount, currency
    from syncs.sync_shopify__customers
"""
UNBALANCED = """
    select shop, entity, expected_rows, arrived_rows, loaded_rows, rejected_rows from ops.extraction_windows
    where state <> 'loaded' or expected_rows is distinct from arrived_rows
"""
TABLES_UNBALANCED = """
    select table_name, arrived, loaded, rejected, duplicate from ops.extraction_tables
    where arrived <> loaded + rejected + duplicate
"""


@pytest.fixture(scope="module")
def cycled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Merchant]:
    """A small merchant after one full cycle."""
    with merchant(tmp_path_factory.mktemp("merchant"), "--customers", "500") as one:
        one.run_well("refresh")
        one.run_well("deliver")
        yield one


def wanted_by_shopify_rules(one: Merchant) -> dict[str, dict[str, Any]]:
    """The sync model's rows, each value written as Shopify stores it. Independent of the code that sends them."""
    shops: dict[str, dict[str, Any]] = {}
    for shop, customer, tier, band, group, alive, orders, value, currency in one.query(WANTED):
        fields = {"vip_tier": tier, "churn_band": band, "rfm_group": group}
        fields |= {"p_alive": decimal(alive), "expected_orders_90d": decimal(orders), "expected_value_365d": None}
        if value is not None:
            fields["expected_value_365d"] = {"amount": Decimal(value), "currency_code": currency}
        tags = [f"boomerang:vip-{tier}"] if tier in ("platinum", "gold") else []
        tags += [f"boomerang:churn-{band}"] if band in ("at_risk", "lapsed") else []
        held = {key: text for key, text in fields.items() if text is not None}
        shops.setdefault(shop, {})[customer] = {"metafields": held, "tags": sorted(tags)}
    return shops


def decimal(number: Decimal | None) -> str | None:
    """A decimal as Shopify stores it: no trailing zeros, at least one digit behind the point."""
    if number is None:
        return None
    text = f"{number:f}".rstrip("0") if "." in f"{number:f}" else f"{number:f}"
    return f"{text}0" if text.endswith(".") else text if "." in text else f"{text}.0"


def held_by_shopify(one: Merchant) -> dict[str, dict[str, Any]]:
    """What the sandbox holds, with amounts of money read as numbers."""
    shops = one.managed()
    for customers in shops.values():
        for held in customers.values():
            fields = held["metafields"]
            if "expected_value_365d" in fields:
                money = json.loads(fields["expected_value_365d"])
                fields["expected_value_365d"] = {**money, "amount": Decimal(money["amount"])}
    return shops


def mutations(one: Merchant, since: int) -> list[dict[str, Any]]:
    """Requests that write, after log entry `since`."""
    log = httpx.get(f"{one.sandbox.origin}/__meta/log", params={"since": since}, timeout=60).json()
    writing = ("metafieldsSet", "metafieldsDelete", "tagsAdd", "tagsRemove", "bulkOperationRunMutation")
    return [entry for entry in log if any(root in json.dumps(entry) for root in writing)]


def last_log_entry(one: Merchant) -> int:
    """Number of the newest request in the sandbox's log."""
    log = httpx.get(f"{one.sandbox.origin}/__meta/log", timeout=60).json()
    return max(entry["number"] for entry in log)


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
    cycled.run_well("build", "--full-refresh", "--select", "fct_orders fct_order_lines fct_sales fct_refunds")
    rebuilt = cycled.tables()
    for name in ("fct_orders", "fct_order_lines", "fct_sales", "fct_refunds"):
        assert rebuilt[f"marts.{name}"] == incremental[f"marts.{name}"], name


def test_report_of_a_failure_is_one_sentence_without_a_stack_trace(cycled: Merchant, tmp_path: Path) -> None:
    done = cycled.run("extract", "--shop", "nowhere")
    assert done.returncode == 2
    assert done.stderr.strip() == "Shop 'nowhere' is not configured; known shops: eu, us."
