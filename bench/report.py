"""What benchmarks find, as one table and as JSON. A goal is printed beside its figure; nothing is asserted."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.machine import sentence


@dataclass(frozen=True)
class Goal:
    """A bound for a figure: at least, or at most."""

    least: float | None = None
    most: float | None = None
    unit: str = ""

    def met(self, figure: float) -> bool:
        """Whether the figure keeps within the bound."""
        return (self.least is None or figure >= self.least) and (self.most is None or figure <= self.most)

    def __str__(self) -> str:
        """'>= 0.5', '<= 1 s'."""
        bound = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return f"{bound}{self.unit}"


@dataclass(frozen=True)
class Finding:
    """One row: what was measured, what it is held against, and the figure that the goal is about.

    `figure` is a ratio within the run unless `unit` names one. `cpu` is seconds and `peak_mb` megabytes of the measured
    process.
    """

    bench: str
    subject: str
    measured: str
    against: str
    figure: float
    unit: str = ""
    goal: Goal | None = None
    cpu: float | None = None
    peak_mb: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """'met', 'not met', or nothing without a goal."""
        if self.goal is None:
            return ""
        return "met" if self.goal.met(self.figure) else "not met"


def print_findings(console: Console, machine: dict[str, Any], findings: Sequence[Finding]) -> None:
    """Print the table."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("bench", "measured", "", "held against"):
        table.add_column(column, overflow="fold")
    for column in ("figure", "goal", "", "cpu s", "peak MB"):
        table.add_column(column, justify="right", no_wrap=True)
    previous = ""
    for found in findings:
        style = {"met": "green", "not met": "bold red", "": "dim"}[found.verdict]
        table.add_row(
            found.bench if found.bench != previous else "",
            found.subject,
            found.measured,
            found.against,
            f"{found.figure:,.3g}{found.unit}" if found.figure < 1000 else f"{found.figure:,.0f}{found.unit}",
            str(found.goal or ""),
            f"[{style}]{found.verdict}[/]",
            "" if found.cpu is None else f"{found.cpu:,.1f}",
            "" if found.peak_mb is None else f"{found.peak_mb:,.0f}",
        )
        previous = found.bench
    console.print(table)
    console.print(f"\n{sentence(machine)}", style="dim", highlight=False)


def write_findings(path: Path, machine: dict[str, Any], scale: str, findings: Sequence[Finding]) -> None:
    """Write the same as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(found), "verdict": found.verdict or None} for found in findings]
    content = {"machine": machine, "scale": scale, "findings": rows}
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
