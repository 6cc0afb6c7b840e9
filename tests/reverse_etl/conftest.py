"""Write-back against the sandbox: a warehouse with a sync model, two shops behind a real server."""

from pathlib import Path

import pytest

from pipelines.config import CONFIG_FILE_VARIABLE, Settings, load_settings
from tests.reverse_etl.marketing import Marketing
from tests.sandbox_fixture import EU, US, SandboxClient, sandbox, sandbox_world
from tests.warehouses.fixtures import (
    bigquery_server,
    snowflake_server,
    warehouse_engine,
    warehouse_environment,
    warehouse_settings,
)

__all__ = [
    "bigquery_server",
    "sandbox",
    "sandbox_world",
    "snowflake_server",
    "warehouse_engine",
    "warehouse_environment",
    "warehouse_settings",
]

CONFIG = """
data_dir = "{folder}"
[shops.us]
domain = "{us}"
base_url = "{us_url}"
client_id = "sandbox-client"
[shops.eu]
domain = "{eu}"
base_url = "{eu_url}"
client_id = "sandbox-client"
[extraction]
poll_seconds = 0.05
[delivery]
bulk_threshold = 100000
"""


def configure(monkeypatch: pytest.MonkeyPatch, folder: Path, us_url: str, eu_url: str) -> Settings:
    """Settings of a merchant with two shops, kept in files and environment as on a real machine."""
    path = folder / "boomerang.toml"
    path.write_text(CONFIG.format(folder=folder, us=US, eu=EU, us_url=us_url, eu_url=eu_url), encoding="utf-8")
    monkeypatch.setenv(CONFIG_FILE_VARIABLE, str(path))
    monkeypatch.setenv("BOOMERANG_SHOPS__US__CLIENT_SECRET", "sandbox-secret")
    monkeypatch.setenv("BOOMERANG_SHOPS__EU__CLIENT_SECRET", "sandbox-secret")
    return load_settings()


@pytest.fixture
def offline(clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Marketing:
    """A warehouse with a sync model and no shop that answers: planning must not need one."""
    nowhere = "http://127.0.0.1:9"
    return Marketing(configure(monkeypatch, tmp_path, nowhere, nowhere), tmp_path)


@pytest.fixture
def marketing(
    clean_environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sandbox: SandboxClient
) -> Marketing:
    """A warehouse with a sync model of the sandbox's customers."""
    settings = configure(monkeypatch, tmp_path, sandbox.base_url(US), sandbox.base_url(EU))
    return Marketing(settings, tmp_path, sandbox)


@pytest.fixture
def marketing_anywhere(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    sandbox: SandboxClient,
    warehouse_environment: dict[str, str],
) -> Marketing:
    """The same on each of the three warehouses in turn."""
    for name, value in warehouse_environment.items():
        monkeypatch.setenv(name, value)
    settings = configure(monkeypatch, tmp_path, sandbox.base_url(US), sandbox.base_url(EU))
    return Marketing(settings, tmp_path, sandbox)
