"""A run whose process was killed is ended by the next one, and what it held is given back."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from orchestration.lib.instance import dagster_home, open_instance
from orchestration.lib.liveness import alive, bury_dead_runs
from pipelines.config import Settings

KILLED = """
import os, sys
from pathlib import Path
from orchestration.lib.liveness import alive
with alive(Path(sys.argv[1])) as mark:
    print(*mark.values(), flush=True)
    os._exit(9)
"""


@pytest.fixture
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The instance of an empty data folder."""
    with open_instance(settings) as opened:
        yield opened


def started_run(instance: dg.DagsterInstance, tags: dict[str, str]) -> str:
    """A run that began and holds the slot of the pool "duckdb"."""

    @dg.op(pool="duckdb")
    def write() -> None: ...

    @dg.job
    def some_job() -> None:
        write()

    run = instance.create_run_for_job(some_job, tags=tags, status=dg.DagsterRunStatus.STARTED)
    instance.event_log_storage.initialize_concurrency_limit_to_default("duckdb")
    assert instance.event_log_storage.claim_concurrency_slot("duckdb", run.run_id, "write").is_claimed
    return run.run_id


def test_run_of_a_killed_process_is_ended_and_gives_its_slot_back(
    settings: Settings, instance: dg.DagsterInstance
) -> None:
    home: Path = dagster_home(settings)
    done = subprocess.run([sys.executable, "-c", KILLED, str(home)], capture_output=True, text=True, check=False)
    killed = started_run(instance, {"boomerang/alive": done.stdout.strip()})
    assert bury_dead_runs(instance, home) == [killed]
    assert instance.get_run_by_id(killed).status == dg.DagsterRunStatus.FAILURE
    assert started_run(instance, {})  # the slot is free


def test_run_that_still_works_is_left_alone(settings: Settings, instance: dg.DagsterInstance) -> None:
    home = dagster_home(settings)
    with alive(home) as mark:
        working = started_run(instance, dict(mark))
        assert bury_dead_runs(instance, home) == []
        assert instance.get_run_by_id(working).status == dg.DagsterRunStatus.STARTED
        slots = instance.event_log_storage.get_concurrency_info("duckdb")
        assert slots.active_slot_count == 1
