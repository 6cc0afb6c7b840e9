"""Each code is found on the order that was broken, and on no other, by a build of the project's own models."""

from pathlib import Path

import duckdb
import pytest

from tests.dbt_project.conftest import run_dbt
from tests.dbt_project.reconciliation import amounts as amounts
from tests.dbt_project.reconciliation import comebacks as comebacks
from tests.dbt_project.reconciliation import masters as masters
from tests.dbt_project.reconciliation import orders
from tests.dbt_project.reconciliation import parcels as parcels
from tests.dbt_project.reconciliation import records as records
from tests.dbt_project.reconciliation import stock as stock
from tests.dbt_project.reconciliation.world import World

Found = set[tuple[str, str, str]]
BUILT = ("build", "--exclude-resource-type", "unit_test", "test", "--select", "+fct_breaks")


def breaks(warehouse: Path) -> Found:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        told = connection.execute("select code, object_key, state from marts.fct_breaks").fetchall()
    assert len(told) == len(set(told))
    return set(told)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """The breaks of one world in which every case of every group happens."""
    work = tmp_path_factory.mktemp("breaks")
    world = World()
    for case in orders.CASES:
        case.make(world)
    with duckdb.connect(str(work / "boomerang.duckdb")) as connection:
        world.write(connection)
    run_dbt(work, work / "boomerang.duckdb", *BUILT)
    return breaks(work / "boomerang.duckdb")


@pytest.mark.parametrize("case", orders.CASES, ids=lambda case: case.what)
def test_a_break_is_named_once_and_by_its_cause(case: orders.Case, found: Found) -> None:
    assert {row for row in found if row[1] in case.keys} == case.expected


def test_nothing_else_is_reported(found: Found) -> None:
    assert {row for row in found if not any(row[1] in case.keys for case in orders.CASES)} == set()
