"""The three warehouses, each empty."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from tests.pipelines.warehouse.things import THINGS
from tests.warehouses.fixtures import *  # noqa: F403


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of one shop on DuckDB with all data below the test's own folder."""
    monkeypatch.chdir(tmp_path)  # away from the project's own boomerang.toml
    shop = {"domain": "example-us.myshopify.com", "access_token": "token"}
    return Settings(data_dir=tmp_path, shops={"us": shop})


@pytest.fixture
def session(warehouse_settings: Settings) -> Iterator[Session]:
    """A session on an empty warehouse, with a table of every type that the platform uses."""
    with Warehouse(warehouse_settings).session() as session:
        session.execute(THINGS)
        yield session
