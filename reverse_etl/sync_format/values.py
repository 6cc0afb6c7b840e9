"""Metafield values in the one form in which they are sent, remembered and compared.

An equal value must never be sent twice, so a value has exactly one spelling on our side: the SQL expressions below make
it where the diff runs, the same text on every warehouse, and `canonical` brings a value that was read back from Shopify
into the same spelling. Shopify itself rewrites what it stores (`"TRUE"` becomes `true`, instants lose their fraction
and get `+00:00`, JSON becomes compact); comparing raw text would rewrite such values in every run.

JSON is sent and remembered as the model spells it: to parse and print it sorts the keys on one engine and rewrites the
numbers on another. What Shopify makes of it is recognised by `same`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any, Literal, get_args

MetafieldType = Literal[
    "boolean",
    "number_integer",
    "number_decimal",
    "single_line_text_field",
    "multi_line_text_field",
    "url",
    "date",
    "date_time",
    "json",
    "money",
    "rating",
    "dimension",
    "weight",
    "volume",
    "list.single_line_text_field",
    "list.number_integer",
    "list.number_decimal",
    "list.date",
    "list.url",
]
MEASUREMENT_TYPES = ("dimension", "weight", "volume")
FRACTION_DIGITS = 9  # Shopify cuts number_decimal after nine


@dataclass(frozen=True)
class Encoding:
    """How one attribute is made: `raw`, a text over the model's columns, then `final` over the name of the raw value.

    Two steps, because an engine computes a common subexpression inside CASE once per mention, and because a raw value
    that equals a final one is final: the diff leaves the second step out where nothing has changed.
    """

    raw: str
    final: Callable[[str], str]


def encoding(
    type_name: str,
    column: str,
    *,
    currency_column: str | None = None,
    unit: str | None = None,
    scale: tuple[str, str] | None = None,
    is_float: bool = False,
) -> Encoding:
    """SQL that turns `column` into the canonical text of metafield type `type_name`; NULL stays NULL, blank too.

    `currency_column` is needed for money, `unit` for dimension, weight and volume, `scale` (min, max) for rating.
    `is_float` says that the column is a binary floating-point number, whose text could have an exponent.
    """
    if type_name == "boolean":
        return Encoding(f"case when {column} then 'true' when not {column} then 'false' end", _same)
    if type_name == "number_integer":
        return Encoding(f"cast(cast(round({column}) as bigint) as string)", _same)
    if type_name == "number_decimal":
        return Encoding(_number_text(column, is_float), _trimmed)
    if type_name == "date":
        return Encoding(f"cast(cast({column} as date) as string)", _same)
    if type_name == "date_time":
        return Encoding(f"cast(cast({column} as timestamp) as string)", _instant_text)
    if type_name == "money":
        amount = f"cast(cast(round({column}, 2) as decimal(31, 2)) as string)"
        tail = f'concat(\'","currency_code":"\', {currency_column}, \'"}}\')'
        return Encoding(
            f"case when {currency_column} is not null then {amount} end",
            lambda v: _wrapped('{"amount":"', v, _two_digits(v), tail),
        )
    if type_name == "rating" and scale is not None:
        low, high = (_decimal(text) for text in scale)
        tail = f"""'","scale_min":"{low}","scale_max":"{high}"}}'"""
        return Encoding(_number_text(column, is_float), lambda v: _wrapped('{"value":"', v, _trimmed(v), tail))
    if type_name in MEASUREMENT_TYPES:
        tail = f"""',"unit":"{unit}"}}'"""
        return Encoding(_number_text(column, is_float), lambda v: _wrapped('{"value":', v, _trimmed(v), tail))
    # Text, and what is text in the model: JSON and lists. Blank means spaces: engines differ in what else trim() takes.
    return Encoding(column, lambda v: f"case when trim({v}, ' ') <> '' then {v} end")


def same(type_name: str, ours: str | None, theirs: str) -> bool:
    """Whether a value as Shopify returned it is the one that was sent."""
    return ours is not None and (ours == theirs or canonical(type_name, ours) == canonical(type_name, theirs))


def canonical(type_name: str, text: str) -> str:
    """The canonical spelling of a value as Shopify returned it; text that does not parse is returned unchanged."""
    try:
        return _CANONICAL.get(type_name, _same)(text)
    except (ValueError, ArithmeticError, KeyError, TypeError):
        return text


def _same(value: str) -> str:
    return value


def _number_text(column: str, is_float: bool) -> str:
    exact = f"cast({column} as decimal(38, {FRACTION_DIGITS}))" if is_float else column
    return f"cast({exact} as string)"


def _trimmed(value: str) -> str:
    """At least one fraction digit, no further trailing zeros: 10.0, 0.25, as Shopify writes decimals.

    Engines differ in the zeros and the point that a cast to text leaves. Trimming is slow, so it is done only where
    there is a zero to trim.
    """
    cut = f"rtrim({value}, '0')"
    return (
        f"case when not {value} like '%.%' then concat({value}, '.0') when not {value} like '%0' then {value} "
        f"when {cut} like '%.' then concat({cut}, '0') else {cut} end"
    )


def _two_digits(value: str) -> str:
    """An amount that is rounded, with two fraction digits; engines print none, some, or zeros up to a type's scale."""
    cut = f"rtrim({value}, '0')"
    return (
        f"case when {value} like '%.__' then {value} when not {value} like '%.%' then concat({value}, '.00') "
        f"when {cut} like '%.' then concat({cut}, '00') when {cut} like '%._' then concat({cut}, '0') else {cut} end"
    )


