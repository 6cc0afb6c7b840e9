"""The same world through the three warehouses: every table that people and syncs read is equal, row by row."""

import pytest

from tests.warehouses.comparison import difference
from tests.warehouses.cycles import Cycle

DAYS = ("a full build", "an increment")


@pytest.fixture(scope="module")
def all_three(duckdb_cycle: Cycle, snowflake_cycle: Cycle, bigquery_cycle: Cycle) -> dict[str, Cycle]:
    return {"duckdb": duckdb_cycle, "snowflake": snowflake_cycle, "bigquery": bigquery_cycle}


@pytest.mark.parametrize("day", [0, 1], ids=DAYS)
@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_every_table_equals_that_of_duckdb(all_three: dict[str, Cycle], engine: str, day: int) -> None:
    expected, found = all_three["duckdb"].days[day].tables, all_three[engine].days[day].tables
    assert found.keys() == expected.keys()
    assert sum(table.num_rows for table in expected.values()) > 5_000
    differences = [difference(name, expected[name], found[name]) for name in sorted(expected)]
    assert [str(one) for one in differences if one is not None] == []


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_shopify_holds_the_same_whichever_warehouse_decided(all_three: dict[str, Cycle], engine: str) -> None:
    for day, decided in zip(all_three["duckdb"].days, all_three[engine].days, strict=True):
        assert decided.held == day.held
