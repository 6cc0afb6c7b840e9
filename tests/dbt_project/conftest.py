"""dbt as a person runs it: its own process, the project's own files, a warehouse file of the test."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2] / "dbt_project"
Dbt = Callable[..., dict[str, str]]


def run_dbt(work: Path, warehouse: Path, *arguments: str) -> dict[str, str]:
    """Run dbt with everything it writes under `work`; returns node name to status. Fails with dbt's own output."""
    command = [sys.executable, "-c", "from dbt.cli.main import cli; cli()", "--no-use-colors", *arguments]
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    written = ["--target-path", str(work / "target"), "--log-path", str(work / "logs")]
    environment = {**os.environ, "BOOMERANG_DUCKDB_PATH": str(warehouse), "DBT_USE_COLORS": "false"}
    environment.pop("DBT_TARGET_PATH", None)
    done = subprocess.run(
        [*command, *folders, *written], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    results = work / "target" / "run_results.json"
    if not results.is_file():
        return {}
    nodes = json.loads(results.read_text(encoding="utf-8"))["results"]
    return {node["unique_id"].split(".")[2]: node["status"] for node in nodes}


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the project as dbt parses it now."""
    work = tmp_path_factory.mktemp("manifest")
    run_dbt(work, work / "unused.duckdb", "parse")
    content: dict[str, Any] = json.loads((work / "target" / "manifest.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Models of the project by name."""
    nodes = manifest["nodes"].values()
    return {node["name"]: node for node in nodes if node["resource_type"] == "model"}


@pytest.fixture
def dbt(tmp_path: Path) -> Dbt:
    """dbt on the warehouse file `<tmp_path>/boomerang.duckdb`."""

    def run(*arguments: str) -> dict[str, str]:
        return run_dbt(tmp_path, tmp_path / "boomerang.duckdb", *arguments)

    return run
