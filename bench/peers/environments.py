"""One virtual environment for each peer below .cache/peers, with exact versions: they cannot be installed together.

A folder is named after what it holds, so that a change of a version makes a new one, and a half-made one is made again.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from bench.process import ROOT, BenchFailed

FOLDER = ROOT / ".cache" / "peers"
PINS = Path(__file__).parent / "pins"
NAMES = ("tap", "target", "airbyte", "pyairbyte", "dlt", "drt")


def environment(name: str) -> Path:
    """The `bin` folder of a peer's environment, made when it is missing; BenchFailed when that cannot be done."""
    pins = PINS / f"{name}.txt"
    content = f"{sys.version_info[:2]}\n{pins.read_text(encoding='utf-8')}"
    folder = FOLDER / f"{name}-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
    ready = folder / ".ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        sys.stderr.write(f"Making the environment of {name} in {folder.relative_to(ROOT)} (once)\n")
        _run(name, [sys.executable, "-m", "venv", str(folder)])
        python = str(folder / "bin" / "python")
        _run(name, [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-deps", "-r", str(pins)])
        ready.touch()
    return folder / "bin"


def _run(name: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise BenchFailed(f"The environment of {name} could not be made: {' '.join(words)}")
