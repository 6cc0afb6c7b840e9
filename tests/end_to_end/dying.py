"""Run `boomerang` in this process and kill it at a chosen moment, as a power cut would.

    python -m tests.end_to_end.dying COUNTS KIND NTH COMMAND ...

Counts what could leave something half done: statements sent to the warehouse, requests sent to Shopify, files renamed
into place, and invocations of dbt. At the NTH of KIND the process ends at once, without clean-up. With NTH 0 it
runs to the end. What was counted is written to COUNTS as JSON at the end, so that a test can choose its moments.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import httpx

from orchestration.cli import main
from pipelines.warehouse.on_duckdb import DuckDBSession

KINDS = ("statement", "request", "rename", "dbt")
DBT_RUNS_FOR_SECONDS = 4.0  # long enough to be building models, short enough not to be done

seen: Counter[str] = Counter()


def die() -> NoReturn:
    """End this process and whatever it started, at once."""
    os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(137)


def watch(owner: Any, name: str, kind: str, fatal: str, nth: int) -> None:
    """Count the calls of `owner.name`, and die instead of making the fatal one."""
    original: Callable[..., Any] = getattr(owner, name)

    def counted(*arguments: Any, **named: Any) -> Any:
        seen[kind] += 1
        if kind == fatal and seen[kind] == nth:
            if kind != "dbt":
                die()
            threading.Timer(DBT_RUNS_FOR_SECONDS, die).start()
        return original(*arguments, **named)

    setattr(owner, name, counted)


class CountedPopen(subprocess.Popen[Any]):
    """Tells invocations of dbt from other processes."""

    def __init__(self, args: Any, *others: Any, **named: Any) -> None:
        if isinstance(args, list) and Path(str(args[0])).name == "dbt":
            dbt_started()
        super().__init__(args, *others, **named)


def dbt_started() -> None:
    """dbt is about to run as a process of its own."""


if __name__ == "__main__":
    counts, fatal_kind, fatal_nth = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    watch(DuckDBSession, "_run", "statement", fatal_kind, fatal_nth)
    watch(httpx.AsyncClient, "send", "request", fatal_kind, fatal_nth)
    watch(aiohttp.ClientSession, "_request", "request", fatal_kind, fatal_nth)
    watch(os, "replace", "rename", fatal_kind, fatal_nth)
    watch(sys.modules[__name__], "dbt_started", "dbt", fatal_kind, fatal_nth)
    subprocess.Popen = CountedPopen  # type: ignore[misc]
    sys.argv = ["boomerang", *sys.argv[4:]]
    try:
        main()
    finally:
        counts.write_text(json.dumps(seen), encoding="utf-8")
