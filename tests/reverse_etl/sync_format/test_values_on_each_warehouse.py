"""Each kind of value has the same text on DuckDB, Snowflake and BigQuery."""

import pytest

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.sync_format.values import encoding

# Metafield type, SQL of the model's column, text.
VALUES = [
    ("boolean", "true", "true"),
    ("boolean", "false", "false"),
    ("boolean", "cast(null as boolean)", None),
    ("number_integer", "42", "42"),
    ("number_integer", "cast(-7 as bigint)", "-7"),
    ("number_integer", "cast(9007199254740991 as bigint)", "9007199254740991"),
    ("number_integer", "cast(2.5 as decimal(6, 1))", "3"),
    ("number_decimal", "cast(0.5 as decimal(6, 4))", "0.5"),
    ("number_decimal", "cast(-0.0001 as decimal(6, 4))", "-0.0001"),
    ("number_decimal", "cast(100 as decimal(12, 4))", "100.0"),
    ("number_decimal", "cast(0 as decimal(6, 4))", "0.0"),
    ("number_decimal", "cast(1234567.8900 as decimal(18, 4))", "1234567.89"),
    ("number_decimal", "cast(12 as bigint)", "12.0"),
    ("number_decimal", "cast(0.25 as double)", "0.25"),
    ("number_decimal", "cast(0.0000001 as double)", "0.0000001"),
    ("number_decimal", "cast(123456 as double)", "123456.0"),
    ("number_decimal", "cast(null as decimal(6, 4))", None),
    ("single_line_text_field", "'at_risk'", "at_risk"),
    ("single_line_text_field", "'  '", None),
    ("single_line_text_field", "''", None),
    ("multi_line_text_field", "'Grüße, 東京'", "Grüße, 東京"),
    ("url", "'https://example.com/?a=1'", "https://example.com/?a=1"),
    ("date", "cast('2026-01-31' as date)", "2026-01-31"),
    ("date", "cast('2026-01-31 23:59:59' as timestamp)", "2026-01-31"),
    ("date_time", "cast('2026-01-31 23:59:59.999' as timestamp)", "2026-01-31T23:59:59+00:00"),
    ("date_time", "cast('2026-02-01 00:00:00' as timestamp)", "2026-02-01T00:00:00+00:00"),
    ("date_time", "cast(null as timestamp)", None),
    ("json", """'{"b": [1, 2], "a": 1.0}'""", '{"b": [1, 2], "a": 1.0}'),
    ("json", "' '", None),
    ("list.single_line_text_field", """'["a","b"]'""", '["a","b"]'),
    ("money", "cast(100.5 as decimal(18, 2))", '{"amount":"100.50","currency_code":"EUR"}'),
    ("money", "cast(7 as decimal(18, 2))", '{"amount":"7.00","currency_code":"EUR"}'),
    ("money", "cast(0.005 as decimal(18, 3))", '{"amount":"0.01","currency_code":"EUR"}'),
    ("money", "cast(-0.25 as decimal(18, 2))", '{"amount":"-0.25","currency_code":"EUR"}'),
    ("money", "cast(12.5 as double)", '{"amount":"12.50","currency_code":"EUR"}'),
    ("money", "cast(null as decimal(18, 2))", None),
    ("rating", "cast(4.5 as decimal(3, 1))", '{"value":"4.5","scale_min":"1.0","scale_max":"5.0"}'),
    ("rating", "cast(4 as bigint)", '{"value":"4.0","scale_min":"1.0","scale_max":"5.0"}'),
    ("weight", "cast(25 as decimal(6, 2))", '{"value":25.0,"unit":"GRAMS"}'),
    ("dimension", "cast(0.75 as double)", '{"value":0.75,"unit":"GRAMS"}'),
]


@pytest.fixture
def encoded(warehouse_settings: Settings) -> list[str | None]:
    """What one statement makes of all values, as the diff would."""
    parts = []
    for number, (type_name, sql, _) in enumerate(VALUES):
        made = encoding(
            type_name,
            "x",
            currency_column="c" if type_name == "money" else None,
            unit="GRAMS",
            scale=("1", "5"),
            is_float="double" in sql,
        )
        raw = f"select {made.raw} as r, c from (select {sql} as x, 'EUR' as c) as m{number}"
        parts.append(f"select {number} as place, {made.final('r')} as text from ({raw}) as w{number}")
    with Warehouse(warehouse_settings).session() as session:
        rows = session.rows(f"select place, text from ({' union all '.join(parts)}) as t order by place")
    return [text for _, text in rows]


def test_every_kind_of_value_has_one_spelling(encoded: list[str | None]) -> None:
    assert encoded == [text for _, _, text in VALUES]
