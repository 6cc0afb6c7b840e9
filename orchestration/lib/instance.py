"""The Dagster instance of a data folder: `<data_dir>/dagster` holds its settings, runs and events."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from sqlalchemy import event
from sqlalchemy.engine import Engine

from pipelines.config import Settings

TEMPLATE = Path(__file__).parents[1] / "dagster.yaml"
WORKSPACE = """\
load_from:
  - python_module: {module_name: orchestration.definitions, location_name: boomerang}
"""


def dagster_home(settings: Settings) -> Path:
    """The folder of the instance, made on first use, with the settings and the workspace of this version in it."""
    home = settings.data_dir.absolute() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    installed = home / "dagster.yaml"
    if not installed.is_file() or installed.read_bytes() != TEMPLATE.read_bytes():
        shutil.copyfile(TEMPLATE, installed)
    (home / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    return home


def spare_the_disk() -> None:
    """Let the run history of this process be written without waiting for the disk; for worlds that can be made anew.

    Dagster commits each of a run's thousand events to several SQLite files and closes them again, and every commit and
    close waits for the disk. A killed process loses nothing by this; a power cut may damage the history.
    """
    if not event.contains(Engine, "connect", _do_not_wait):
        event.listen(Engine, "connect", _do_not_wait)


def _do_not_wait(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("pragma synchronous = off")


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The persistent instance of these settings; also the default of everything this process starts."""
    home = dagster_home(settings)
    os.environ["DAGSTER_HOME"] = str(home)
    with _one_at_a_time(home):
        opened = dg.DagsterInstance.from_config(str(home))
        # Dagster makes its tables on first use, and two processes that do so at once break each other.
        opened.get_runs(limit=1)
        opened.get_asset_keys(limit=1)
        opened.all_instigator_state()
    with opened as instance:
        yield instance


@contextmanager
def _one_at_a_time(home: Path) -> Iterator[None]:
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
