import subprocess
import sys
from pathlib import Path

from bench.__main__ import BENCHES, OPT_IN

ROOT = Path(__file__).parents[2]


def test_the_benches_can_be_listed_without_running_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed == list(BENCHES)


def test_what_needs_environments_of_its_own_runs_only_when_asked_for() -> None:
    assert set(OPT_IN) < set(BENCHES)
    assert "peers" in OPT_IN
