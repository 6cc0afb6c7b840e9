"""The three warehouses for the tests of this folder, and the whole cycle on each of them, run once."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.warehouses.cycles import Cycle, built_world, cycled
from tests.warehouses.fixtures import *  # noqa: F403
from tests.warehouses.fixtures import ENGINES


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sandbox's world as it was built, which every cycle starts from."""
    return built_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session")
def cycles(
    request: pytest.FixtureRequest, world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Future[Cycle]]]:
    """Two days on each warehouse that a chosen test asks for, all at once: much of a cycle is one process waiting.

    A cycle that failed raises where its result is asked for.
    """
    asked = {name for item in request.session.items for name in getattr(item, "fixturenames", ())}
    engines = [engine for engine in ENGINES if f"{engine}_cycle" in asked]
    servers = {engine: request.getfixturevalue(f"{engine}_server") for engine in engines if engine != "duckdb"}
    variables = {engine: server.environment(database="cycle") for engine, server in servers.items()}
    folder = tmp_path_factory.mktemp("cycles")
    with ThreadPoolExecutor(len(ENGINES)) as pool, ExitStack() as stack:
        running = {
            engine: pool.submit(
                lambda engine: stack.enter_context(cycled(folder / engine, world, variables.get(engine, {}))), engine
            )
            for engine in engines
        }
        wait(running.values())
        yield running


@pytest.fixture(scope="session")
def duckdb_cycle(cycles: dict[str, Future[Cycle]]) -> Cycle:
    """Two days on DuckDB."""
    return cycles["duckdb"].result()


@pytest.fixture(scope="session")
def snowflake_cycle(cycles: dict[str, Future[Cycle]]) -> Cycle:
    """Two days on Snowflake."""
    return cycles["snowflake"].result()


@pytest.fixture(scope="session")
def bigquery_cycle(cycles: dict[str, Future[Cycle]]) -> Cycle:
    """Two days on BigQuery."""
    return cycles["bigquery"].result()
