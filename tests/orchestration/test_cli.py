"""The command line says what it can do, and ends a failure in one sentence."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from orchestration.cli import app

CYCLE = ("demo", "refresh", "deliver", "ui", "sandbox")
STEPS = (
    "extract",
    "status",
    "dead-letters",
    "replay",
    "check-config",
    "build",
    "score",
    "docs",
    "syncs",
    "segments",
    "lift",
    "plan",
    "apply",
)
PRIVACY = ("redact", "export-person")
COMMANDS = CYCLE + STEPS + PRIVACY
TOML = '[shops.us]\ndomain = "boomerang-us.myshopify.com"\nclient_id = "sandbox-client"\n'


def boomerang(*arguments: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "BOOMERANG_DATA_DIR": str(folder / "data"), "COLUMNS": "120", **variables}
    command = [str(Path(sys.executable).with_name("boomerang")), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project folder with settings whose secret is missing."""
    (tmp_path / "boomerang.toml").write_text(TOML, encoding="utf-8")
    return tmp_path


def shown(*arguments: str) -> str:
    """The help, without the seconds that a process takes to start."""
    done = CliRunner().invoke(app, [*arguments, "--help"], env={"COLUMNS": "120"})
    assert done.exit_code == 0, done.output
    return done.output


def test_help_names_every_command() -> None:
    words = shown().split()
    assert [command for command in COMMANDS if command not in words] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    lines = [line.strip() for line in shown(command).splitlines() if line.strip()]
    assert lines[0].startswith(f"Usage: boomerang {command}")
    assert lines[1].endswith((".", ";", ",")) or len(lines[1]) > 20, f"{command} has no help"


@pytest.mark.parametrize("command", ["extract", "refresh", "plan"])
def test_a_missing_secret_is_one_sentence_and_exit_code_2(folder: Path, command: str) -> None:
    done = boomerang(command, folder=folder)
    assert done.returncode == 2
    assert "BOOMERANG_SHOPS__US__CLIENT_SECRET" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (folder / "data" / "boomerang.duckdb").exists()


def test_a_demo_option_without_a_demo_says_how_to_make_one(folder: Path) -> None:
    done = boomerang("status", "--demo", folder=folder)
    assert done.returncode == 2
    assert "run `boomerang demo` first" in done.stderr


def test_the_configuration_can_be_checked_without_reaching_anything(folder: Path) -> None:
    done = boomerang("check-config", folder=folder, BOOMERANG_SHOPS__US__CLIENT_SECRET="never-shown")
    assert done.returncode == 0, done.stderr
    assert "Shop us: boomerang-us.myshopify.com" in done.stdout
    assert "All in order." in done.stdout
    assert "never-shown" not in done.stdout


def test_status_of_a_new_warehouse_says_what_to_run(folder: Path) -> None:
    done = boomerang("status", folder=folder, BOOMERANG_SHOPS__US__CLIENT_SECRET="x")
    assert done.returncode == 0, done.stderr
    assert "Nothing has been extracted yet" in done.stdout
