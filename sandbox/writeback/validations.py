"""The validations of a metafield definition: whether they fit the type, and whether a value passes them."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.clock import parse_instant
from sandbox.writeback.values import InvalidValue

MAX_CHOICES = 128
_TEXT = {"single_line_text_field", "multi_line_text_field"}
_RANGED = {"number_integer", "number_decimal", "date", "date_time", "dimension", "weight", "volume", *_TEXT, "id"}
_NUMBERS = {"number_integer", "number_decimal"}


def supported(type_name: str) -> dict[str, str]:
    """Return the validation names of a type, each with the type of its value."""
    inner = type_name.removeprefix("list.")
    names: dict[str, str] = {}
    if inner in _RANGED:
        kind = "number_integer" if inner in (*_TEXT, "id") else inner
        names |= {"min": kind, "max": kind}
    if inner in ("number_integer", "number_decimal", "single_line_text_field"):
        names["choices"] = f"list.{inner}"
    if inner in (*_TEXT, "id"):
        names["regex"] = "single_line_text_field"
    if inner == "number_decimal":
        names["max_precision"] = "number_integer"
    if inner == "rating":
        names |= {"scale_min": "number_decimal", "scale_max": "number_decimal"}
    if type_name.startswith("list."):
        names |= {"list.min": "number_integer", "list.max": "number_integer"}
    return names


def problem_of(type_name: str, name: str, value: str) -> str | None:
    """Return what is wrong with one validation of a definition, or None."""
    if name not in supported(type_name):
        return f"Validations value for option {name} is invalid: '{name}' isn't supported for type '{type_name}'."
    if name == "choices":
        try:
            choices = json.loads(value)
        except ValueError:
            choices = None
        if not isinstance(choices, list) or not choices:
            return "Validations value for option choices must be a non-empty JSON array."
        if len(choices) > MAX_CHOICES:
            return f"Validations has more than {MAX_CHOICES} choices."
    if name == "regex":
        try:
            re.compile(value)
        except re.error:
            return "Validations value for option regex is invalid."
    return None


def check(type_name: str, validations: list[dict[str, Any]], stored: str) -> None:
    """Raise InvalidValue when a stored value breaks one of the validations."""
    rules = {rule["name"]: rule["value"] for rule in validations}
    if not rules:
        return
    inner = type_name.removeprefix("list.")
    if not type_name.startswith("list."):
        _check_one(inner, rules, stored)
        return
    items = json.loads(stored)
    if "list.min" in rules and len(items) < int(rules["list.min"]):
        raise InvalidValue(f"Value must have at least {rules['list.min']} elements.")
    if "list.max" in rules and len(items) > int(rules["list.max"]):
        raise InvalidValue(f"Value must have at most {rules['list.max']} elements.")
    for index, item in enumerate(items):
        try:
            _check_one(inner, rules, item if isinstance(item, str) else json.dumps(item))
        except InvalidValue as problem:
            raise InvalidValue(problem.message, problem.code, index) from problem


def _check_one(inner: str, rules: dict[str, str], value: str) -> None:
    if "choices" in rules:
        choices = [str(choice) for choice in json.loads(rules["choices"])]
        if value not in choices and not (inner in _NUMBERS and _number(value) in {_number(c) for c in choices}):
            raise InvalidValue(f"Value does not exist in provided choices: {json.dumps(choices)}.", "INCLUSION")
    if "regex" in rules and not re.search(rules["regex"], value):
        raise InvalidValue(f"Value does not match the regex: {rules['regex']}.")
    if "max_precision" in rules and len(value.partition(".")[2].rstrip("0")) > int(rules["max_precision"]):
        raise InvalidValue(f"Value can't exceed the precision of {rules['max_precision']}.")
    unit = " characters" if inner in (*_TEXT, "id") else ""
    for name in ("min", "max"):
        if name in rules:
            size, bound = _comparable(inner, value), _comparable(inner, rules[name], bound=True)
            if (size < bound) if name == "min" else (size > bound):
                raise InvalidValue(f"Value has a {name}imum {'length ' if unit else ''}of {rules[name]}{unit}.")


def _comparable(inner: str, value: str, bound: bool = False) -> Any:
    if inner in (*_TEXT, "id"):
        return int(value) if bound else len(value)
    if inner in _NUMBERS:
        return _number(value)
    if inner in ("date", "date_time"):
        return parse_instant(value)
    return Decimal(str(json.loads(value)["value"]))


def _number(value: str) -> Decimal | str:
    try:
        return Decimal(value)
    except InvalidOperation:
        return value
