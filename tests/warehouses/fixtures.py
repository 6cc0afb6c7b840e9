"""The three warehouses as pytest fixtures. A test folder that needs them says in its conftest.py:

    from tests.warehouses.fixtures import *  # noqa: F403

An emulator is started once a session, when the first test asks for it. Each test gets a database (Snowflake), a project
(BigQuery) or a file (DuckDB) of its own: tests never see each other.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.config import Settings, load_settings
from tests.warehouses.servers import Server, running

__all__ = ["bigquery_server", "snowflake_server", "warehouse_engine", "warehouse_environment", "warehouse_settings"]
ENGINES = ("duckdb", "snowflake", "bigquery")
_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def snowflake_server() -> Iterator[Server]:
    """The emulator of Snowflake, reached through the real connector."""
    with running("snowflake") as server:
        yield server


@pytest.fixture(scope="session")
def bigquery_server() -> Iterator[Server]:
    """The emulator of BigQuery, reached through the real client."""
    with running("bigquery") as server:
        yield server


@pytest.fixture(params=ENGINES)
def warehouse_engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn; parametrize indirectly to take fewer of them."""
    engine: str = request.param
    return engine


@pytest.fixture
def warehouse_environment(warehouse_engine: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Environment variables that point Boomerang at an empty warehouse of the engine."""
    if warehouse_engine == "duckdb":
        return {"BOOMERANG_WAREHOUSE": "duckdb"}
    server: Server = request.getfixturevalue(f"{warehouse_engine}_server")
    return server.environment(database=f"test{next(_NUMBERS)}")


@pytest.fixture
def warehouse_settings(
    warehouse_environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings on an empty warehouse of the engine, with one shop that nobody answers for."""
    file = tmp_path / "boomerang.toml"
    file.write_text('[shops.us]\ndomain = "boomerang-us.myshopify.com"\n', encoding="utf-8")
    for name, value in warehouse_environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BOOMERANG_CONFIG", str(file))
    monkeypatch.setenv("BOOMERANG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("BOOMERANG_SHOPS__US__ACCESS_TOKEN", "nobody")
    return load_settings()
