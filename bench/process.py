"""Runs a function in a process of its own, so that its processor time and its peak memory are its own.

    result = measured(ours, lines=1_000_000)

The function takes and returns what JSON can say. The figures are those of the process and of the children it waited
for; peak memory is that of the largest of them.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# ru_maxrss counts kilobytes on Linux and bytes on macOS.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class BenchFailed(Exception):
    """A measured process ended with an error; its output tells which."""


@dataclass(frozen=True)
class Measured:
    """What a function returned and used. `wall` and `cpu` are seconds of the whole process, with start and imports."""

    result: dict[str, Any]
    wall: float
    cpu: float
    peak_mb: float


def measured(function: Callable[..., dict[str, Any]], folder: Path, **arguments: Any) -> Measured:
    """Run `function(folder, **arguments)` in a process whose working folder is `folder`, without BOOMERANG_* settings.

    Raises BenchFailed with the last lines of its output when it fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BOOMERANG_", "DBT_"))}
    environment["PYTHONPATH"] = str(ROOT)
    # A process that may not keep its bytecode compiles every import anew: seconds that no installation has.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    given = {"folder": str(folder.absolute()), **arguments}
    with tempfile.TemporaryDirectory() as scratch:
        answer, log = Path(scratch) / "answer.json", Path(scratch) / "log"
        target = f"{function.__module__}:{function.__name__}"
        command = [sys.executable, "-m", "bench.process", target, json.dumps(given, default=str), str(answer)]
        began = time.perf_counter()
        with log.open("wb") as output:
            process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
            _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-12:]
            raise BenchFailed(f"{target} ended with code {process.returncode}:\n" + "\n".join(words))
        result = json.loads(answer.read_text(encoding="utf-8"))
    peak = usage.ru_maxrss * MAXRSS_BYTES / 1e6
    return Measured(result, wall, usage.ru_utime + usage.ru_stime, peak)


def main(target: str, arguments: str, answer: str) -> None:
    """Call `module:function` and leave what it returns in a file."""
    module, _, name = target.partition(":")
    function = getattr(importlib.import_module(module), name)
    given = json.loads(arguments)
    result = function(Path(given.pop("folder")), **given)
    Path(answer).write_text(json.dumps(result, default=str), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
