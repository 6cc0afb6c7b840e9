"""Settings in a folder of their own, and the code location loaded once for all tests that only look at it."""

import os
from pathlib import Path
from unittest import mock

import dagster as dg
import pytest

from pipelines.config import Settings, load_settings

SHOPS = {"us": "boomerang-us.myshopify.com", "eu": "boomerang-eu.myshopify.com"}


def write_settings(folder: Path, patch: pytest.MonkeyPatch, origin: str = "http://127.0.0.1:9") -> Settings:
    """Settings of the two sandbox shops with data in `folder`; nothing listens at `origin` unless a test says so."""
    sections = [f'[shops.{name}]\ndomain = "{domain}"\n' for name, domain in SHOPS.items()]
    (folder / "boomerang.toml").write_text("\n".join(sections), encoding="utf-8")
    patch.chdir(folder)  # no .env of the checkout takes part
    patch.setenv("BOOMERANG_CONFIG", str(folder / "boomerang.toml"))
    patch.setenv("BOOMERANG_DATA_DIR", str(folder / "data"))
    for name, domain in SHOPS.items():
        patch.setenv(f"BOOMERANG_SHOPS__{name.upper()}__BASE_URL", f"{origin}/shops/{domain}")
        patch.setenv(f"BOOMERANG_SHOPS__{name.upper()}__CLIENT_ID", "sandbox-client")
        patch.setenv(f"BOOMERANG_SHOPS__{name.upper()}__CLIENT_SECRET", "sandbox-secret")
    return load_settings()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of the two sandbox shops; nothing answers for them."""
    return write_settings(tmp_path, monkeypatch)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, dg.Definitions]:
    """The code location as it is, loaded once: parsing dbt takes seconds. Its environment ends with the loading."""
    from orchestration.definitions import defs

    with mock.patch.dict(os.environ), pytest.MonkeyPatch.context() as patch:
        settings = write_settings(tmp_path_factory.mktemp("project"), patch)
        return settings, defs()


@pytest.fixture(scope="session")
def definitions(project: tuple[Settings, dg.Definitions]) -> dg.Definitions:
    """The loaded definitions."""
    return project[1]
