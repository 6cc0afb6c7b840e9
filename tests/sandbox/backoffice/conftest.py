"""Back offices of the small world, without a server: one where nothing is broken, one with the default plants."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.backoffice.erp.part import Erp
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.plants import DEFAULT_RATES
from sandbox.backoffice.threepl import ThreePL
from sandbox.server import pristine_world
from sandbox.store import Store
from tests.sandbox_fixture import SMALL


def opened(world: Path, folder: Path, rates: dict[str, float], seed: int = 1) -> BackOffice:
    """Build a back office over a copy of the small world."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(pristine_world(world, SMALL), folder / "world.sqlite")
    office = BackOffice(Store(folder / "world.sqlite"), folder / "office.sqlite", seed, rates, [ThreePL, Erp])
    office.update()
    return office


def closed(office: BackOffice) -> None:
    """Close the office and its world."""
    office.close()
    office.store.close()


@pytest.fixture(scope="package")
def clean(sandbox_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackOffice]:
    """Nothing is broken; not to be changed."""
    office = opened(sandbox_world, tmp_path_factory.mktemp("clean"), {})
    yield office
    closed(office)


@pytest.fixture(scope="package")
def planted(sandbox_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BackOffice]:
    """The default plants; not to be changed."""
    office = opened(sandbox_world, tmp_path_factory.mktemp("planted"), DEFAULT_RATES)
    yield office
    closed(office)
