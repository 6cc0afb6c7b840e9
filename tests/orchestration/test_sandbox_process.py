"""The sandbox lives exactly as long as the command that needs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from orchestration.sandbox_process import SandboxFailed, running_sandbox

SMALL = ("--customers", "20", "--months", "1")


def listens(origin: str) -> bool:
    parts = urlsplit(origin)
    with socket.socket() as probe:
        return probe.connect_ex((parts.hostname or "", parts.port or 0)) == 0


def interrupted(folder: Path, origins: list[str]) -> None:
    with running_sandbox(folder, *SMALL) as sandbox:
        origins.append(sandbox.origin)
        raise KeyboardInterrupt


def test_it_answers_inside_the_block_and_is_gone_after_it(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, *SMALL) as sandbox:
        assert sandbox.meta("health")["shops"] == ["boomerang-eu.myshopify.com", "boomerang-us.myshopify.com"]
        origin = sandbox.origin
    assert not listens(origin)


def test_a_failure_inside_the_block_stops_it_too(tmp_path: Path) -> None:
    origins: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        interrupted(tmp_path, origins)
    assert not listens(origins[0])


STARTS_ONE = """
import sys, time
from pathlib import Path
from orchestration.sandbox_process import running_sandbox
with running_sandbox(Path(sys.argv[1]), *sys.argv[2:]) as sandbox:
    print(sandbox.origin, flush=True)
    time.sleep(600)
"""


def test_it_is_gone_when_whoever_started_it_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS_ONE, str(tmp_path), *SMALL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        origin = starter.stdout.readline().strip()
        assert listens(origin)
        os.kill(starter.pid, signal.SIGKILL)
    give_up_at = time.monotonic() + 60
    while listens(origin) and time.monotonic() < give_up_at:
        time.sleep(0.1)
    assert not listens(origin)


def test_time_moves_on_request(tmp_path: Path) -> None:
    with running_sandbox(tmp_path, *SMALL) as sandbox:
        before = sandbox.meta("health")["now"]
        after = sandbox.meta("advance", days=1)["now"]
    assert before[:10] < after[:10]


def test_a_sandbox_that_cannot_start_says_why_and_where_its_log_is(tmp_path: Path) -> None:
    with (
        pytest.raises(SandboxFailed, match=r"did not start: .*--no-such-option.*sandbox\.log"),
        running_sandbox(tmp_path, "--no-such-option"),
    ):
        pass


def test_what_the_sandbox_refuses_is_a_sentence(tmp_path: Path) -> None:
    with (
        running_sandbox(tmp_path, *SMALL) as sandbox,
        pytest.raises(SandboxFailed, match=r"refused advance: .*say how far"),
    ):
        sandbox.meta("advance", moons=1)