def _instant_text(value: str) -> str:
    """As Shopify stores date_time: no fraction, explicit +00:00. All engines print a clock alike up to the second."""
    return f"case when {value} is not null then concat(replace(substr({value}, 1, 19), ' ', 'T'), '+00:00') end"


def _wrapped(head: str, value: str, text: str, tail: str) -> str:
    return f"case when {value} is not null then concat('{head}', {text}, {tail}) end"


def _decimal(text: str) -> str:
    number = Decimal(text).quantize(Decimal(1).scaleb(-FRACTION_DIGITS), rounding=ROUND_DOWN)
    digits = f"{number:f}".rstrip("0")
    return digits + "0" if digits.endswith(".") else digits


def _boolean(text: str) -> str:
    return {"true": "true", "t": "true", "1": "true"}.get(text.strip().lower(), "false")


def _integer(text: str) -> str:
    return str(int(Decimal(text)))


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.replace(microsecond=0).isoformat()


def _compact(value: Any) -> str:  # any JSON
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _json(text: str) -> str:
    return _compact(json.loads(text))


def _list(inner: str) -> Callable[[str], str]:
    """Elements as Shopify stores them: decimals as texts, whole numbers as numbers, others as they are."""

    def spelled(text: str) -> str:
        elements = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        if inner == "number_decimal":
            return _compact([_decimal(str(element)) for element in elements])
        return _compact([int(Decimal(str(element))) for element in elements])

    return spelled if inner in ("number_decimal", "number_integer") else _json


def _money(text: str) -> str:
    money = json.loads(text)
    return _compact({"amount": f"{Decimal(str(money['amount'])):.2f}", "currency_code": money["currency_code"]})


def _rating(text: str) -> str:
    rating = json.loads(text)
    return _compact({part: _decimal(str(rating[part])) for part in ("value", "scale_min", "scale_max")})


def _measurement(text: str) -> str:
    measurement = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return f'{{"value":{_decimal(str(measurement["value"]))},"unit":"{measurement["unit"]}"}}'


_CANONICAL: dict[str, Callable[[str], str]] = {
    "boolean": _boolean,
    "number_integer": _integer,
    "number_decimal": _decimal,
    "date_time": _instant,
    "json": _json,
    "money": _money,
    "rating": _rating,
    **dict.fromkeys(MEASUREMENT_TYPES, _measurement),
    **{name: _list(name.removeprefix("list.")) for name in get_args(MetafieldType) if name.startswith("list.")},
}
