"""Export files as Shopify writes them, small enough to read, and the way they take through door and load."""

import copy
import gzip
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival
from pipelines.door.admission import admit
from pipelines.intake import ledger
from pipelines.intake.ledger import Mode, Window
from pipelines.loading.load import LoadItem, ensure_tables, load
from pipelines.shopify.contract import shopify_contract
from pipelines.warehouse import Warehouse

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
Line = dict[str, Any] | str


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings of one shop whose data are in a folder of the test."""
    shop = {"domain": "boomerang-us.myshopify.com", "base_url": "http://127.0.0.1:1", "access_token": "dummy"}
    shops = more.pop("shops", {"us": shop})
    return Settings(data_dir=folder / "data", shops=shops, **more)


def money(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount}}


def transaction(number: int, /, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/OrderTransaction/{number}",
        "kind": "SALE",
        "status": "SUCCESS",
        "test": False,
        "gateway": "shopify_payments",
        "createdAt": "2026-02-01T10:00:00Z",
        "processedAt": "2026-02-01T10:00:00Z",
        "errorCode": None,
        "parentTransaction": None,
        "amountSet": {**money("20.0"), "presentmentMoney": {"amount": "20.0", "currencyCode": "USD"}},
        **changes,
    }


def order(number: int, /, **changes: Any) -> dict[str, Any]:
    """A good order line; `changes` replace keys, None as a value stays null."""
    line = {
        "__typename": "Order",
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "number": number,
        "createdAt": "2026-02-01T10:00:00Z",
        "processedAt": "2026-02-01T10:00:00Z",
        "updatedAt": "2026-02-02T10:00:00Z",
        "cancelledAt": None,
        "test": False,
        "edited": False,
        "confirmed": True,
        "taxesIncluded": False,
        "currencyCode": "USD",
        "presentmentCurrencyCode": "USD",
        "displayFinancialStatus": "PAID",
        "displayFulfillmentStatus": "FULFILLED",
        "returnStatus": "NO_RETURN",
        "tags": ["vip", "web"],
        "discountCodes": [],
        "customer": {"id": "gid://shopify/Customer/7"},
        "shippingAddress": {"countryCodeV2": "US", "provinceCode": "NY", "city": "New York", "zip": "10001"},
        "billingAddress": {"countryCodeV2": "US", "provinceCode": "NY"},
        "totalPriceSet": {**money("20.0"), "presentmentMoney": {"amount": "20.0"}},
        "transactions": [transaction(number * 10)],
        "refunds": [],
        "fulfillments": [],
    }
    for name in ("originalTotalPrice", "totalShippingPrice", "currentTotalPrice", "currentSubtotalPrice"):
        line[f"{name}Set"] = money("20.0")
    for name in ("totalRefunded", "totalReceived", "netPayment", "totalOutstanding"):
        line[f"{name}Set"] = money("0.0")
    return {**copy.deepcopy(line), **changes}


def line_item(number: int, order_number: int, /, **changes: Any) -> dict[str, Any]:
    return {
        "__typename": "LineItem",
        "id": f"gid://shopify/LineItem/{number}",
        "sku": "SKU-1",
        "title": "Boomerang",
        "quantity": 2,
        "currentQuantity": 2,
        "isGiftCard": False,
        "taxable": True,
        "requiresShipping": True,
        "product": {"id": "gid://shopify/Product/3"},
        "variant": {"id": "gid://shopify/ProductVariant/4"},
        "originalUnitPriceSet": money("10.0"),
        "originalTotalSet": money("20.0"),
        "discountedTotalSet": money("20.0"),
        "discountAllocations": [],
        "taxLines": [{"title": "State tax", "rate": 0.08, "priceSet": money("1.6")}],
        "__parentId": f"gid://shopify/Order/{order_number}",
        **changes,
    }


def good_orders(count: int = 3) -> list[Line]:
    """Orders 1..count with two lines each, children after all parents."""
    lines: list[Line] = [order(number) for number in range(1, count + 1)]
    lines += [line_item(number * 10 + place, number) for place in (1, 2) for number in range(1, count + 1)]
    return lines


def write(path: Path, lines: Iterable[Line], *, end: str = "\n", compressed: bool = False) -> Path:
    """Write lines as Shopify does, slashes escaped; texts are written as they are."""
    texts = [line if isinstance(line, str) else json.dumps(line).replace("/", "\\/") for line in lines]
    content = "".join(f"{text}\n" for text in texts[:-1]) + (texts[-1] + end if texts else "")
    path.parent.mkdir(parents=True, exist_ok=True)
    if compressed:
        with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
            file.write(content)
    else:
        path.write_text(content, encoding="utf-8", newline="")
    return path


def arrival(entity: str = "orders", window_id: str = "w1", at: datetime = NOON) -> Arrival:
    return Arrival("shopify", "us", entity, window_id, "run-1", at)


def through_the_door(
    settings: Settings, lines: Iterable[Line], *, entity: str = "orders", announced: int | None = None, **how: Any
) -> Admitted:
    """Write an export and read it; the announced number of lines is the real one unless given."""
    given = list(lines)
    name = "export.jsonl.gz" if how.get("compressed") else "export.jsonl"
    path = write(settings.data_dir / name, given, **how)
    count = len(given) if announced is None else announced
    folder = settings.data_dir / "rows"
    return admit(settings, shopify_contract(settings), arrival(entity), path, folder, lines=count)


def load_lines(
    settings: Settings,
    lines: Iterable[Line],
    *,
    entity: str = "orders",
    window_id: str = "w1",
    mode: Mode = "incremental",
    at: datetime = NOON,
    node_ids: tuple[int, ...] = (),
) -> Admitted:
    """Bring an export into the warehouse as a window of its own."""
    contract = shopify_contract(settings)
    given = list(lines)
    path = write(settings.data_dir / "export.jsonl", given)
    window = Window(window_id, "us", entity, mode, None, at, at, "run-1", expected_rows=len(given))
    with Warehouse(settings).session() as session:
        ensure_tables(session, contract)
        ledger.plan(session, window)
    admitted = admit(
        settings, contract, arrival(entity, window_id, at), path, settings.data_dir / "rows", lines=len(given)
    )
    item = LoadItem(window, admitted, node_ids)
    load(settings, contract, "us", [item])
    if item.failure is not None:
        raise item.failure
    return admitted


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    """Rows of the warehouse."""
    with Warehouse(settings).session() as session:
        return session.rows(sql)


def read(file: Path) -> list[dict[str, Any]]:
    """Rows of a Parquet file."""
    found = duckdb.sql(f"set timezone = 'UTC'; select * from read_parquet('{file}')")
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


def letters(admitted: Admitted) -> list[tuple[Any, ...]]:
    """Table, key, rules and sentence of each dead letter."""
    assert admitted.dead_letters is not None
    return duckdb.sql(
        f"select table_name, row_key, rule, message from read_parquet('{admitted.dead_letters}') order by all"
    ).fetchall()
