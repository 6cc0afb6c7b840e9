"""Where files cannot land, a sentence says what to mend, and nothing of them is there."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseError
from pipelines.loading.landing import Landing
from pipelines.shopify.contract import shopify_contract
from pipelines.warehouse import Warehouse, landing_in_cloud
from tests.warehouses.fixtures import *  # noqa: F403


def changed(settings: Settings, **changes: Any) -> Settings:
    """The settings with some of the chosen warehouse's changed."""
    section = getattr(settings, settings.warehouse)
    return settings.model_copy(update={settings.warehouse: section.model_copy(update=changes)})


def landing(settings: Settings) -> Landing:
    return Landing(settings, shopify_contract(settings), "us")


@pytest.fixture
def ids(tmp_path: Path) -> Path:
    path = tmp_path / "ids.parquet"
    pq.write_table(pa.table({"id": [1, 2]}), path)
    return path


@pytest.mark.parametrize("warehouse_engine", ["snowflake"], indirect=True)
def test_a_stage_that_is_not_there_is_named(warehouse_settings: Settings, ids: Path) -> None:
    settings = changed(warehouse_settings, stage="ops.nowhere")
    with pytest.raises(WarehouseError, match=r"^Snowflake .*Stage '.*NOWHERE' does not exist"):
        landing(settings).land_ids("orders", ids)
    found = landing(warehouse_settings).land_ids("orders", ids)
    with Warehouse(warehouse_settings).session() as session:
        assert session.rows(f"select count(*) from {found} as landed") == [(2,)]


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_a_cloud_folder_without_its_client_says_what_to_install(
    warehouse_settings: Settings, ids: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landing_in_cloud, "find_spec", lambda _: None)
    settings = changed(warehouse_settings, landing_url="gs://merchant-landing/boomerang", stage="ops.landing")
    with pytest.raises(ConfigurationError, match=r"gs://merchant-landing/boomerang.*pip install 'boomerang\[gcs\]'"):
        landing(settings).land_ids("orders", ids)


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_a_bucket_that_refuses_is_named(warehouse_settings: Settings) -> None:
    settings = changed(warehouse_settings, landing_url="s3://merchant-landing/boomerang", stage="ops.landing")
    said = RuntimeError("the step failed")
    said.__cause__ = FileNotFoundError("The specified bucket does not exist")
    failure = Warehouse(settings).landing_failure(said)
    assert isinstance(failure, WarehouseError)
    assert str(failure).startswith(
        "The folder s3://merchant-landing/boomerang took no files (The specified bucket does not exist); check that it "
        "exists"
    )
