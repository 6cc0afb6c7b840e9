"""What must hold after a cycle, worked out apart from the code that is tested."""

import json
from decimal import Decimal
from typing import Any

import httpx

from tests.end_to_end.cycle import Merchant

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
