"""Keep what frameworks print out of what people read: it goes to a file, the display stays on the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from rich.console import Console

from orchestration.lib.progress import LiveProgress, PlainProgress
from pipelines.progress import Progress

WIDTH = 120


@contextmanager
def output_to(log: Path) -> Iterator[Console]:
    """Send everything that this process and its children print to `log`; yields a console on the real output.

    Works on file descriptors, because dbt runs as a child and Dagster captures the output of each step by descriptor.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    out, err = os.dup(1), os.dup(2)
    sink = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.dup2(sink, 1)
        os.dup2(sink, 2)
        with os.fdopen(os.dup(out), "w", encoding="utf-8") as terminal:
            yield wide_console(file=terminal)
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os.dup2(out, 1)
        os.dup2(err, 2)
        for descriptor in (out, err, sink):
            os.close(descriptor)


def wide_console(file: IO[str] | None = None) -> Console:
    """A console as wide as the terminal, and wide enough for our tables where there is none."""
    console = Console(file=file)
    return console if console.is_terminal else Console(file=file, width=WIDTH)


@contextmanager
def shown_on(console: Console) -> Iterator[Progress]:
    """Live bars on a terminal, one line a finished item elsewhere."""
    if console.is_terminal:
        with LiveProgress(console) as live:
            yield live
    else:
        yield PlainProgress(console)
