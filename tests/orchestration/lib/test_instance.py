"""The instance of a data folder keeps this version's settings."""

from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine

from orchestration.lib import instance as of_instance
from orchestration.lib.instance import TEMPLATE, dagster_home, open_instance, spare_the_disk
from pipelines.config import Settings


def test_the_folder_is_made_with_the_settings_of_this_version(settings: Settings) -> None:
    home = dagster_home(settings)
    assert home.is_absolute()
    (home / "dagster.yaml").write_text("telemetry: {enabled: true}\n", encoding="utf-8")
    assert (dagster_home(settings) / "dagster.yaml").read_bytes() == TEMPLATE.read_bytes()


def test_one_op_at_a_time_opens_duckdb_and_nothing_is_reported_outside(settings: Settings) -> None:
    with open_instance(settings) as instance:
        assert instance.get_settings("concurrency")["pools"] == {"granularity": "op", "default_limit": 1}
        assert instance.get_settings("telemetry") == {"enabled": False}
        assert not instance.nux_enabled


def test_a_world_that_can_be_made_anew_is_recorded_without_waiting_for_the_disk() -> None:
    mode, off = text("pragma synchronous"), 0
    with create_engine("sqlite://").connect() as connection:
        assert connection.execute(mode).scalar() != off
    spare_the_disk()
    spare_the_disk()
    try:
        with create_engine("sqlite://").connect() as connection:
            assert connection.execute(mode).scalar() == off
    finally:
        event.remove(Engine, "connect", of_instance._do_not_wait)
