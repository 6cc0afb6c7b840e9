"""Ways to show progress: live on a terminal, plain lines elsewhere, the step's log inside a Dagster run."""

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text


class LogProgress:
    """Writes one line a finished item to the log of the running step."""

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        """Say nothing: the line comes at the end."""

    def advance(self, stage: str, item: str, by: int) -> None:
        """Say nothing: the line comes at the end."""

    def finish(self, stage: str, item: str, note: str = "") -> None:
        """Log the item with its note."""
        dg.get_dagster_logger("boomerang").info(_line(stage, item, note))


@dataclass
class _Running:
    started: float
    unit: str
    done: int = 0


class PlainProgress:
    """Prints one line a finished item; for logs and pipes."""

    def __init__(self, console: Console) -> None:
        """Print to `console`."""
        self._console = console
        self._running: dict[tuple[str, str], _Running] = {}
        self._lock = threading.Lock()

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        """Remember when the item began."""
        with self._lock:
            self._running.setdefault((stage, item), _Running(time.monotonic(), unit))

    def advance(self, stage: str, item: str, by: int) -> None:
        """Count."""
        with self._lock:
            running = self._running.get((stage, item))
            if running:
                running.done += by

    def finish(self, stage: str, item: str, note: str = "") -> None:
        """Print the item, its note or what was counted, and how long it took."""
        with self._lock:
            running = self._running.pop((stage, item), None)
        if running:
            note = note or (f"{running.done:,} {running.unit}" if running.done else "")
            note = f"{note} in {time.monotonic() - running.started:.1f} s".strip()
        self._console.print(_line(stage, item, note), highlight=False, markup=False, soft_wrap=True)


@dataclass
class _Stage:
    task: TaskID
    items: dict[str, TaskID] = field(default_factory=dict)
    finished: int = 0
    done: int = 0


class LiveProgress:
    """One bar a stage with its finished items, and below it a bar for each item that is running now.

    Finished items leave the display, so that forty of them fit on a small terminal; a stage stays with its sum.
    """

    def __init__(self, console: Console) -> None:
        """Show on `console`, which should be a terminal; use as a context manager."""
        self._display = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            _Amount(),
            TimeElapsedColumn(),
            console=console,
            transient=False,
        )
        self._stages: dict[str, _Stage] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Start drawing."""
        self._display.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop drawing and leave the stages on the screen."""
        self._display.stop()

    def start(self, stage: str, item: str, total: int | None = None, unit: str = "rows") -> None:
        """Show the item under its stage."""
        with self._lock:
            known = self._stages.get(stage)
            if known is None:
                known = _Stage(self._display.add_task(stage, total=None, unit=unit, done=0, items="0/0"))
                self._stages[stage] = known
            if item in known.items:
                self._display.update(known.items[item], total=total)
                return
            known.items[item] = self._display.add_task(f"  {item}", total=total, unit=unit, done=0, items="")
            self._refresh(known)

    def advance(self, stage: str, item: str, by: int) -> None:
        """Move the bar of the item and the sum of its stage."""
        with self._lock:
            known = self._stages.get(stage)
            if known is None or item not in known.items:
                return
            known.done += by
            self._display.advance(known.items[item], by)
            self._refresh(known)

    def finish(self, stage: str, item: str, note: str = "") -> None:
        """Take the item off the display and count it as finished."""
        with self._lock:
            known = self._stages.get(stage)
            if known is None or item not in known.items:
                return
            self._display.update(known.items[item], visible=False)
            self._display.stop_task(known.items[item])
            known.finished += 1
            self._refresh(known)

    def _refresh(self, stage: _Stage) -> None:
        everything = len(stage.items)
        self._display.update(
            stage.task,
            total=everything,
            completed=stage.finished,
            done=stage.done,
            items=f"{stage.finished}/{everything}",
        )


class _Amount(ProgressColumn):
    """`3/20  12,345 rows` for a stage, `1,200/4,000 rows` for an item."""

    def render(self, task: Task) -> Text:
        unit = task.fields["unit"]
        if task.fields["items"]:
            amount = f"  {task.fields['done']:,} {unit}" if task.fields["done"] else ""
            return Text(f"{task.fields['items']}{amount}")
        total = f"/{int(task.total):,}" if task.total is not None else ""
        return Text(f"{int(task.completed):,}{total} {unit}", style="dim")


def _line(stage: str, item: str, note: str) -> str:
    return f"{stage}: {item}: {note}" if note else f"{stage}: {item}"
