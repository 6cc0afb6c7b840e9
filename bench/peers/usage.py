"""Runs programs from outside and says what they used: processor time of each with its children, wall time, memory."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.process import MAXRSS_BYTES, BenchFailed

PATIENCE_SECONDS = 3600


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
                command,
                cwd=folder,
                env=dict(environment),
                stdin=previous or subprocess.DEVNULL,
                stdout=out if place == len(commands) - 1 else subprocess.PIPE,
                stderr=said,
            )
            if previous is not None:
                previous.close()  # or the first would not hear that the second died
            processes.append(process)
        used, codes = [], []
        for process in processes:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            used.append(usage)
            codes.append(process.returncode)
    wall = time.perf_counter() - began
    if any(codes):
        words = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-8:]
        raise BenchFailed(f"{Path(commands[0][0]).name} ended with {codes}:\n" + "\n".join(words))
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return Usage(wall, cpu, sum(usage.ru_maxrss for usage in used) * MAXRSS_BYTES / 1e6, output, log)
