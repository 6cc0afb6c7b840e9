"""The code location on a warehouse that takes any number of sessions: few things take turns, shops run apart."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from unittest import mock

import dagster as dg
import pytest

from tests.orchestration.conftest import write_settings


@pytest.fixture(scope="module")
def in_the_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.Definitions]:
    """Definitions on Snowflake; nothing connects to it. Loading them gives dbt its variables: they go afterwards."""
    from orchestration.definitions import defs

    with mock.patch.dict(os.environ), pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOOMERANG_WAREHOUSE", "snowflake")
        for name in ("ACCOUNT", "USER", "WAREHOUSE", "DATABASE", "PRIVATE_KEY"):
            patch.setenv(f"BOOMERANG_SNOWFLAKE__{name}", "none")
        write_settings(tmp_path_factory.mktemp("cloud"), patch)
        yield defs()


def pools(definitions: dg.Definitions, job: str) -> dict[str, set[str]]:
    return {node.name: set(node.definition.pools) for node in definitions.resolve_job_def(job).nodes}


def test_no_op_waits_for_a_file_that_is_not_there(in_the_cloud: dg.Definitions) -> None:
    jobs = ("refresh", "extract", "model", "deliver")
    assert "duckdb" not in set().union(*(pool for job in jobs for pool in pools(in_the_cloud, job).values()))


def test_shops_need_no_turns_and_builds_and_deliveries_take_them(in_the_cloud: dg.Definitions) -> None:
    assert pools(in_the_cloud, "extract")["shopify"] == set()
    assert all(pool == {"models"} for pool in pools(in_the_cloud, "model").values())
    assert pools(in_the_cloud, "deliver")["delivered__shopify__customers"] == {"delivery"}


def test_steps_are_processes(in_the_cloud: dg.Definitions) -> None:
    assert in_the_cloud.resolve_job_def("model").executor_def.name == "processes"


def test_each_shop_is_extracted_by_a_run_of_its_own(in_the_cloud: dg.Definitions) -> None:
    schedule = in_the_cloud.resolve_schedule_def("refresh_hourly")
    assert schedule.job_name == "extract"
    known, at_ten = in_the_cloud.get_repository_def(), datetime(2026, 3, 1, 10, tzinfo=UTC)
    with dg.build_schedule_context(repository_def=known, scheduled_execution_time=at_ten) as context:
        requests = schedule.evaluate_tick(context).run_requests
    assert [request.partition_key for request in requests or ()] == ["eu", "us"]


def test_both_halves_of_a_refresh_are_the_whole_of_it(in_the_cloud: dg.Definitions) -> None:
    keys = {job: in_the_cloud.resolve_job_def(job).asset_layer.executable_asset_keys for job in ("extract", "model")}
    refresh = in_the_cloud.resolve_job_def("refresh").asset_layer.executable_asset_keys
    assert keys["extract"] | keys["model"] == refresh
    assert not keys["extract"] & keys["model"]


def test_the_models_follow_by_a_sensor_that_writes_to_no_store(in_the_cloud: dg.Definitions) -> None:
    sensors = {sensor.name: sensor for sensor in in_the_cloud.get_repository_def().sensor_defs}
    assert sensors["model_when_extracted"].default_status == dg.DefaultSensorStatus.RUNNING
    assert [target.job_name for target in sensors["model_when_extracted"].targets] == ["model"]
    assert sensors["deliver_when_trusted"].default_status == dg.DefaultSensorStatus.STOPPED


def test_analysts_read_the_warehouse_itself(in_the_cloud: dg.Definitions) -> None:
    assert dg.AssetKey(["analysts", "read_copy"]) not in {spec.key for spec in in_the_cloud.resolve_all_asset_specs()}
