"""Syncs of products and orders as they are shipped: fill their models, deliver, and look at both sides."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.apply import apply_plan
from reverse_etl.plan import plan_sync
from reverse_etl.report import DeliveryReport, Plan
from tests.sandbox_fixture import US, SandboxClient

COLUMNS = {
    "products": {
        "shop": "string",
        "product_id": "bigint",
        "days_of_cover": "bigint",
        "stock_band": "string",
        "sold_out_variants_count": "bigint",
    },
    "orders": {
        "shop": "string",
        "order_id": "bigint",
        "reconciliation_state": "string",
        "open_breaks_count": "bigint",
    },
}
KINDS = {"products": "Product", "orders": "Order"}


class Catalogue:
    """One shop's products and orders."""

    def __init__(self, settings: Settings, sandbox: SandboxClient) -> None:
        """Start with empty models."""
        self.settings, self.sandbox = settings, sandbox
        for sync in COLUMNS:
            self.want(sync, [])

    def numbers(self, sync: str, first: int) -> list[int]:
        """Numbers of the first products or orders of the shop."""
        answer = self.sandbox.ask(f"{{ {sync}(first: {first}) {{ nodes {{ id }} }} }}", shop=US)
        return sorted(int(node["id"].rpartition("/")[2]) for node in answer[sync]["nodes"])

    def want(self, sync: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Replace the model of a sync: rows without their shop."""
        columns, table = COLUMNS[sync], f"syncs.sync_shopify__{sync}"
        types = {"string": pa.string(), "bigint": pa.int64()}
        schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
        with Warehouse(self.settings).session() as session:
            session.execute("create schema if not exists syncs")
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            session.execute(f"create or replace table {table} ({listed})")
            if rows:
                dicts = [dict(zip(columns, ("us", *row), strict=True)) for row in rows]
                session.append(table, pa.Table.from_pylist(dicts, schema=schema))

    def plan(self, sync: str) -> Plan:
        """Plan one sync for the one shop."""
        return plan_sync(self.settings, sync, "us")

    def deliver(self, sync: str, rows: Sequence[tuple[Any, ...]]) -> DeliveryReport:
        """Want, plan and apply, whatever the guards say."""
        self.want(sync, rows)
        return apply_plan(self.settings, self.plan(sync).plan_id, allow_large_change=True)

    def carried(self, sync: str) -> dict[int, tuple[dict[str, str], set[str]]]:
        """Our metafields and our tags, by number."""
        written = self.sandbox.state(US)["written"][KINDS[sync]]
        found = {}
        for number, record in written.items():
            tags = {tag for tag in record["tags"] if tag.startswith("boomerang:")}
            values = {key.removeprefix("boomerang."): value for key, value in record["metafields"].items()}
            found[int(number)] = (values, tags)
        return found
