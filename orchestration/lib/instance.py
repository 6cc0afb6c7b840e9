"""The Dagster instance of a data folder: `<data_dir>/dagster` holds its settings, runs and events."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

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


@contextmanager
def open_instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The persistent instance of these settings; also the default of everything this process starts."""
    home = dagster_home(settings)
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance
