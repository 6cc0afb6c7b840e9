import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_benches_can_be_listed_without_running_one() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench", "--list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed == ["extract", "wait", "writeback", "models", "plan", "scores", "demo", "peers"]
