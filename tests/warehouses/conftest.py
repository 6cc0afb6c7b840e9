"""The three warehouses for the tests of this folder, and the whole cycle on each of them, run once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouses.cycles import Cycle, built_world, cycled
from tests.warehouses.fixtures import *  # noqa: F403
from tests.warehouses.servers import Server


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's world as it was built, which every cycle starts from."""
    return built_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def duckdb_cycle(world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cycle]:
    """Two days on DuckDB."""
    with cycled(tmp_path_factory.mktemp("cycle") / "duckdb", world, {}) as cycle:
        yield cycle


@pytest.fixture(scope="session")
def snowflake_cycle(world: Path, tmp_path_factory: pytest.TempPathFactory, snowflake_server: Server) -> Iterator[Cycle]:
    """Two days on Snowflake."""
    variables = snowflake_server.environment(database="cycle")
    with cycled(tmp_path_factory.mktemp("cycle") / "snowflake", world, variables) as cycle:
        yield cycle


@pytest.fixture(scope="session")
def bigquery_cycle(world: Path, tmp_path_factory: pytest.TempPathFactory, bigquery_server: Server) -> Iterator[Cycle]:
    """Two days on BigQuery."""
    variables = bigquery_server.environment(database="cycle")
    with cycled(tmp_path_factory.mktemp("cycle") / "bigquery", world, variables) as cycle:
        yield cycle
