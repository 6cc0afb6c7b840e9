"""The sandbox as a process of its own, started and stopped with the command that needs it."""

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from orchestration.child_process import child
from pipelines.failures import BoomerangError

START_PATIENCE_SECONDS = 300.0


class SandboxFailed(BoomerangError):
    """The sandbox did not start, or died."""


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox. `origin` is like http://127.0.0.1:8123; `ready` is all that it said of itself."""

    origin: str
    ready: Mapping[str, Any] = field(default_factory=dict)

    def meta(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Call `/__meta/<action>`: reads without arguments, changes the world with them."""
        url = f"{self.origin}/__meta/{action}"
        reply = httpx.post(url, json=arguments, timeout=120) if arguments else httpx.get(url, timeout=120)
        if reply.is_error:
            raise SandboxFailed(f"The sandbox refused {action}: {reply.text[:200]}")
        found: dict[str, Any] = reply.json()
        return found

    def truth(self) -> list[dict[str, Any]]:
        """What is broken, pending or explained between the systems of the sandbox, by its own account."""
        found: Any = self.meta("truth")
        return list(found)


@contextmanager
def running_sandbox(data_dir: Path, *options: str, port: int = 0) -> Iterator[Sandbox]:
    """Start the sandbox on loopback with its state in `data_dir`, and stop it at exit, whatever happened inside.

    It ends with this process, also when that is killed. Its output is kept in `<data_dir>/sandbox.log`. Raises
    SandboxFailed with its last line when it does not start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    log = data_dir / "sandbox.log"
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--data-dir", str(data_dir), *options]
    command.append("--until-input-ends")
    with (
        log.open("w", encoding="utf-8") as errors,
        child(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        ready = _ready(process, log)
        yield Sandbox(str(ready["origin"]), ready)


def _ready(process: subprocess.Popen[str], log: Path) -> dict[str, Any]:
    """Wait for the line of JSON that the sandbox prints when it is ready."""
    assert process.stdout is not None  # noqa: S101  # opened as a pipe above
    give_up_at = time.monotonic() + START_PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        if select.select([process.stdout], [], [], 0.2)[0]:
            line = process.stdout.readline()
            if line.startswith("{"):
                said: dict[str, Any] = json.loads(line)
                return said
            if line:
                continue
        if process.poll() is not None:
            raise SandboxFailed(f"The sandbox did not start: {_last_line(log)} (all of it: {log}).")
    raise SandboxFailed(f"The sandbox was not ready after {START_PATIENCE_SECONDS:.0f} seconds; see {log}.")


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return lines[-1].strip() if lines else f"it ended without a word (python {os.path.basename(sys.executable)})"
