"""Macros of macros/portable/ give the same value on every warehouse: DuckDB itself, and the emulators of the others."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from orchestration.lib import dbt_project
from pipelines.config import Settings
from tests.dbt_project.macros.dbt_command import dbt

MACROS = dbt_project.PROJECT_DIR / "macros" / "portable"
# What a macro is given, and what it must come to; both are Jinja, and are compared by the warehouse.
DAY = "cast('{}' as date)".format
NIGHT = "as_instant('2026-03-02 03:04:05.123456+00')"
CASES: dict[str, tuple[str, str]] = {
    "business_date west of Greenwich": (f"{{{{ business_date({NIGHT}, \"'America/New_York'\") }}}}", DAY("2026-03-01")),
    "business_date east of Greenwich": (f"{{{{ business_date({NIGHT}, \"'Pacific/Auckland'\") }}}}", DAY("2026-03-02")),
    "business_date in summer time": (
        "{{ business_date(as_instant('2026-06-30 22:30:00+00'), \"'Europe/Berlin'\") }}", DAY("2026-07-01"),
    ),
    "business_date in winter time": (
        "{{ business_date(as_instant('2026-01-31 22:30:00+00'), \"'Europe/Berlin'\") }}", DAY("2026-01-31"),
    ),
    "days_between": ("{{ days_between(\"cast('2026-02-27' as date)\", \"cast('2026-03-02' as date)\") }}", "3"),
    "days_between backwards": (
        "{{ days_between(\"cast('2026-03-02' as date)\", \"cast('2026-02-27' as date)\") }}", "-3",
    ),
    "months_between_dates counts borders": (
        "{{ months_between_dates(\"cast('2026-01-31' as date)\", \"cast('2026-02-01' as date)\") }}", "1",
    ),
    "months_between_dates over years": (
        "{{ months_between_dates(\"cast('2024-12-01' as date)\", \"cast('2026-02-28' as date)\") }}", "14",
    ),
    "add_days over a leap day": ("{{ add_days(\"cast('2024-02-28' as date)\", 2) }}", DAY("2024-03-01")),
    "add_days backwards": ("{{ add_days(\"cast('2026-06-30' as date)\", -365) }}", DAY("2025-06-30")),
    "month_start": ("{{ month_start(\"cast('2026-02-28' as date)\") }}", DAY("2026-02-01")),
    "days_from_until leaves the last day out": (
        "(select count(*) from ({{ days_from_until('2024-02-27', '2024-03-02') }}) as days)", "4",
    ),
    "days_from_until begins with the first day": (
        "(select min(date_day) from ({{ days_from_until('2024-02-27', '2024-03-02') }}) as days)", DAY("2024-02-27"),
    ),
    "days_from_until ends with the day before": (
        "(select max(date_day) from ({{ days_from_until('2024-02-27', '2024-03-02') }}) as days)", DAY("2024-03-01"),
    ),
    "add_minutes over midnight": (
        f"{{{{ add_minutes({NIGHT}, 1440) }}}}", "{{ as_instant('2026-03-03 03:04:05.123456+00') }}",
    ),
    "minutes_between counts whole minutes": (
        f"{{{{ minutes_between({NIGHT}, as_instant('2026-03-02 05:04:04+00')) }}}}", "119",
    ),
    "later of two": (
        f"{{{{ later({NIGHT}, as_instant('2026-03-01 00:00:00+00')) }}}}", f"{{{{ {NIGHT} }}}}",
    ),
    "decimal rounds a half away from zero": ("{{ decimal('2.00005', 18, 4) }}", "{{ decimal('2.0001', 18, 4) }}"),
    "decimal rounds a negative half away from zero": (
        "{{ decimal('-2.00005', 18, 4) }}", "{{ decimal('-2.0001', 18, 4) }}",
    ),
    "a factor leaves room for what it multiplies": (
        "{{ decimal('20000', 18, 6) }} * {{ factor('60') }}", "{{ decimal('1200000', 28, 6) }}",
    ),
    "money keeps four places": ("{{ money('1.23456') }}", "{{ money('1.2346') }}"),
    "converted rounds once": (
        "{{ converted(decimal('@AMOUNT', 18, 4), decimal('@RATE', 18, 8)) }}", "{{ money('@ONCE') }}",
    ),
    "amount_per rounds an exact half up": (
        "{{ amount_per(decimal('10.0001', 18, 4), '2') }}", "{{ money('5.0001') }}",
    ),
    "amount_per keeps four places": ("{{ amount_per(decimal('100', 18, 4), '3') }}", "{{ money('33.3333') }}"),
    "amount_per nothing is null": ("coalesce({{ amount_per(decimal('1', 18, 4), '0') }}, -1)", "-1"),
    "share of whole numbers is a fraction": ("{{ share('1', '2') }}", "0.5"),
    "share of nothing is null": ("coalesce({{ share('1', '0') }}, -1)", "-1"),
    "gid": ("{{ gid('Customer', '17') }}", "'gid://shopify/Customer/17'"),
    "text": ("{{ text('17') }}", "'17'"),
    "a whole number as text has no point": ("{{ number_as_text('20') }}", "'20'"),
    "a number as text ends with no zero": ("{{ number_as_text('2.50') }}", "'2.5'"),
    "an instant survives as text": (
        f"cast({{{{ instant_as_text({NIGHT}) }}}} as {{{{ type_instant() }}}})", f"{{{{ {NIGHT} }}}}",
    ),
    "type_double holds fifteen digits": (
        "cast(cast(1 as {{ type_double() }}) / 3 * 3 * 1000000000000000 as bigint)", "1000000000000000",
    ),
}  # fmt: skip
# Four and eight places make twelve; rounded to nine first, the fourth would be one higher.
TWICE = {"@AMOUNT": "0.6460", "@RATE": "1.24744582", "@ONCE": "0.8058"}
# No values, but parts of a statement, which are tested where something is built with them.
NOT_VALUES = {"scratch_relation", "create_scratch", "computed_first", "rows_of"}


def query() -> str:
    """All cases as one query: its name, what came out, and whether that is right."""
    rows = []
    for name, (given, expected) in CASES.items():
        for place, value in TWICE.items():
            given, expected = given.replace(place, value), expected.replace(place, value)
        shown = f"cast({given} as {{{{ dbt.type_string() }}}})"
        rows.append(f"select '{name}' as name, {shown} as came_out, {given} = {expected} as is_right")
    return "\nunion all\n".join(rows)


def shown(settings: Settings, inline: str) -> list[dict[str, Any]]:
    """Rows of a query that dbt runs on the warehouse of the settings."""
    said = dbt(settings, "--quiet", "show", "--inline", inline, "--limit", "-1", "--output", "json")
    found: list[dict[str, Any]] = json.loads(said[said.index("{") :])["show"]
    return [{name.lower(): value for name, value in row.items()} for row in found]


def test_every_portable_macro_comes_to_the_same(warehouse_settings: Settings) -> None:
    rows = shown(warehouse_settings, query())
    assert sorted(row["name"] for row in rows) == sorted(CASES)
    assert {row["name"]: row["came_out"] for row in rows if row["is_right"] is not True} == {}


def test_every_portable_macro_has_a_case() -> None:
    defined = {
        name
        for file in MACROS.glob("*.sql")
        for name in re.findall(r"{% macro (\w+)\(", file.read_text(encoding="utf-8"))
        if not re.match(r"(default|duckdb|snowflake|bigquery)__", name)
    }
    tried = {name for given, _ in CASES.values() for name in re.findall(r"\w+", given)}
    assert defined - tried - NOT_VALUES == set()


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_only_portable_macros_and_materializations_know_the_warehouse(engine: str) -> None:
    knowing = [
        str(file.relative_to(dbt_project.PROJECT_DIR))
        for folder in ("macros", "models", "tests")
        for file in sorted(Path(dbt_project.PROJECT_DIR / folder).rglob("*.sql"))
        if re.search(rf"target\.type|{engine}__", file.read_text(encoding="utf-8"))
    ]
    assert [name for name in knowing if not name.startswith(("macros/portable/", "macros/materializations/"))] == []
