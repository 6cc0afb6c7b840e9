"""Memory: an export far larger than the memory that its extraction may use.

The extraction runs as people start it, in a process of its own that is ended when it holds more resident memory than
the limit; afterwards the kernel's own mark of the most it ever held tells that nothing was missed between two looks.

A limit of the kernel's is the better one where it can be had. RLIMIT_DATA needs neither root nor control groups and is
used for exports up to the size of the limit. It counts address space, and DuckDB's allocator keeps address space whose
pages it has given back: ten gigabytes ran into a RLIMIT_DATA of one at 527 MB of resident memory.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.process import ROOT, BenchFailed
from bench.report import Finding, Goal

GIGABYTE = 1_000_000_000
LIMIT = GIGABYTE
BYTES = {"small": GIGABYTE // 10, "default": GIGABYTE, "full": 10 * GIGABYTE}
SHOP = "us"
LAST_WORDS = 12
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Served:
    """An export that waits to be read: where its shop answers, and how much it is."""

    origin: str
    lines: int
    size: int


@dataclass(frozen=True)
class Extracted:
    """What an extraction under a limit used, and what it said. `peak_mb` is its largest resident memory."""

    wall: float
    cpu: float
    peak_mb: float
    code: int
    output: str


def run(scale: str, folder: Path) -> list[Finding]:
    """Orders of one size, under the limit."""
    with served_export("orders", BYTES[scale]) as export:
        done = extract_under(LIMIT, folder, export.origin, "orders", by_kernel=export.size < 2 * LIMIT)
    if done.code:
        last = done.output.strip().splitlines()[-LAST_WORDS:]
        raise BenchFailed(f"the extraction under a limit ended with code {done.code}:\n" + "\n".join(last))
    return [
        Finding(
            "memory",
            f"an export of {export.size / GIGABYTE:.1f} GB, {export.lines:,} lines, extracted under a limit of "
            f"{LIMIT / GIGABYTE:.0f} GB",
            f"{done.wall:.0f} s, {export.size / done.wall / 1e6:,.0f} MB/s",
            "peak resident memory",
            done.peak_mb,
            " MB",
            Goal(most=1000, unit=" MB"),
            cpu=done.cpu,
            peak_mb=done.peak_mb,
            details={"lines": export.lines, "bytes": export.size, "limit": LIMIT, "said": done.output},
        )
    ]


@contextmanager
def served_export(entity: str, least_bytes: int) -> Iterator[Served]:
    """Serve an export of at least so many bytes, by a process of its own, while the block lasts."""
    command = [sys.executable, "-m", "bench.large_export", entity, str(least_bytes)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Served(told["origin"], told["lines"], told["bytes"])
        finally:
            process.terminate()


def extract_under(limit: int, folder: Path, origin: str, entity: str, *, by_kernel: bool) -> Extracted:
    """Extract one entity into a new warehouse below `folder` with at most `limit` bytes of memory for the process.

    `by_kernel` sets RLIMIT_DATA besides. A process that is ended for its memory has the exit code -9.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "boomerang.toml").write_text(
        f'[shops.{SHOP}]\ndomain = "large-{SHOP}.myshopify.com"\nbase_url = "{origin}"\n', encoding="utf-8"
    )
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("BOOMERANG_", "DBT_"))}
    ours |= {
        "PYTHONPATH": str(ROOT),
        "BOOMERANG_CONFIG": str(folder / "boomerang.toml"),
        "BOOMERANG_DATA_DIR": str(folder / "data"),
        f"BOOMERANG_SHOPS__{SHOP.upper()}__ACCESS_TOKEN": "public-dummy",
    }
    command = [sys.executable, "-m", "pipelines.shopify", "--shop", SHOP, "--entities", entity]
    if by_kernel:
        # Set by the process itself before it becomes the extraction: nothing of it is ever outside the limit.
        limited = (
            "import os, resource, sys; "
            f"resource.setrlimit(resource.RLIMIT_DATA, ({limit}, {limit})); os.execv(sys.executable, sys.argv[1:])"
        )
        command = [sys.executable, "-c", limited, *command]
    log = folder / "extraction.log"
    began = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=ours, stdout=output, stderr=output)
        ended, seen = threading.Event(), [0]
        watch = threading.Thread(target=_end_above, args=(process.pid, limit, ended, seen), daemon=True)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        ended.set()
        watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    return Extracted(
        wall=time.perf_counter() - began,
        cpu=usage.ru_utime + usage.ru_stime,
        peak_mb=max(seen) / 1e6,
        code=process.returncode,
        output=log.read_text(encoding="utf-8", errors="replace"),
    )


def _end_above(pid: int, limit: int, ended: threading.Event, seen: list[int]) -> None:
    """Kill a process as soon as it is seen with more resident memory than the limit; appends the peaks that are seen.

    The kernel's own high-water mark is read, which no look can miss. `ru_maxrss` is not it: a process inherits there
    what its parent used before it became another program.
    """
    while not ended.wait(LOOK_SECONDS):
        try:
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        except (FileNotFoundError, ProcessLookupError):
            return
        peak = re.search(r"VmHWM:\s+(\d+)", status)
        if peak is None:  # ended, and not yet waited for
            return
        seen.append(int(peak[1]) * 1024)
        if seen[-1] > limit:
            os.kill(pid, signal.SIGKILL)
            return
