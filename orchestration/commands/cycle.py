"""The whole cycle: in the demo's world or on the project's settings, by hand or in the UI."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from orchestration.child_process import child
from orchestration.commands.shared import Demo, chosen_settings
from orchestration.definitions import defs
from orchestration.demo_world import History, shop_variables
from orchestration.lib.instance import dagster_home
from orchestration.quiet import output_to, shown_on, wide_console
from orchestration.runs import NotAllRead, RunSummary, run_job
from orchestration.sandbox_process import running_sandbox
from pipelines.config import Settings
from pipelines.failures import ConfigurationError

LOOPBACK = "127.0.0.1"


def demo(
    history: Annotated[
        History, typer.Option(help="A generated world, or the real purchases of CDNOW.")
    ] = History.generated,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last delivery on customers back at the end.")] = False,
) -> None:
    """Run the whole cycle twice against the sandbox (day 0 in full, day 1 as an increment) and say what happened."""
    from orchestration.demo import (
        run_demo,
    )  # imports Dagster and the models of the report: seconds that --help can save

    run_demo(history, undo=undo)


def refresh(demo: Demo = False) -> None:
    """Extract every shop, build and test the models, fit the scores; writes nothing to Shopify."""
    with chosen_settings(demo) as settings:
        _run(settings, "refresh")


def deliver(demo: Demo = False) -> None:
    """Test the wanted values, plan the difference, let the guards look, and send it to Shopify."""
    with chosen_settings(demo) as settings:
        _run(settings, "deliver")


def ui(
    port: Annotated[int, typer.Option(help="Port of the UI on this machine.")] = 3000,
    demo: Demo = False,
) -> None:
    """Open the Dagster UI with its daemon on this machine, until Ctrl-C."""
    with chosen_settings(demo) as settings:
        home = dagster_home(settings)
        command = [sys.executable, "-m", "dagster", "dev", "-w", str(home / "workspace.yaml"), "-h", LOOPBACK]
        typer.echo(f"The UI of {settings.data_dir} is at http://{LOOPBACK}:{port} in a few seconds; Ctrl-C stops it.")
        environment = {**os.environ, "DAGSTER_HOME": str(home)}
        with child([*command, "-p", str(port)], env=environment) as process:
            code = process.wait()
    if code:
        raise ConfigurationError(f"The UI ended with code {code}: read the lines above.")


def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 takes a free one.")] = 8080,
    history: Annotated[History, typer.Option(help="What the shops have sold.")] = History.generated,
    data_dir: Annotated[Path, typer.Option(help="Where the sandbox keeps its state.")] = Path("data/sandbox"),
) -> None:
    """Run the stand-in for Shopify until Ctrl-C, and print the settings that reach it."""
    with running_sandbox(data_dir, *history.options(), port=port) as running:
        typer.echo(f"The sandbox answers at {running.origin} (state in {data_dir}). Settings that reach it:\n")
        for name, value in shop_variables(running).items():
            typer.echo(f"export {name}={value}")
        while True:
            time.sleep(3600)


def _run(settings: Settings, job: str) -> None:
    log = settings.data_dir / "logs" / f"{job}-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
    with output_to(log) as console, shown_on(console) as progress:
        summary = run_job(settings, defs(), job, progress)
    _print(wide_console(), summary)
    if summary.checks.unread:
        raise NotAllRead("; ".join(summary.checks.unread))


def _print(console: Console, summary: RunSummary) -> None:
    checks = summary.checks
    console.print(
        f"{summary.job} {summary.run_id[:8]}: {len(summary.assets)} assets in {sum(summary.seconds.values()):.0f} s; "
        f"checks: {checks.passed} passed, {checks.warned} warned, {checks.failed} failed"
    )
    for named in checks.named:
        console.print(f"  {named}", style="yellow", markup=False)
