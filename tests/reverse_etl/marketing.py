"""What tests of write-back do: fill the sync model, plan, apply, and look at both sides."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.ledger.tables import ensure_tables
from reverse_etl.plan import plan_sync
from reverse_etl.report import DeliveryReport, Plan
from tests.sandbox_fixture import EU, US, SandboxClient

DOMAINS = {"us": US, "eu": EU}
MODEL = "syncs.sync_shopify__customers"
SCHEMA = pa.schema(
    [
        ("shop", pa.string()),
        ("customer_id", pa.int64()),
        ("vip_tier", pa.string()),
        ("churn_band", pa.string()),
        ("rfm_group", pa.string()),
        ("p_alive", pa.decimal128(6, 4)),
        ("expected_orders_90d", pa.decimal128(12, 4)),
        ("expected_value_365d_amount", pa.decimal128(18, 2)),
        ("currency", pa.string()),
        ("accepts_marketing", pa.bool_()),
    ]
)
SYNC = """
name: customers
model: syncs.sync_shopify__customers
object: customer
key: customer_id
mode: mirror
metafields:
  - {column: vip_tier, namespace: boomerang, key: vip_tier, type: single_line_text_field, name: VIP tier,
     validations: {choices: [platinum, gold, silver, bronze, none]}, filterable: true}
  - {column: p_alive, namespace: boomerang, key: p_alive, type: number_decimal, name: P alive, drifts: true}
  - {column: expected_value_365d_amount, currency_column: currency, namespace: boomerang, key: expected_value_365d,
     type: money, name: Expected value, drifts: true}
tags:
  prefix: "boomerang:"
  owned:
    - {column: vip_tier, tag: "vip-{value}", values: [platinum, gold]}
"""
# Most tests change most customers: the guard has tests of its own.
NO_GUARD = "guard: {max_changed_share: 1.0, max_removed_share: 1.0, max_audience_change: 1000, min_audience: 0}\n"

Customer = dict[str, Any]


class Marketing:
    """One merchant's sync `customers`."""

    def __init__(self, settings: Settings, folder: Path, sandbox: SandboxClient | None = None) -> None:
        """Write the sync file; the model is empty."""
        self.settings = settings
        self.folder = folder / "syncs"
        self.folder.mkdir()
        self._sandbox = sandbox
        self.write_sync(SYNC + NO_GUARD)
        self.want({})
        with self.warehouse.session() as session:
            ensure_tables(session)

    @property
    def sandbox(self) -> SandboxClient:
        """The running sandbox."""
        assert self._sandbox is not None
        return self._sandbox

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse of the settings."""
        return Warehouse(self.settings)

    def write_sync(self, text: str, name: str = "customers") -> None:
        """Put a sync file in place."""
        (self.folder / f"{name}.yml").write_text(text, encoding="utf-8")

    def customers(self, shop: str = "us") -> list[int]:
        """Numbers of the shop's customers in the sandbox."""
        return sorted(int(number) for number in self.sandbox.state(DOMAINS[shop])["customers"])

    def want(self, wanted: Mapping[int, Customer], shop: str = "us", *, others: Iterable[Customer] = ()) -> None:
        """Replace the model: what each customer should carry."""
        rows = [
            {"shop": shop, "currency": "USD" if shop == "us" else "EUR", **values, "customer_id": number}
            for number, values in wanted.items()
        ]
        table = pa.Table.from_pylist(
            [{**dict.fromkeys(SCHEMA.names), **row} for row in [*rows, *others]], schema=SCHEMA
        )
        with self.warehouse.session() as session:
            columns = "shop string, customer_id bigint, vip_tier string, churn_band string, rfm_group string, "
            columns += "p_alive decimal(6, 4), expected_orders_90d decimal(12, 4), "
            columns += "expected_value_365d_amount decimal(18, 2), currency string, accepts_marketing boolean"
            session.execute("create schema if not exists syncs")
            session.execute(f"create or replace table {MODEL} ({columns})")
            session.append(MODEL, table)

    def plan(self, shop: str | None = "us") -> Plan:
        """Plan the sync."""
        return plan_sync(self.settings, "customers", shop, folder=self.folder)

    def apply(self, plan: Plan | str, **options: Any) -> DeliveryReport:
        """Apply a plan."""
        plan_id = plan if isinstance(plan, str) else plan.plan_id
        return apply_plan(self.settings, plan_id, folder=self.folder, **options)

    def deliver(self, wanted: Mapping[int, Customer], **options: Any) -> DeliveryReport:
        """Want, plan and apply."""
        self.want(wanted)
        return self.apply(self.plan(), **options)

    def carried(self, shop: str = "us") -> dict[int, Customer]:
        """What customers carry in Shopify: values of our metafields, and all tags; only those who carry something."""
        found: dict[int, Customer] = {}
        for number, customer in self.sandbox.state(DOMAINS[shop])["customers"].items():
            values = {
                key.removeprefix("boomerang."): metafield["value"]
                for key, metafield in customer["metafields"].items()
                if key.startswith("boomerang.")
            }
            tags = {tag for tag in customer["tags"] if tag.startswith("boomerang:")}
            if values or tags:
                found[int(number)] = {**values, "tags": tags}
        return found

    def mutations(self) -> int:
        """Write requests that the sandbox has answered so far."""
        roots = {"metafieldsSet", "metafieldsDelete", "tagsAdd", "tagsRemove", "bulkOperationRunMutation"}
        return sum(bool(roots & set(entry.get("roots") or ())) for entry in self.sandbox.log())

    def rows(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with self.warehouse.session() as session:
            return session.rows(sql, params)

    def acknowledged(self, shop: str = "us") -> dict[tuple[int, str], str]:
        """The ledger's acknowledged values by record and attribute."""
        found = self.rows("select record_id, attribute, value from ops.delivery_values where shop = ?", shop)
        return {(record, attribute): value for record, attribute, value in found}


def gold(p_alive: str = "0.5", value: str = "100.50", tier: str = "gold") -> Customer:
    """What a good customer should carry."""
    return {"vip_tier": tier, "p_alive": Decimal(p_alive), "expected_value_365d_amount": Decimal(value)}
