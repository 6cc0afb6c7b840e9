"""Metafield values: what each type accepts and the form in which it is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

MAX_INTEGER = 9_007_199_254_740_991
MAX_DECIMAL = Decimal("9999999999999.999999999")
MAX_LIST = 128
MAX_BYTES = {"id": 2_048, "url": 2_048, "json": 131_072}
DEFAULT_MAX_BYTES = 65_536
MEASURES = {
    "dimension": {"MILLIMETERS", "CENTIMETERS", "METERS", "INCHES", "FEET", "YARDS"},
    "weight": {"GRAMS", "KILOGRAMS", "OUNCES", "POUNDS"},
    "volume": {"MILLILITERS", "CENTILITERS", "LITERS", "CUBIC_METERS", "FLUID_OUNCES", "PINTS", "QUARTS", "GALLONS"},
}
# Old spellings and abbreviations that are stored as the unit's name.
_UNITS = {
    "mm": "MILLIMETERS", "cm": "CENTIMETERS", "m": "METERS", "in": "INCHES", "ft": "FEET", "yd": "YARDS",
    "g": "GRAMS", "kg": "KILOGRAMS", "oz": "OUNCES", "lb": "POUNDS", "ml": "MILLILITERS", "cl": "CENTILITERS",
    "l": "LITERS",
}  # fmt: skip


@dataclass
class InvalidValue(Exception):
    """A value that the type or the definition refuses."""

    message: str
    code: str = "INVALID_VALUE"
    element: int | None = None


def normalise(type_name: str, value: str) -> str:
    """Return the stored form of a value; raises InvalidValue."""
    if len(value.encode()) > MAX_BYTES.get(type_name, DEFAULT_MAX_BYTES):
        raise InvalidValue(
            f"Value is too long (maximum is {MAX_BYTES.get(type_name, DEFAULT_MAX_BYTES)} bytes).", "TOO_LONG"
        )
    if not value.strip():
        raise InvalidValue("Value can't be blank.", "BLANK")
    if type_name.startswith("list."):
        return _list(type_name[5:], value)
    return _SCALARS[type_name](value)


def known(type_name: str) -> bool:
    """Tell whether a metafield type exists here."""
    return (type_name[5:] if type_name.startswith("list.") else type_name) in _SCALARS


def type_names() -> list[str]:
    """Return the names of all types, lists included."""
    no_list = {"boolean", "json", "multi_line_text_field", "money", "id"}
    return sorted([*_SCALARS, *(f"list.{name}" for name in _SCALARS if name not in no_list)])


def _list(inner: str, value: str) -> str:
    try:
        items = json.loads(value)
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise InvalidValue("Value must be an array.")
    if len(items) > MAX_LIST:
        raise InvalidValue(f"Value has more than {MAX_LIST} elements.")
    stored: list[Any] = []
    for index, item in enumerate(items):
        text = item if isinstance(item, str) else json.dumps(item)
        try:
            kept = _SCALARS[inner](text)
        except InvalidValue as problem:
            raise InvalidValue(problem.message, problem.code, index) from problem
        as_json = inner in ("number_integer", "rating", *MEASURES)
        stored.append(json.loads(kept) if as_json else kept)
    return _compact(stored)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _boolean(value: str) -> str:
    word = value.strip().lower()
    if word not in ("true", "false", "t", "f", "1", "0"):
        raise InvalidValue("Value must be true or false.")
    return "true" if word in ("true", "t", "1") else "false"


def _integer(value: str) -> str:
    match = re.fullmatch(r"(-?\d+)(?:\.0+)?", value.strip())
    if not match:
        raise InvalidValue("Value must be an integer.")
    number = int(match[1])
    if abs(number) > MAX_INTEGER:
        side, bound = ("maximum", MAX_INTEGER) if number > 0 else ("minimum", -MAX_INTEGER)
        raise InvalidValue(f"Value has a {side} of {bound}.")
    return str(number)


def _decimal(value: str) -> str:
    if not re.fullmatch(r"-?\d+(\.\d+)?", value.strip()):
        raise InvalidValue("Value must be a decimal.")
    try:
        number = Decimal(value.strip()).quantize(Decimal("1e-9"), rounding=ROUND_DOWN)
    except InvalidOperation:
        number = MAX_DECIMAL + 1
    if abs(number) > MAX_DECIMAL:
        raise InvalidValue(f"Value has a maximum of {MAX_DECIMAL}.")
    text = f"{number:f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def _single_line(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise InvalidValue("Value must be a single line text string.")
    return value


def _date(value: str) -> str:
    try:
        return (
            date.fromisoformat(value.strip()).isoformat()
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value.strip())
            else _wrong_date()
        )
    except ValueError:
        return _wrong_date()


def _wrong_date() -> str:
    raise InvalidValue('Value must be in "YYYY-MM-DD" format. For example: 2022-06-01')


def _date_time(value: str) -> str:
    try:
        moment = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError as problem:
        raise InvalidValue(
            'Value must be in "YYYY-MM-DDTHH:MM:SS" format. For example: 2022-06-01T15:30:00'
        ) from problem
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(microsecond=0).isoformat()


def _json(value: str) -> str:
    try:
        return _compact(json.loads(value))
    except ValueError as problem:
        raise InvalidValue(f"Value is invalid JSON: {problem}.") from problem


def _object(value: str, *keys: str) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except ValueError:
        found = None
    if not isinstance(found, dict) or not all(key in found for key in keys):
        raise InvalidValue(f"Value must be a JSON object with the keys {', '.join(keys)}.")
    return found


def _money(value: str) -> str:
    found = _object(value, "amount", "currency_code")
    amount = Decimal(_decimal(str(found["amount"]))).quantize(Decimal("0.01"))
    return _compact({"amount": f"{amount:f}", "currency_code": found["currency_code"]})


def _rating(value: str) -> str:
    found = _object(value, "value", "scale_min", "scale_max")
    number, low, high = (Decimal(_decimal(str(found[key]))) for key in ("value", "scale_min", "scale_max"))
    if not low <= number <= high:
        raise InvalidValue(f"Value must be between {low} and {high}.")
    return _compact({key: _decimal(str(found[key])) for key in ("scale_min", "scale_max", "value")})


def _measure(name: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        found = _object(value, "value", "unit")
        unit = _UNITS.get(str(found["unit"]).lower(), str(found["unit"]).upper())
        if unit not in MEASURES[name]:
            raise InvalidValue(f"Unit must be one of: {', '.join(sorted(MEASURES[name]))}.")
        return _compact({"value": float(found["value"]), "unit": unit})

    return check


def _matching(pattern: str, message: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value.strip()):
            raise InvalidValue(message)
        return value.strip()

    return check


_SCALARS: dict[str, Callable[[str], str]] = {
    "boolean": _boolean,
    "number_integer": _integer,
    "number_decimal": _decimal,
    "single_line_text_field": _single_line,
    "multi_line_text_field": lambda value: value,
    "date": _date,
    "date_time": _date_time,
    "json": _json,
    "money": _money,
    "rating": _rating,
    "dimension": _measure("dimension"),
    "weight": _measure("weight"),
    "volume": _measure("volume"),
    "color": _matching(r"#[0-9A-Fa-f]{6}", "Value must be a hex color code: # followed by 6 letters and numbers."),
    "url": _matching(
        r"(https?|mailto|sms|tel):\S+", "Value must be one of the following URL schemes: http, https, mailto, sms, tel."
    ),
    "id": _single_line,
    "customer_reference": _matching(r"gid://shopify/Customer/\d+", "Value must be a valid customer reference."),
    "product_reference": _matching(r"gid://shopify/Product/\d+", "Value must be a valid product reference."),
    "variant_reference": _matching(
        r"gid://shopify/ProductVariant/\d+", "Value must be a valid product variant reference."
    ),
    "order_reference": _matching(r"gid://shopify/Order/\d+", "Value must be a valid order reference."),
}
