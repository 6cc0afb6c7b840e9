"""What a plan would name as refused is what Shopify refuses, and nothing else: the sandbox is asked each time."""

import json

import duckdb
import pytest

from reverse_etl.sync_format.sync_fields import MetafieldField
from reverse_etl.sync_format.value_rules import rules_of
from sandbox.writeback.validations import check
from sandbox.writeback.values import InvalidValue, normalise
from tests.portability import require_portable

LONG = "x" * 65_536
# Type, validations, value as it would be sent.
VALUES: list[tuple[str, dict[str, object], str]] = [
    ("single_line_text_field", {}, "two\nlines"),
    ("single_line_text_field", {}, "return\r"),
    ("single_line_text_field", {}, LONG),
    ("single_line_text_field", {}, LONG + "x"),
    ("single_line_text_field", {"choices": ["gold", "it's"]}, "it's"),
    ("single_line_text_field", {"choices": ["gold", "it's"]}, "silver"),
    ("single_line_text_field", {"min": "3", "max": "5"}, "ab"),
    ("single_line_text_field", {"min": "3", "max": "5"}, "abc"),
    ("single_line_text_field", {"min": "3", "max": "5"}, "abcdef"),
    ("single_line_text_field", {"regex": "^[A-Z]{2}-[0-9]+$"}, "AB-12"),
    ("single_line_text_field", {"regex": "^[A-Z]{2}-[0-9]+$"}, "ab-12"),
    ("single_line_text_field", {"regex": "vip"}, "a vip of ours"),
    ("multi_line_text_field", {"max": "4"}, "a\nbc"),
    ("multi_line_text_field", {"max": "4"}, "a\nbcd"),
    ("number_integer", {}, "9007199254740991"),
    ("number_integer", {}, "-9007199254740992"),
    ("number_integer", {"min": "0", "max": 364}, "364"),
    ("number_integer", {"min": "0", "max": 364}, "365"),
    ("number_integer", {"min": "0", "max": 364}, "-1"),
    ("number_integer", {"choices": [1, 2]}, "2"),
    ("number_integer", {"choices": [1, 2]}, "3"),
    ("number_decimal", {}, "9999999999999.999999999"),
    ("number_decimal", {}, "10000000000000.0"),
    ("number_decimal", {}, "-" + "9" * 40 + ".0"),
    ("number_decimal", {"min": "0", "max": "1"}, "1.0"),
    ("number_decimal", {"min": "0", "max": "1"}, "1.01"),
    ("number_decimal", {"max_precision": "2"}, "0.25"),
    ("number_decimal", {"max_precision": "2"}, "3.0"),
    ("number_decimal", {"max_precision": "0"}, "3.0"),
    ("number_decimal", {"max_precision": "2"}, "0.125"),
    ("number_decimal", {"choices": ["0.5", "1"]}, "1.0"),
    ("date", {"min": "2026-01-01"}, "2026-01-01"),
    ("date", {"min": "2026-01-01"}, "2025-12-31"),
    ("date_time", {"max": "2026-01-01T00:00:00Z"}, "2026-01-01T00:00:00+00:00"),
    ("date_time", {"max": "2026-01-01T01:00:00+01:00"}, "2026-01-01T00:00:01+00:00"),
    ("url", {}, "https://example.com/a?b=c"),
    ("url", {}, "mailto:ada@example.com"),
    ("url", {}, "ftp://example.com"),
    ("url", {}, "https://example.com/a b"),
    ("url", {}, "https://example.com/" + "a" * 2_048),
    ("money", {}, '{"amount":"5.99","currency_code":"CAD"}'),
    ("rating", {"scale_min": "1", "scale_max": "5"}, '{"value":"5.0","scale_min":"1.0","scale_max":"5.0"}'),
    ("rating", {"scale_min": "1", "scale_max": "5"}, '{"value":"5.5","scale_min":"1.0","scale_max":"5.0"}'),
    ("weight", {"max": '{"value":25,"unit":"GRAMS"}'}, '{"value":25.0,"unit":"GRAMS"}'),
    ("weight", {"max": '{"value":25,"unit":"GRAMS"}'}, '{"value":25.5,"unit":"GRAMS"}'),
    ("list.number_integer", {}, json.dumps(list(range(128)))),
    ("list.number_integer", {}, json.dumps(list(range(129)))),
    ("list.single_line_text_field", {"list.min": "1"}, "[]"),
    ("list.single_line_text_field", {"list.max": "2"}, '["a, b","c"]'),
    ("list.single_line_text_field", {"list.max": "2"}, '["a", "b", "c"]'),
    ("list.single_line_text_field", {}, "a, b"),
    ("list.url", {}, json.dumps(["https://example.com"] * 129)),
    ("boolean", {}, "true"),
    ("json", {}, '{"a":1}'),
]


def field_of(type_name: str, validations: dict[str, object]) -> MetafieldField:
    unit = {"unit": "GRAMS"} if type_name == "weight" else {}
    currency = {"currency_column": "c"} if type_name == "money" else {}
    named = {"column": "x", "namespace": "boomerang", "key": "xx", "name": "X"}
    return MetafieldField.model_validate({**named, "type": type_name, "validations": validations, **unit, **currency})


def refused_by_shopify(field: MetafieldField, value: str) -> bool:
    try:
        check(field.type, field.validation_entries(), normalise(field.type, value))
    except InvalidValue:
        return True
    return False


@pytest.mark.parametrize(("type_name", "validations", "value"), VALUES)
def test_what_shopify_refuses_is_named_before_and_nothing_else(
    type_name: str, validations: dict[str, object], value: str
) -> None:
    field = field_of(type_name, validations)
    named = []
    for rule in rules_of(field):
        sql = f"select {rule.condition} from (select ? as value_after) as v"
        require_portable(f"select {rule.condition} from ops.delivery_plan_rows", ())
        with duckdb.connect() as connection:
            found = connection.execute(sql, [value]).fetchone()
        assert found is not None
        if found[0]:
            named.append(rule.code)
    assert bool(named) == refused_by_shopify(field, value)


def test_a_currency_that_is_none_is_named() -> None:
    (rule,) = [rule for rule in rules_of(field_of("money", {})) if "currency" in rule.reason]
    with duckdb.connect() as connection:
        sql = f"select {rule.condition} from (select ? as value_after) as v"
        assert connection.execute(sql, ['{"amount":"5.99","currency_code":"EURO"}']).fetchone() == (True,)
