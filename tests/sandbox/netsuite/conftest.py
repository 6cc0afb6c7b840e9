"""One server with an ERP behind it for the tests of its protocol; none of them changes the world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.backoffice.asked import Asked
from sandbox.server import Sandbox
from tests.sandbox.netsuite.client import NetSuite
from tests.sandbox_fixture import QUICK, SMALL


@pytest.fixture(scope="package")
def served(sandbox_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A small world with everything behind it, nothing broken."""
    folder = tmp_path_factory.mktemp("netsuite") / "data"
    shutil.copytree(sandbox_world, folder)
    with Sandbox(folder, SMALL, QUICK, backoffice=Asked()).serving() as running:
        yield running


@pytest.fixture
def netsuite(served: Sandbox) -> Iterator[NetSuite]:
    """A client that has not signed on yet; faults are off again afterwards."""
    client = NetSuite(served)
    yield client
    client.meta.delete("/__meta/faults")
    client.close()
