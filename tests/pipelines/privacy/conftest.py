"""A data folder full of one person."""

import os
import shutil
from pathlib import Path

import pytest

from pipelines.config import CONFIG_FILE_VARIABLE, Settings
from tests.pipelines.privacy.kept import fill, put_files

SHOP = {"domain": "example-us.myshopify.com", "access_token": "token"}


def settings_of(folder: Path) -> Settings:
    """A merchant with one shop, an ERP and all data below the folder; no settings file takes part."""
    os.environ[CONFIG_FILE_VARIABLE] = str(folder / "none.toml")
    erp = {"kind": "sql", "url": "sqlite://", "queries": "tryton", "time_zone": "UTC"}
    return Settings(data_dir=folder, shops={"us": SHOP}, erp={"netsuite": erp})


@pytest.fixture(scope="session")
def full_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a person wherever a person can be kept; to be copied, not changed."""
    folder = tmp_path_factory.mktemp("kept") / "data"
    fill(settings_of(folder))
    put_files(settings_of(folder))
    return folder


@pytest.fixture
def settings(full_folder: Path, tmp_path: Path) -> Settings:
    """Settings of a copy of the full folder."""
    shutil.copytree(full_folder, tmp_path / "data")
    return settings_of(tmp_path / "data")
