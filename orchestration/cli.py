"""`boomerang`: every step of the platform by hand.

A failure that a person can act on is one sentence on stderr and the exit code of its kind; a defect keeps its stack
trace.
"""

import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

import typer
from rich.console import Console

from orchestration.commands import cycle, delivery, models, privacy, source, syncs, tracing
from pipelines.failures import BoomerangError

INTERRUPTED = 130

app = typer.Typer(
    name="boomerang",
    help="Takes orders out of Shopify, scores every customer, brings the decisions back. Start with `boomerang demo`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

COMMANDS: dict[str, tuple[Callable[..., None], ...]] = {
    "The whole cycle": (cycle.demo, cycle.refresh, cycle.deliver, cycle.ui, cycle.sandbox),
    "Extraction": (source.extract, source.status, source.dead_letters, source.replay, source.check_config),
    "Reconciliation": (tracing.trace,),
    "Models": (models.build, models.score, models.costs, models.docs, models.prepare),
    "Write-back": (
        syncs.syncs,
        syncs.segments,
        delivery.plan,
        delivery.show,
        delivery.approve,
        delivery.apply,
        delivery.go,
        delivery.verify,
        delivery.undo,
        syncs.lift,
    ),
    "Privacy": (privacy.redact, privacy.export_person),
}
for panel, commands in COMMANDS.items():
    for command in commands:
        app.command(rich_help_panel=panel)(command)


def main() -> None:
    """Run the command line; the exit code is that of the failure, 130 after Ctrl-C."""
    # What was started is stopped on the way out, also when a supervisor ends us.
    signal.signal(signal.SIGTERM, _terminated)
    try:
        app()
    except BoomerangError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), style="red", markup=False, highlight=False)
        sys.exit(error.exit_code)
    except SystemExit as ending:
        if ending.code == INTERRUPTED:  # what typer makes of Ctrl-C
            Console(stderr=True).print("Stopped; what was started is stopped too.", style="yellow")
        raise


def _terminated(number: int, frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)
