"""Tells a run whose process died from one that still works, and gives back what the dead one held.

A run holds a slot of the pool "duckdb" while it writes. Dagster's daemon frees the slots of ended runs, but a killed
process ends no run, and the command line works without a daemon: the next run would wait for ever. So each run of ours
holds a file lock, which the operating system releases however the process ends.
"""

import fcntl
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

TAG = "boomerang/alive"
UNFINISHED = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]


@contextmanager
def alive(home: Path) -> Iterator[Mapping[str, str]]:
    """Hold a lock while the run with the yielded tags works. `home` is the folder of the instance."""
    folder = home / "alive"
    folder.mkdir(exist_ok=True)
    token = secrets.token_hex(8)
    path = folder / token
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield {TAG: token}
        finally:
            path.unlink(missing_ok=True)


def bury_dead_runs(instance: dg.DagsterInstance, home: Path) -> list[str]:
    """End the runs of ours whose process is gone, free their slots, and return their ids."""
    dead = []
    for run in instance.get_runs(filters=dg.RunsFilter(statuses=UNFINISHED)):
        token = run.tags.get(TAG)
        if token and not _is_held(home / "alive" / token):
            instance.report_run_failed(run, "Its process ended without a word: it was killed, or the machine stopped.")
            dead.append(run.run_id)
    # Not part of Dagster's documented interface; its own daemon frees slots by the same two calls.
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        holder = instance.get_run_by_id(run_id)
        if holder is None or holder.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
    return dead


def _is_held(path: Path) -> bool:
    """Whether a living process holds the lock; a file without a holder is removed."""
    try:
        with path.open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    path.unlink(missing_ok=True)
    return False
