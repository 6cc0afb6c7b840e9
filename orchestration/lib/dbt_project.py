"""The dbt project as this platform runs it: which executable, which warehouse, where its artifacts go.

The checkout is never written to: target and logs lie in the data folder.
"""

import json
import os
import re
import subprocess
import sys
from functools import cached_property
from importlib import metadata
from pathlib import Path

from dagster_dbt import DbtCliResource
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from orchestration.lib.dbt_profile import profile_variables, secret_variables
from pipelines.config import Settings
from pipelines.failures import BoomerangError, ConfigurationError

PROJECT_DIR = Path(__file__).parents[2] / "dbt_project"
LONGEST_REASON = 1_000

# Unit tests prove the code, not the data: they run in the test suite, and some need tables that a first build has yet
# to make.
BUILD = ("build", "--exclude-resource-type", "unit_test")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


class DbtFailed(BoomerangError):
    """A dbt command ended with errors."""


def in_words(error: DagsterDbtCliRuntimeError, log_folder: Path) -> DbtFailed:
    """What dbt said went wrong, without the command of a hundred names in front of it."""
    said = ANSI.sub("", str(error)).partition("Errors parsed from dbt logs:")[2]
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    reason = " ".join(lines)[:LONGEST_REASON] or "it ended without naming an error"
    return DbtFailed(f"dbt stopped: {reason} (all of it: {log_folder / 'dbt.log'})")


def executable() -> Path:
    """The dbt of the running virtual environment."""
    path = Path(sys.prefix) / "bin" / "dbt"
    if not path.is_file():
        raise ConfigurationError(f"dbt is not installed in {sys.prefix}; run `make setup`.")
    return path


def target_dir(settings: Settings) -> Path:
    """Where dbt keeps its manifest and the artifacts of each run."""
    return settings.data_dir.absolute() / "dbt"


def environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml and dbt read, secrets included: the only place where settings become dbt's environment."""
    return {**public_environment(settings), **secret_variables(settings)}


def public_environment(settings: Settings) -> dict[str, str]:
    """What profiles.yml and dbt read, without secrets."""
    return {
        **profile_variables(settings),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_TARGET_PATH": str(target_dir(settings)),
        "DBT_LOG_PATH": str(target_dir(settings)),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def variables(settings: Settings) -> list[str]:
    """Arguments of every dbt command: the same ones each time, or dbt parses the whole project again."""
    return ["--vars", json.dumps({"reporting_currency": settings.reporting_currency})]


class OwnDbt(DbtCliResource):
    """The dbt of this environment: its version is known without starting it to ask."""

    @cached_property
    def _cli_version(self) -> Version:
        # dagster-dbt starts `dbt --version` for each invocation: two seconds of processor time, four times a demo.
        return Version(metadata.version("dbt-core"))


def resource(settings: Settings) -> DbtCliResource:
    """The Dagster resource that runs dbt; dagster-dbt hands the environment of the process to dbt."""
    os.environ.update(environment(settings))
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return OwnDbt(project_dir=str(PROJECT_DIR), profiles_dir=str(PROJECT_DIR), dbt_executable=str(executable()))


def run_dbt(settings: Settings, arguments: list[str]) -> None:
    """Run a dbt command with its own output; raises DbtFailed when it ends with errors."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    command = [str(executable()), *arguments, *variables(settings)]
    done = subprocess.run(command, env={**os.environ, **environment(settings)}, check=False, cwd=PROJECT_DIR)
    if done.returncode:
        raise DbtFailed(
            f"dbt {arguments[0]} ended with errors: read the lines above, or {target_dir(settings)}/dbt.log."
        )
