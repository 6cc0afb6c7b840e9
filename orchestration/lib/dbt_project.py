"""The dbt project as this platform runs it: which executable, which warehouse, where its artifacts go.

The checkout is never written to: target and logs lie in the data folder. The manifest is parsed on demand and kept
until a file of the project or a setting changes.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from dagster_dbt import DbtCliResource
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from orchestration.lib.dbt_profile import profile_variables, secret_variables
from pipelines.config import Settings
from pipelines.failures import BoomerangError, ConfigurationError

PROJECT_DIR = Path(__file__).parents[2] / "dbt_project"
LONGEST_REASON = 1_000
PARTIAL_PARSE = "partial_parse.msgpack"


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
    return {**_public_environment(settings), **secret_variables(settings)}


def _public_environment(settings: Settings) -> dict[str, str]:
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


def manifest(settings: Settings) -> dict[str, Any]:
    """The parsed project; parsed anew when a file of the project or the environment of dbt has changed."""
    path = target_dir(settings) / "manifest.json"
    stamp = target_dir(settings) / "manifest.stamp"
    fingerprint = _fingerprint(settings)
    if not (path.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint):
        _parse(settings, path, stamp, fingerprint)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _parse(settings: Settings, path: Path, stamp: Path, fingerprint: str) -> None:
    """Parse beside the target and move the result in, so that two processes never read half a manifest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="parse-") as scratch:
        env = {**os.environ, **environment(settings), "DBT_TARGET_PATH": scratch, "DBT_LOG_PATH": scratch}
        command = [str(executable()), "--no-use-colors", "--quiet", "parse", *variables(settings)]
        done = subprocess.run(command, env=env, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DbtFailed(f"The dbt project cannot be parsed: {_last_words(done.stdout or done.stderr)}")
        if (Path(scratch) / PARTIAL_PARSE).is_file():
            shutil.move(Path(scratch) / PARTIAL_PARSE, path.parent / PARTIAL_PARSE)
        shutil.move(Path(scratch) / "manifest.json", path)
    stamp.write_text(fingerprint, encoding="utf-8")


def _fingerprint(settings: Settings) -> str:
    """Changes with any file of the project (name, size, time) and with the environment that dbt sees, less secrets."""
    digest = hashlib.sha256(json.dumps([_public_environment(settings), variables(settings)], sort_keys=True).encode())
    for file in sorted(PROJECT_DIR.rglob("*")):
        if file.is_file() and "target" not in file.parts and file.name != ".user.yml":
            status = file.stat()
            digest.update(f"{file}|{status.st_size}|{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _last_words(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " ".join(lines[-6:])[:600]
