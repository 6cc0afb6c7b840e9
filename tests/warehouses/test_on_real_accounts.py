"""The cycle, and the comparison with DuckDB, on accounts that the environment names. Opt-in: costs money."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouses import proofs
from tests.warehouses.comparison import difference
from tests.warehouses.cycles import Cycle, cycled
from tests.warehouses.real_accounts import account, leave_nothing

pytestmark = pytest.mark.real


@pytest.fixture(scope="module", params=["snowflake", "bigquery"])
def real_cycle(
    request: pytest.FixtureRequest, world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cycle]:
    """Two days on a real account, which is left as it was found."""
    found = account(request.param)
    with cycled(tmp_path_factory.mktemp("real") / found.engine, world, found.variables, leave_nothing) as cycle:
        yield cycle


def test_every_window_adds_up(real_cycle: Cycle) -> None:
    proofs.every_window_adds_up(real_cycle)


def test_shopify_holds_exactly_what_the_sync_model_wants(real_cycle: Cycle) -> None:
    proofs.shopify_holds_exactly_what_the_sync_model_wants(real_cycle)


def test_a_second_delivery_sends_nothing(real_cycle: Cycle) -> None:
    proofs.a_second_delivery_sends_nothing(real_cycle)


def test_a_day_later_there_are_more_orders(real_cycle: Cycle) -> None:
    proofs.a_day_later_there_are_more_orders(real_cycle)


def test_what_is_broken_between_the_systems_is_named(real_cycle: Cycle) -> None:
    proofs.what_is_broken_between_the_systems_is_named(real_cycle)


def test_every_table_equals_that_of_duckdb(
    real_cycle: Cycle, world: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with cycled(tmp_path_factory.mktemp("compared") / "duckdb", world, {}) as on_duckdb:
        days = on_duckdb.days
    for expected, found in zip(days, real_cycle.days, strict=True):
        names = sorted(expected.tables)
        differences = [difference(name, expected.tables[name], found.tables[name]) for name in names]
        assert [str(one) for one in differences if one is not None] == []
