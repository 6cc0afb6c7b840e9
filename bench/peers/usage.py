"""Runs programs from outside and says what they used: processor time of each with its children, wall time, memory."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.process import MAXRSS_BYTES, BenchFailed

LAUNCHER = [sys.executable, "-S", "-E", str(Path(__file__).parent / "launcher.py")]


@dataclass(frozen=True)
class Usage:
    """Seconds of wall and processor time; `peak_mb` adds up the programs of a pipe, each with its largest process."""

    wall: float
    cpu: float
    peak_mb: float
    output: Path
    log: Path


def run(commands: Sequence[Sequence[str]], folder: Path, environment: Mapping[str, str]) -> Usage:
    """Run a pipe of commands in `folder`; what the last one prints goes to `out`, what they say to `log`.

    Raises BenchFailed with the last words when one of them fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    output, log = folder / "out", folder / "log"
    processes: list[subprocess.Popen[bytes]] = []
    began = time.perf_counter()
    with output.open("wb") as out, log.open("wb") as said:
        for place, command in enumerate(commands):
            previous = processes[-1].stdout if processes else None
            process = subprocess.Popen(
                [*LAUNCHER, f"usage-{place}.json", *command],
                cwd=folder,
                env=dict(environment),
                stdin=previous or subprocess.DEVNULL,
                stdout=out if place == len(commands) - 1 else subprocess.PIPE,
                stderr=said,
            )
            if previous is not None:
                previous.close()  # or the first would not hear that the second died
            processes.append(process)
        codes = [process.wait() for process in processes]
    wall = time.perf_counter() - began
    if any(codes):
        words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:]
        raise BenchFailed(f"{Path(commands[0][0]).name} ended with {codes}:\n" + "\n".join(words))
    used = [json.loads((folder / f"usage-{place}.json").read_text()) for place in range(len(commands))]
    peak = sum(each["maxrss"] for each in used) * MAXRSS_BYTES / 1e6
    return Usage(wall, sum(each["cpu"] for each in used), peak, output, log)
