"""Two shops are read at once by two processes, as runs of their own do: by turns on one file, else side by side."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.intake.tables import ensure_every_table
from pipelines.warehouse import Warehouse
from tests.sandbox_fixture import EU, US, SandboxClient, sandbox, sandbox_world  # noqa: F401

ROOT = Path(__file__).parents[2]
SHOPS = {"us": US, "eu": EU}
ENTITIES = ("orders", "locations")
# A second extraction on a machine of its own has no folder in common with the first.
SHARED = "duckdb"


def extraction(shop: str, environment: dict[str, str]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "pipelines.shopify", "--shop", shop, "--entities", *ENTITIES]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@pytest.mark.parametrize("warehouse_engine", ["duckdb", "snowflake", "bigquery"], indirect=True)
def test_two_shops_are_read_at_once_by_processes_of_their_own(
    warehouse_engine: str,
    warehouse_settings: Settings,
    sandbox: SandboxClient,  # noqa: F811
    tmp_path: Path,
) -> None:
    config = tmp_path / "two_shops.toml"
    sections = [
        f'[shops.{name}]\ndomain = "{domain}"\nbase_url = "{sandbox.base_url(domain)}"\nclient_id = "sandbox-client"\n'
        for name, domain in SHOPS.items()
    ]
    config.write_text("\n".join(sections), encoding="utf-8")
    given = {**os.environ, "BOOMERANG_CONFIG": str(config), "PYTHONPATH": str(ROOT)}
    del given["BOOMERANG_SHOPS__US__ACCESS_TOKEN"]
    for name in SHOPS:
        given[f"BOOMERANG_SHOPS__{name.upper()}__CLIENT_SECRET"] = "sandbox-secret"

    if warehouse_engine != SHARED:
        # The database inside an emulator refuses a table that two create at the same moment; the services wait.
        with Warehouse(warehouse_settings).session() as session:
            ensure_every_table(session, warehouse_settings)

    started = {}
    for name in SHOPS:
        folder = warehouse_settings.data_dir if warehouse_engine == SHARED else tmp_path / name
        started[name] = extraction(name, {**given, "BOOMERANG_DATA_DIR": str(folder)})
    said = {name: process.communicate(timeout=600)[0] for name, process in started.items()}
    assert {name: process.returncode for name, process in started.items()} == {"us": 0, "eu": 0}, said

    with Warehouse(warehouse_settings).session() as session:
        rows = session.rows("select shop, count(*) from raw_shopify.orders group by shop order by shop")
        windows = session.rows(
            "select shop, count(*), min(started_at), max(finished_at) from ops.extraction_windows "
            "where state = 'loaded' group by shop order by shop"
        )
    there = {name: sandbox.state(domain, customers="false")["counts"]["Order"] for name, domain in SHOPS.items()}
    assert dict(rows) == there
    (_, eu, eu_began, eu_ended), (_, us, us_began, us_ended) = windows
    assert eu == us == len(ENTITIES)
    assert eu_began < us_ended
    assert us_began < eu_ended
