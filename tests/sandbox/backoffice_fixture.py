"""A small world with everything behind its shops, as pytest fixtures: one to look at, one to change.

from tests.sandbox.backoffice_fixture import office, office_world, shown  # noqa: F401
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.backoffice.asked import Asked, read_rates
from sandbox.server import Sandbox, ready_line
from tests.sandbox_fixture import QUICK, SMALL, SandboxClient

PLANTED = Asked(read_rates("default"), seed=3)


def access(client: SandboxClient) -> dict[str, Any]:
    """Return how the systems behind the shops are reached."""
    line: dict[str, Any] = json.loads(ready_line(client.running))
    return line


@pytest.fixture(scope="session")
def office_world(sandbox_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small world whose back offices were built once, with and without plants. Copy it."""
    folder = tmp_path_factory.mktemp("office_world") / "sandbox"
    shutil.copytree(sandbox_world, folder)
    for asked in (PLANTED, Asked()):
        with Sandbox(folder, SMALL, QUICK, fresh=True, backoffice=asked).serving():
            pass
    return folder


@pytest.fixture(scope="module")
def shown(office_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxClient]:
    """A sandbox with default plants that several tests look at; not to be changed."""
    folder = tmp_path_factory.mktemp("shown") / "sandbox"
    shutil.copytree(office_world, folder)
    with Sandbox(folder, SMALL, QUICK, backoffice=PLANTED).serving() as running, SandboxClient(running) as client:
        yield client


@pytest.fixture
def office(office_world: Path, tmp_path: Path) -> Iterator[SandboxClient]:
    """A sandbox with nothing broken behind its shops, of one's own."""
    folder = tmp_path / "sandbox"
    shutil.copytree(office_world, folder)
    with Sandbox(folder, SMALL, QUICK, backoffice=Asked()).serving() as running, SandboxClient(running) as client:
        yield client
