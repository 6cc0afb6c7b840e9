"""Where shops are extracted apart, models follow once: after the last shop, if any of them brought something."""

from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.lib.by_shop import REFRESH_OF, SHOPS_OF, build_sensor, extraction_runs, ready_to_model
from pipelines.config import Settings

TEN, ELEVEN = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (10, 11))
SUCCESS, FAILURE, STARTED = dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.STARTED
MARK = "2026-03-01T10:00"


def ran(shop: str, status: dg.DagsterRunStatus, mark: str = MARK) -> dg.DagsterRun:
    tags = {REFRESH_OF: mark, SHOPS_OF: "2", "dagster/partition": shop}
    return dg.DagsterRun(job_name="extract", status=status, tags=tags)


def test_every_shop_has_a_run_of_its_own(settings: Settings) -> None:
    requests = list(extraction_runs(settings, TEN))
    assert [request.partition_key for request in requests] == ["eu", "us"]
    assert {request.tags[REFRESH_OF] for request in requests} == {MARK}


def test_the_same_hour_asked_for_twice_gives_the_same_runs(settings: Settings) -> None:
    first, again, later = (
        [request.run_key for request in extraction_runs(settings, moment)] for moment in (TEN, TEN, ELEVEN)
    )
    assert first == again
    assert not set(first) & set(later)


@pytest.mark.parametrize(
    ("runs", "ready"),
    [
        ([], None),
        ([ran("us", SUCCESS)], None),
        ([ran("us", SUCCESS), ran("eu", STARTED)], None),
        ([ran("us", SUCCESS), ran("eu", SUCCESS)], MARK),
        ([ran("us", SUCCESS), ran("eu", FAILURE)], MARK),
        ([ran("us", FAILURE), ran("eu", FAILURE)], None),
        # Newest first: the run that was tried again counts as it ended at last.
        ([ran("eu", STARTED), ran("eu", FAILURE), ran("us", SUCCESS)], None),
        ([ran("eu", SUCCESS), ran("eu", FAILURE), ran("us", FAILURE)], MARK),
        # The next hour has begun: what the last one brought is built all the same.
        ([ran("us", STARTED, "2026-03-01T11:00"), ran("us", SUCCESS), ran("eu", SUCCESS)], MARK),
    ],
    ids=[
        "nothing ran",
        "one of two",
        "one still reads",
        "both read",
        "one failed",
        "both failed",
        "tried again, reads",
        "tried again, read",
        "next hour began",
    ],
)
def test_models_follow_when_every_shop_has_been_read(runs: list[dg.DagsterRun], ready: str | None) -> None:
    assert ready_to_model(runs) == ready


def test_runs_by_hand_start_no_models() -> None:
    assert ready_to_model([dg.DagsterRun(job_name="extract", status=SUCCESS, tags={"dagster/partition": "us"})]) is None


def test_the_sensor_asks_for_one_build_a_refresh(settings: Settings) -> None:
    sensor = build_sensor(settings, extract="extract", model="model")

    @dg.op
    def read() -> None:
        pass

    @dg.job
    def extract() -> None:
        read()

    with dg.DagsterInstance.ephemeral() as instance:
        for request in extraction_runs(settings, TEN):
            tags = {**request.tags, "dagster/partition": str(request.partition_key)}
            skipped = sensor(dg.build_sensor_context(instance=instance))
            assert isinstance(skipped, dg.SkipReason)
            assert extract.execute_in_process(instance=instance, tags=tags).success
        asked = sensor(dg.build_sensor_context(instance=instance))
    assert isinstance(asked, dg.RunRequest)
    assert asked.run_key == MARK
