"""What deploy/compose.yaml starts, started here without containers: the same commands, instance and health checks.

The commands are read from the Dockerfile and the compose file, with other ports and folders; secrets come from files,
by the entry point of the image; history goes to a real Postgres.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.deploy.postgres import PASSWORD, Postgres, free_port

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE_SECONDS = 600.0
STOP_SECONDS = 60.0
LAUNCH = """mutation Launch($params: ExecutionParams!) { launchRun(executionParams: $params) { __typename
  ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = "query Status($id: ID!) { runOrError(runId: $id) { __typename ... on Run { status startTime endTime } } }"


def compose(name: str = "compose.yaml") -> dict[str, Any]:
    """A compose file as it is written."""
    content: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return content


def image_command() -> list[str]:
    """What the image runs when nothing else is said: the code server."""
    lines = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
    found: list[str] = json.loads(next(line for line in lines if line.startswith("CMD ")).removeprefix("CMD "))
    return found


@dataclass(frozen=True)
class Deployment:
    """A running deployment. `folder` holds what the volumes would: data, logs, the instance's settings."""

    folder: Path
    ui: str
    here: Mapping[str, str]
    environment: Mapping[str, str]

    def run_to_its_end(self, *launched: str) -> dict[str, dict[str, Any]]:
        """Wait for runs; how each ended, by its id."""
        ended: dict[str, dict[str, Any]] = {}

        def all_ended() -> bool:
            for run in set(launched) - set(ended):
                state = self.ask(STATUS, {"id": run})["runOrError"]
                if state["status"] in ("SUCCESS", "FAILURE", "CANCELED"):
                    ended[run] = state
            return len(ended) == len(launched)

        _wait(all_ended, "the runs did not end", pause=0.5)
        return ended

    def launch(self, job: str, assets: Sequence[Sequence[str]], **tags: str) -> str:
        """Ask for a run of some assets of a job, as the UI does; its id."""
        target = {
            "repositoryLocationName": "boomerang",
            "repositoryName": "__repository__",
            "jobName": job,
            "assetSelection": [{"path": path} for path in assets],
        }
        metadata = {"tags": [{"key": key.replace("__", "/"), "value": value} for key, value in tags.items()]}
        params = {"selector": target, "runConfigData": {}, "mode": "default", "executionMetadata": metadata}
        launched = self.ask(LAUNCH, {"params": params})["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        return str(launched["run"]["runId"])

    def ask(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        """Ask the webserver's GraphQL."""
        answer = httpx.post(f"{self.ui}/graphql", json={"query": query, "variables": variables}, timeout=60).json()
        assert "errors" not in answer, answer
        found: dict[str, Any] = answer["data"]
        return found

    def is_healthy(self, service: str) -> bool:
        """Run the health check of a service as its container would, outside its entry point."""
        check = compose()["services"][service]["healthcheck"]["test"]
        return _run(self.moved(check[1:]), self.environment).returncode == 0

    def moved(self, command: list[str]) -> list[str]:
        """A command of the compose file with the ports and folders of this deployment."""
        moved = []
        for word in command:
            for there, here in self.here.items():
                word = word.replace(there, here)
            moved.append(word)
        return moved


@contextmanager
def running_deployment(
    folder: Path, postgres: Postgres, config: Path, secrets: Mapping[str, str]
) -> Iterator[Deployment]:
    """Start code location, webserver and daemon, in this order and each when the one before is healthy; stop them."""
    for name in ("data", "logs", "home", "secrets", "output"):
        (folder / name).mkdir(parents=True)
    for name in ("dagster.yaml", "workspace.yaml"):
        shutil.copy(DEPLOY / name, folder / "home" / name)
    for name, value in {"DAGSTER_POSTGRES_PASSWORD": PASSWORD, **secrets}.items():
        (folder / "secrets" / name).write_text(f"{value}\n", encoding="utf-8")
    code, ui = free_port(), free_port()
    here = {
        "/opt/dagster": str(folder / "home"),
        "0.0.0.0": "127.0.0.1",
        "4000": str(code),
        "3000": str(ui),
    }
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("BOOMERANG_", "DBT_", "DAGSTER"))},
        **postgres.variables(),
        "PATH": os.pathsep.join([str(DEPLOY), str(Path(sys.prefix) / "bin"), os.environ["PATH"]]),
        "SECRETS_DIR": str(folder / "secrets"),
        "DAGSTER_HOME": str(folder / "home"),
        "DAGSTER_LOGS": str(folder / "logs"),
        "DAGSTER_SCRATCH": str(folder / "scratch"),
        "CODE_LOCATION_HOST": "127.0.0.1",
        "CODE_LOCATION_PORT": str(code),
        "BOOMERANG_CONFIG": str(config),
        "BOOMERANG_DATA_DIR": str(folder / "data"),
    }
    deployment = Deployment(folder, f"http://127.0.0.1:{ui}", here, environment)
    services = compose()["services"]
    commands = {"code-location": image_command()} | {
        name: services[name]["command"] for name in ("webserver", "daemon")
    }
    with ExitStack() as stack:
        for name, command in commands.items():
            process = stack.enter_context(_serving(deployment, name, ["with-secrets", *deployment.moved(command)]))
            _wait(
                lambda name=name, process=process: _alive(process, folder, name) and deployment.is_healthy(name), name
            )
        yield deployment


@contextmanager
def _serving(deployment: Deployment, name: str, command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with (deployment.folder / "output" / f"{name}.log").open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(deployment.environment),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_hear_interrupts,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            finally:
                # Runs and the webserver's helpers are of its session.
                for number in (signal.SIGTERM, signal.SIGKILL):
                    if _signalled(process.pid, number):
                        time.sleep(0.5)


def _hear_interrupts() -> None:
    """Dagster treats SIGTERM as it treats SIGINT, and tests that run in the background of a shell ignore that one."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _signalled(group: int, number: signal.Signals) -> bool:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _alive(process: subprocess.Popen[bytes], folder: Path, name: str) -> bool:
    said = (folder / "output" / f"{name}.log").read_text(encoding="utf-8", errors="replace")
    assert process.poll() is None, f"{name} ended: {said[-2000:]}"
    return True


def _run(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, env=dict(environment), check=False, capture_output=True, text=True, timeout=120
    )


def _wait(condition: Callable[[], bool], what: str, pause: float = 1.0) -> None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < give_up_at, f"not in time: {what}"
        time.sleep(pause)
