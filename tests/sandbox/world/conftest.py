"""Worlds that several tests look at; each is built once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.store import Store
from sandbox.world import World

US, EU = "boomerang-us.myshopify.com", "boomerang-eu.myshopify.com"


@pytest.fixture(scope="package")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The default world; not to be changed."""
    store = Store(tmp_path_factory.mktemp("world") / "world.sqlite")
    World.build(store)
    yield store
    store.close()


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Store]:
    """A small world of one's own."""
    store = Store(tmp_path / "small.sqlite")
    World.build(store, seed=7, customers=200, months=6)
    yield store
    store.close()
