"""What Shopify refuses, said in SQL over values as they would be sent: by type, and by the validations of a definition.

The text that is looked at is canonical (values.py), so a number needs no spelling to be thought of. What only Shopify
can know (rules that somebody added to a definition in the shop, an owner that is gone) is refused there, row by row.
JSON is not parsed here: engines differ in what they take for it.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from reverse_etl.sync_format.sync_fields import MetafieldField
from reverse_etl.sync_format.values import MEASUREMENT_TYPES, canonical

MAX_INTEGER = 9_007_199_254_740_991
MAX_DECIMAL = "9999999999999.999999999"
MAX_ELEMENTS = 128
MAX_LENGTH = {"url": 2_048, "json": 131_072}
DEFAULT_MAX_LENGTH = 65_536
URL_SCHEMES = ("http:", "https:", "mailto:", "sms:", "tel:")
VALUE = "value_after"
_NUMBERS = ("number_integer", "number_decimal")
_TEXT = ("single_line_text_field", "multi_line_text_field")
_COUNTED_BY_COMMA = ("list.number_integer", "list.number_decimal", "list.date")


class Rule(NamedTuple):
    """A condition that is true of a bad value, Shopify's code for it, and what is wrong and to be done."""

    condition: str
    code: str
    reason: str


def rules_of(field: MetafieldField) -> list[Rule]:
    """All rules of a metafield, over a column `value_after`; of several broken ones the first is named."""
    return [*_of_type(field), *(_of_definition(field) if field.validations else ())]


def _of_type(field: MetafieldField) -> Iterator[Rule]:
    longest = MAX_LENGTH.get(field.type, DEFAULT_MAX_LENGTH)
    message = f"longer than the {longest} characters that Shopify takes; shorten it in the model"
    yield Rule(f"length({VALUE}) > {longest}", "TOO_LONG", message)
    if field.type == "single_line_text_field":
        condition = " or ".join(f"position(chr({code}) in {VALUE}) > 0" for code in (10, 13))
        yield Rule(f"({condition})", "INVALID_VALUE", "has a line break; use multi_line_text_field, or take it out")
    elif field.type == "number_integer":
        bad = f"abs({_number(VALUE)}) > {MAX_INTEGER}"
        yield Rule(bad, "INVALID_VALUE", f"beyond {MAX_INTEGER}; write it as text")
    elif field.type == "number_decimal":
        bad = f"({_number(VALUE)} is null or abs({_number(VALUE)}) > {MAX_DECIMAL})"
        yield Rule(bad, "INVALID_VALUE", f"no number between -{MAX_DECIMAL} and {MAX_DECIMAL}; round or cap it")
    elif field.type == "url":
        schemes = " or ".join(f"lower({VALUE}) like '{scheme}%'" for scheme in URL_SCHEMES)
        bad = f"(not ({schemes}) or position(' ' in {VALUE}) > 0)"
        message = "no address that Shopify takes; it begins with http, https, mailto, sms or tel and has no space"
        yield Rule(bad, "INVALID_VALUE", message)
    elif field.type == "rating" and field.scale is not None:
        low, high = (canonical("number_decimal", end) for end in field.scale)
        yield Rule(_outside(_part(11, '"'), low, high), "INVALID_VALUE", f"outside of its scale, {low} to {high}")
    elif field.type == "money":
        bad = f'not {VALUE} like \'%"currency_code":"___"}}\''
        yield Rule(bad, "INVALID_VALUE", "the currency is no code of three letters; correct the currency column")
    elif field.type.startswith("list."):
        yield Rule(f"not {VALUE} like '[%]'", "INVALID_VALUE", "no JSON array; make one in the model")
        too_many = f"more than {MAX_ELEMENTS} elements, which is all that Shopify takes; cut the list in the model"
        yield Rule(f"{_elements(field.type)} > {MAX_ELEMENTS}", "INVALID_VALUE", too_many)


def _of_definition(field: MetafieldField) -> Iterator[Rule]:
    said = field.validations
    inner = field.type.removeprefix("list.")
    if inner == field.type:
        for name, sign in (("min", "<"), ("max", ">")):
            if name in said:
                word = "below the minimum" if name == "min" else "above the maximum"
                condition = _beyond(inner, sign, str(said[name]))
                if condition:
                    yield Rule(condition, "INVALID_VALUE", f"{word} of its definition, {said[name]}")
        choices = said.get("choices")
        if isinstance(choices, list):
            listed = ", ".join(_quoted(canonical(inner, str(choice))) for choice in choices)
            message = "not one of the choices of its definition; add it to validations.choices, or map it in the model"
            yield Rule(f"{VALUE} not in ({listed})", "INCLUSION", message)
        if "max_precision" in said:
            digits = f"length(rtrim(split_part({VALUE}, '.', 2), '0'))"
            most = int(str(said["max_precision"]))
            message = f"more than {most} digits behind the point; round it in the model"
            yield Rule(f"{digits} > {most}", "INVALID_VALUE", message)
        if "regex" in said:
            pattern = _quoted(str(said["regex"]))
            yield Rule(f"not regexp_matches({VALUE}, {pattern})", "INVALID_VALUE", "does not match its definition")
        return
    for name, sign in (("list.min", "<"), ("list.max", ">")):
        if name in said:
            word = "fewer" if sign == "<" else "more"
            message = f"{word} elements than its definition takes, {said[name]}"
            yield Rule(f"{_elements(field.type)} {sign} {int(str(said[name]))}", "INVALID_VALUE", message)


def _beyond(type_name: str, sign: str, bound: str) -> str | None:
    """SQL that is true where the value lies beyond a bound, None where it cannot be said."""
    if type_name in _TEXT:
        return f"length({VALUE}) {sign} {int(bound)}"
    if type_name in _NUMBERS:
        return f"{_number(VALUE)} {sign} {canonical('number_decimal', bound)}"
    if type_name in ("date", "date_time"):  # ISO 8601 in UTC: texts stand in the order of time
        return f"{VALUE} {sign} {_quoted(canonical(type_name, bound))}"
    if type_name in MEASUREMENT_TYPES and (found := re.search(r'"value"\s*:\s*"?(-?[0-9.]+)', bound)):
        return f"{_part(10, ',')} {sign} {found.group(1)}"
    return None


def _part(start: int, end: str) -> str:
    """The number that stands in a JSON value from a character (from 1) up to the next `end`."""
    return _number(f"split_part(substr({VALUE}, {start}), '{end}', 1)")


def _outside(number: str, low: str, high: str) -> str:
    return f"({number} < {low} or {number} > {high})"


def _elements(type_name: str) -> str:
    """How many elements a JSON array has, by what stands between two of them."""
    between, width = (",", 1) if type_name in _COUNTED_BY_COMMA else ('","', 3)
    text = VALUE if width == 1 else f"""replace({VALUE}, '", "', '","')"""
    counted = f"(length({text}) - length(replace({text}, '{between}', ''))) / {width} + 1"
    return f"case when replace({VALUE}, ' ', '') = '[]' then 0 else {counted} end"


def _number(text: str) -> str:
    return f"try_cast({text} as decimal(38, 9))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
