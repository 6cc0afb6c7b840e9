"""The three warehouses, each empty."""

from collections.abc import Iterator

import pytest

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from tests.warehouses.fixtures import *  # noqa: F403

THINGS = """create table ops.things (
    id bigint, name varchar, price decimal(38, 10), amount decimal(18, 4), seen_at timestamptz, clock timestamp,
    day date, is_new boolean, ratio double)"""


@pytest.fixture
def session(warehouse_settings: Settings) -> Iterator[Session]:
    """A session on an empty warehouse, with a table of every type that the platform uses."""
    with Warehouse(warehouse_settings).session() as session:
        session.execute(THINGS)
        yield session
