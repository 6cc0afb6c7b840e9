"""What a command starts ends with it, grandchildren included."""

import os
import subprocess
import sys
import time

from orchestration.child_process import child

# A child that starts a child of its own, names it, and sleeps.
PARENT = "import subprocess, sys, time; p = subprocess.Popen(['sleep', '60']); print(p.pid, flush=True); time.sleep(60)"


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.strip().startswith("Z")


def test_child_and_grandchild_are_gone_after_the_block() -> None:
    with child([sys.executable, "-c", PARENT], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        grandchild = int(process.stdout.readline())
        assert lives(grandchild)
    assert process.poll() is not None
    give_up_at = time.monotonic() + 5
    while lives(grandchild) and time.monotonic() < give_up_at:
        time.sleep(0.05)
    assert not lives(grandchild)


def test_a_child_that_ended_by_itself_keeps_its_exit_code() -> None:
    with child([sys.executable, "-c", "raise SystemExit(7)"]) as process:
        process.wait(20)
    assert process.returncode == 7
