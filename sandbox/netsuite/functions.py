"""Functions of SuiteQL that SQLite does not have, or has otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

from sandbox.netsuite.dates import (
    add_days,
    day_of,
    midnight,
    month_of,
    print_day,
    print_instant,
    read_day,
    read_instant,
)

# Parsed as they are written, not as what the parser takes them for: their names get this prefix first.
PREFIX = "ns_"
OWN = frozenset(
    ["TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "TO_TIMESTAMP_TZ", "TO_NUMBER", "NVL", "NVL2", "TRUNC", "DECODE",
     "GREATEST", "LEAST", "ADD_MONTHS", "DF"]
)  # fmt: skip
# Others that SuiteQL knows and that mean the same in SQLite, by the parser's names for them.
SHARED = frozenset(
    ["SUM", "COUNT", "MIN", "MAX", "AVG", "COALESCE", "CASE", "IF", "UPPER", "LOWER", "SUBSTRING", "LENGTH", "REPLACE",
     "TRIM", "ABS", "ROUND", "FLOOR", "CEIL", "SIGN", "STR_POSITION", "INSTR", "GROUP_CONCAT", "CONCAT", "CAST",
     "NULLIF", "MOD", "ROW_NUMBER", "RANK", "DENSE_RANK", "LAG", "LEAD", "CURRENT_DATE", "CURRENT_TIMESTAMP",
     "LTRIM", "RTRIM", "LPAD", "EXISTS", "AND", "OR", "XOR"]
)  # fmt: skip

_STATUSES = {
    ("SalesOrd", "A"): "Sales Order : Pending Approval", ("SalesOrd", "B"): "Sales Order : Pending Fulfillment",
    ("SalesOrd", "C"): "Sales Order : Cancelled", ("SalesOrd", "D"): "Sales Order : Partially Fulfilled",
    ("SalesOrd", "F"): "Sales Order : Pending Billing", ("SalesOrd", "G"): "Sales Order : Billed",
    ("SalesOrd", "H"): "Sales Order : Closed", ("CustInvc", "A"): "Invoice : Open",
    ("CustInvc", "B"): "Invoice : Paid In Full", ("ItemShip", "C"): "Item Fulfillment : Shipped",
}  # fmt: skip


def status_name(kind: str | None, status: str | None) -> str | None:
    """Return what people read for a status letter."""
    return _STATUSES.get((kind or "", status or ""), status)


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _greatest(*values: Any) -> Any:
    return None if None in values else max(values)


def _least(*values: Any) -> Any:
    return None if None in values else min(values)


def _decode(value: Any, *pairs: Any) -> Any:
    for wanted, result in zip(pairs[::2], pairs[1::2], strict=False):
        if value == wanted:
            return result
    return pairs[-1] if len(pairs) % 2 else None


def _trunc(value: float | None, digits: int = 0) -> float | None:
    return None if value is None else int(value * 10**digits) / 10**digits


def _add_months(day: str | None, months: float | None) -> str | None:
    if day is None or months is None:
        return None
    total = int(day[:4]) * 12 + int(day[5:7]) - 1 + int(months)
    return f"{total // 12:04d}-{total % 12 + 1:02d}-{min(int(day[8:10]), 28):02d}"


_REGISTERED: dict[str, Callable[..., Any]] = {
    "char_instant": print_instant, "char_day": print_day, "char_text": _text, "to_number": _number,
    "read_instant": read_instant, "read_day": read_day, "midnight": midnight, "day_of": day_of, "add_days": add_days,
    "month_of": month_of, "greatest": _greatest, "least": _least, "decode": _decode, "trunc": _trunc,
    "add_months": _add_months, "status_name": status_name,
}  # fmt: skip


def register(connection: sqlite3.Connection) -> None:
    """Make the functions known to a connection."""
    for name, function in _REGISTERED.items():
        connection.create_function(f"{PREFIX}{name}", -1, function, deterministic=True)
