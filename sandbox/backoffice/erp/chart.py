"""The chart of accounts, the company's calendar and its currencies. Shops are subsidiaries with books of their own."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

COMPANY_ZONE = ZoneInfo("America/New_York")
SUBSIDIARY = {"us": 1, "eu": 2}
CURRENCIES = {"USD": 1, "EUR": 2, "GBP": 3, "CAD": 4, "CHF": 5}
SHOP_CURRENCY = {"us": "USD", "eu": "EUR"}

# Kind -> (number, name, NetSuite's type, what it is for a reader of the ledger); each subsidiary has its own.
_KINDS: dict[str, tuple[int, str, str, str]] = {
    "bank": (1000, "Checking", "Bank", "bank"),
    "shopify_payments": (1110, "Shopify Payments clearing", "OthCurrAsset", "clearing"),
    "paypal": (1120, "PayPal clearing", "OthCurrAsset", "clearing"),
    "cash": (1130, "Tills", "OthCurrAsset", "other"),
    "reserve": (1140, "Reserves of Shopify Payments", "OthCurrAsset", "reserve"),
    "retry": (1145, "Payouts to be paid again", "OthCurrAsset", "other"),
    "receivable": (1200, "Accounts receivable", "AcctRec", "receivable"),
    "inventory": (1300, "Inventory", "OthCurrAsset", "inventory"),
    "accrued": (2000, "Received, not invoiced", "OthCurrLiab", "other"),
    "deposits": (2100, "Customer deposits", "OthCurrLiab", "deferred_revenue"),
    "tax": (2200, "Sales tax payable", "OthCurrLiab", "tax"),
    "gift_cards": (2350, "Gift cards outstanding", "OthCurrLiab", "gift_card_liability"),
    "opening": (3000, "Opening balance", "Equity", "other"),
    "revenue": (4000, "Sales", "Income", "revenue"),
    "returns": (4010, "Sales returns", "Income", "revenue"),
    "discount": (4050, "Discounts given", "Income", "discount"),
    "adjustment": (4060, "Goodwill and rounding", "Income", "revenue"),
    "shipping": (4100, "Shipping charged", "Income", "shipping"),
    "tips": (4200, "Tips", "Income", "other"),
    "redeemed": (4300, "Gift cards redeemed", "OthIncome", "other"),
    "cogs": (5000, "Cost of goods sold", "COGS", "cogs"),
    "shrinkage": (5100, "Inventory adjustments", "COGS", "other"),
    "fees": (6100, "Payment fees", "Expense", "fees"),
    "corrections": (6120, "Corrections of the payments provider", "Expense", "reserve"),
    "chargebacks": (6150, "Chargebacks", "Expense", "chargeback"),
}
_GATEWAY = {"shopify_payments": "shopify_payments", "paypal": "paypal", "cash": "cash"}
ACCOUNTS = {
    (shop, kind): (subsidiary - 1) * 100 + place + 101
    for shop, subsidiary in SUBSIDIARY.items()
    for place, kind in enumerate(_KINDS)
}


def account_rows() -> list[tuple[int, str, str, str, str, str]]:
    """Return rows of `account`."""
    return [
        (number, f"{_KINDS[kind][0]}-{shop.upper()}", _KINDS[kind][1], _KINDS[kind][2], "F", _KINDS[kind][3])
        for (shop, kind), number in ACCOUNTS.items()
    ]


def gateway_account(shop: str, gateway: str) -> int:
    """Return the account where a gateway's money stands until it reaches the bank."""
    return ACCOUNTS[shop, _GATEWAY.get(gateway, "bank")]


@lru_cache(maxsize=65_536)
def _day(hour: int) -> str:
    return datetime.fromtimestamp(hour * 3600, UTC).astimezone(COMPANY_ZONE).date().isoformat()


def company_day(moment: int) -> str:
    """Return the day of an instant in the company's calendar, ISO text."""
    return _day(moment // 3600)


@lru_cache(maxsize=4_096)
def period_of(day: str) -> int:
    """Return the id of the accounting period of a day."""
    year, month = int(day[:4]), int(day[5:7])
    return (year - 2020) * 12 + month


def period_rows(first: int, last: int) -> list[tuple[int, str, str, str, str, str, str]]:
    """Return rows of `accountingperiod`."""
    rows = []
    for number in range(first, last + 1):
        year, month = 2020 + (number - 1) // 12, (number - 1) % 12 + 1
        start = date(year, month, 1)
        after = date(year + month // 12, month % 12 + 1, 1)
        end = date.fromordinal(after.toordinal() - 1)
        rows.append((number, f"{start:%b %Y}", start.isoformat(), end.isoformat(), "F", "F", "F"))
    return rows


@lru_cache(maxsize=4_096)
def rate(currency: str, day: str) -> float:
    """Return what one unit of a currency is worth in US dollars on a day."""
    base = {"USD": 1.0, "EUR": 1.09, "GBP": 1.27, "CAD": 0.73, "CHF": 1.13}[currency]
    if currency == "USD":
        return 1.0
    return round(base * (1 + 0.02 * math.sin(date.fromisoformat(day).toordinal() / 29)), 6)
