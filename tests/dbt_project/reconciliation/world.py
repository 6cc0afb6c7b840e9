"""Orders that went their way through shop, ERP and warehouse without a hitch, as raw rows; tests break some."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import duckdb

from tests.dbt_project.raw_tables import create_raw_tables, insert_rows

Row = dict[str, Any]
# Where all feeds have come to; a Wednesday.
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)
PLACED = datetime(2026, 11, 16, 10, tzinfo=UTC)
SHOP, ERP, PARTNER = "us", "netsuite", "shipbob"
STORE, EAST, WEST = 70, 71, 72
PLACES = {STORE: None, EAST: "E1", WEST: "W1"}
ENTITIES = {
    SHOP: ("orders", "fulfillment_orders", "inventory", "products", "locations", "returns", "gift_cards", "payouts",
           "balance_transactions", "disputes"),
    ERP: ("items", "item_components", "item_aliases", "price_lists", "prices", "customers", "locations", "sales_orders",
          "fulfillments", "invoices", "credit_memos", "payments", "gl_entries", "bank_lines", "inventory_balances",
          "purchase_receipts", "return_receipts", "transfers", "inventory_adjustments", "exchange_rates"),
    PARTNER: ("warehouses", "orders", "shipments", "inventory_snapshots", "movements", "receipts", "returns"),
}  # fmt: skip


def minutes(count: float) -> timedelta:
    """A span of minutes."""
    return timedelta(minutes=count)


class World:
    """Rows by source and table, kept until `write`."""

    def __init__(self) -> None:
        """A shop with a store and two warehouses that a partner runs, two items, and feeds that are up to date."""
        self.rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.problems: list[Row] = []
        self.reached = {(connection, entity): NOW for connection, names in ENTITIES.items() for entity in names}
        self.add("shopify", "shops", shop=SHOP, iana_timezone="America/New_York", currency="USD", taxes_included=False)
        for place, code in PLACES.items():
            self.add("shopify", "locations", shop=SHOP, location_id=place, name=f"Place {place}", is_active=True,
                     ships_inventory=code is not None, fulfills_online_orders=code is not None)  # fmt: skip
            self.add("erp", "locations", erp=ERP, location_id=f"L{place}", name=f"Place {place}",
                     shopify_reference=f"gid://shopify/Location/{place}", partner=PARTNER if code else None,
                     warehouse_code=code)  # fmt: skip
            if code:
                self.add(
                    "threepl", "warehouses", partner=PARTNER, warehouse_code=code, name=code, zone="America/New_York"
                )
        for sku in ("A-1", "B-1"):
            self.item(sku)

    def add(self, source: str, table: str, **row: Any) -> Row:
        """Keep a row; returns it, so that it can still be changed."""
        self.rows[source, table].append(row)
        return row

    def drop(self, source: str, table: str, **like: Any) -> None:
        """Forget rows; there must be some."""
        kept = [row for row in self.rows[source, table] if not like.items() <= row.items()]
        assert len(kept) < len(self.rows[source, table]), (table, like)
        self.rows[source, table] = kept

    def change(self, source: str, table: str, change: Callable[[Row], Any] | Row, **like: Any) -> None:
        """Change rows in place; there must be some."""
        found = [row for row in self.rows[source, table] if like.items() <= row.items()]
        assert found, (table, like)
        for row in found:
            row.update(change if isinstance(change, dict) else change(row))

    def item(self, sku: str, **given: Any) -> None:
        """An item that shop, ERP and partner know."""
        self.add("shopify", "inventory_items", shop=SHOP, inventory_item_id=len(sku) * 1000 + sum(map(ord, sku)),
                 sku=sku,
                 is_tracked=True)  # fmt: skip
        self.add("erp", "items", **{"erp": ERP, "item_id": f"I-{sku}", "sku": sku, "name": sku,
                 "item_type": "inventory",
                                    "barcode": f"B{sku}", "is_active": True, "cost_amount": Decimal(4),
                                    "cost_currency": "USD", **given})  # fmt: skip

    def order(
        self,
        number: int,
        sku: str = "A-1",
        units: int = 1,
        price: int = 10,
        *,
        at: datetime = PLACED,
        until: str = "paid",
    ) -> None:
        """An order that was placed, paid, shipped from EAST and booked; `until` may end it earlier: placed, ready."""
        order_id, line_id, total = number, number * 10, Decimal(units * price)
        whole = {"shop": SHOP, "order_id": order_id}
        self.add("shopify", "orders", **whole, name=f"#{number}", customer_id=900 + number, currency="USD",
                 presentment_currency="USD", total_amount=total, original_total_amount=total,
                 current_total_amount=total,
                 subtotal_amount=total, received_amount=total, financial_status="PAID", created_at=at, processed_at=at,
                 updated_at=at)  # fmt: skip
        self.add("shopify", "order_lines", **whole, order_line_id=line_id, sku=sku, quantity=units,
                 current_quantity=units, unit_price_amount=Decimal(price), requires_shipping=True)  # fmt: skip
        self.add("shopify", "order_transactions", **whole, transaction_id=number * 100, kind="SALE", status="SUCCESS",
                 gateway="shopify_payments", amount=total, processed_at=at, created_at=at)  # fmt: skip
        self.add("shopify", "fulfillment_orders", **whole, fulfillment_order_id=number, location_id=EAST,
                 status="CLOSED" if until == "paid" else "OPEN", created_at=at, updated_at=at)  # fmt: skip
        self._in_erp(number, sku, units, price, at)
        self.add("threepl", "orders", partner=PARTNER, order_id=f"P{number}", order_reference=str(order_id),
                 order_number=f"#{number}", warehouse_code="E1", received_at=at + minutes(10),
                 status="completed" if until == "paid" else "processing", updated_at=at + minutes(10))  # fmt: skip
        self.add("threepl", "order_lines", partner=PARTNER, order_id=f"P{number}", line_number=1, sku=sku,
                 quantity=Decimal(units))  # fmt: skip
        if until == "paid":
            self._shipped(number, sku, units, at + minutes(300))
            self._booked(number, sku, units, price, at + minutes(340))

    def _in_erp(self, number: int, sku: str, units: int, price: int, at: datetime) -> None:
        total, created = Decimal(units * price), at + minutes(10)
        self.add("erp", "customers", erp=ERP, customer_id=f"C{number}", name=f"Customer {number}", is_active=True,
                 shopify_reference=str(900 + number))  # fmt: skip
        self.add("erp", "sales_orders", erp=ERP, sales_order_id=f"S{number}", number=f"SO{number}",
                 shopify_reference=f"gid://shopify/Order/{number}", customer_id=f"C{number}", order_date=at.date(),
                 created_at=created, updated_at=created, status="billed", currency="USD", exchange_rate=Decimal(1),
                 total_amount=total, tax_amount=Decimal(0), shipping_amount=Decimal(0),
                 discount_amount=Decimal(0))  # fmt: skip
        self.add("erp", "sales_order_lines", erp=ERP, line_id=f"S{number}-1", sales_order_id=f"S{number}",
                 line_number=1,
                 line_type="item", item_id=f"I-{sku}", sku=sku, quantity=Decimal(units), net_amount=total,
                 unit_price_amount=Decimal(price), location_id=f"L{EAST}")  # fmt: skip
        self.add("erp", "payments", erp=ERP, payment_id=f"M{number}", number=f"PAY{number}", kind="payment",
                 sales_order_id=f"S{number}", gateway_reference=str(number * 100), payment_date=at.date(),
                 created_at=at + minutes(30), currency="USD", amount=total)  # fmt: skip

    def _shipped(self, number: int, sku: str, units: int, at: datetime) -> None:
        self.add("threepl", "shipments", partner=PARTNER, shipment_id=f"H{number}", order_id=f"P{number}",
                 order_reference=str(number), warehouse_code="E1", status="shipped", created_at=at - minutes(60),
                 labeled_at=at - minutes(30), shipped_at=at, tracking_number=f"UPS {number}",
                 updated_at=at)  # fmt: skip
        self.add("threepl", "shipment_lines", partner=PARTNER, shipment_id=f"H{number}", line_number=1, sku=sku,
                 quantity=Decimal(units), ordered_quantity=Decimal(units))  # fmt: skip
        self.add("shopify", "fulfillments", shop=SHOP, fulfillment_id=number, order_id=number, location_id=EAST,
                 status="SUCCESS", tracking_number=f"ups{number}", created_at=at + minutes(20),
                 order_created_at=PLACED)  # fmt: skip
        self.add("shopify", "fulfillment_lines", shop=SHOP, fulfillment_line_id=number, fulfillment_id=number,
                 order_line_id=number * 10, quantity=units)  # fmt: skip

    def _booked(self, number: int, sku: str, units: int, price: int, at: datetime) -> None:
        total = Decimal(units * price)
        self.add("erp", "fulfillments", erp=ERP, fulfillment_id=f"F{number}", number=f"IF{number}", status="shipped",
                 sales_order_id=f"S{number}", shipped_date=at.date(), created_at=at, location_id=f"L{EAST}",
                 tracking_numbers=f"UPS{number}")  # fmt: skip
        self.add("erp", "fulfillment_lines", erp=ERP, line_id=f"F{number}-1", fulfillment_id=f"F{number}", sku=sku,
                 sales_order_line_id=f"S{number}-1", item_id=f"I-{sku}", quantity=Decimal(units))  # fmt: skip
        self.add("erp", "invoices", erp=ERP, invoice_id=f"V{number}", number=f"INV{number}", status="paid",
                 sales_order_id=f"S{number}", invoice_date=at.date(), created_at=at, currency="USD",
                 exchange_rate=Decimal(1), total_amount=total, tax_amount=Decimal(0),
                 shipping_amount=Decimal(0))  # fmt: skip
        self.posted(f"F{number}", "fulfillment", f"IF{number}", ("cogs", 4 * units), ("inventory", -4 * units), at=at)
        self.posted(f"V{number}", "invoice", f"INV{number}", ("receivable", total), ("revenue", -total), at=at)

    def posted(
        self,
        document: str,
        kind: str,
        number: str,
        *lines: tuple[str, float | Decimal],
        at: datetime = PLACED,
        **given: Any,
    ) -> None:
        """Entries of a document in the ledger: account types and amounts, debits positive."""
        for place, (account, amount) in enumerate(lines):
            money = Decimal(str(amount))
            self.add("erp", "gl_entries", **{
                "erp": ERP, "gl_entry_id": f"{document}-{place}", "document_id": document, "document_type": kind,
                "document_number": number, "posting_date": at.date(), "period": f"{at:%Y-%m}", "is_posted": True,
                "is_manual": False, "account_code": f"{account}-US", "account_type": account, "currency": "USD",
                "debit_amount": max(money, Decimal(0)), "credit_amount": max(-money, Decimal(0)), "created_at": at,
                "updated_at": at, **given,
            })  # fmt: skip

    def write(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make all raw tables, and put the rows in."""
        create_raw_tables(connection)
        for (source, table), rows in self.rows.items():
            connection.execute(f"delete from raw_{source}.{table}")
            insert_rows(connection, table, rows, source)
        connection.execute("delete from ops.extraction_windows")
        for (name, entity), reached in self.reached.items():
            connection.execute(
                "insert into ops.extraction_windows (window_id, shop, entity, mode, window_to, extracted_at, state) "
                "values (?, ?, ?, 'incremental', ?, ?, 'loaded')",
                [f"{name}.{entity}", name, entity, reached, reached],
            )
        connection.execute("delete from ops.feed_problems")
        for problem in self.problems:
            connection.execute(
                "insert into ops.feed_problems (problem_id, source, connection, feed, code, message, detected_at, "
                "cleared_at) values (?, ?, ?, ?, ?, 'said so', ?, ?)",
                [problem["connection"] + problem["feed"], problem["source"], problem["connection"], problem["feed"],
                 problem["code"], NOW, problem.get("cleared_at")],
            )  # fmt: skip
