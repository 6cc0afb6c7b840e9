"""Extraction of one connection from the command line, without the orchestrator; each source has its own entry."""

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from pipelines.config import load_settings
from pipelines.failures import BoomerangError
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import SilentProgress


def run_extraction(
    source: str,
    description: str | None,
    connection: str,
    extract: Callable[..., ExtractionReport],
    arguments: Sequence[str] | None = None,
    *,
    counted: str = "rows",
) -> int:
    """Extract what is new and print one line a window; the exit code is 0 when every entity is complete.

    `source` is the package (`erp`), `connection` the option that names one (`--erp`), `counted` what its windows count.
    """
    parser = argparse.ArgumentParser(prog=f"python -m pipelines.{source}", description=description)
    parser.add_argument(f"--{connection}", dest="name", required=True, help=f"name of the {connection} in the settings")
    parser.add_argument("--entities", nargs="+", metavar="ENTITY", help="only these entities; all when left out")
    given = parser.parse_args(arguments)
    run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    try:
        report = extract(load_settings(), given.name, entities=given.entities, run_id=run_id, progress=SilentProgress())
    except ExtractionFailed as error:
        _print(error.report, counted)
        print(error, file=sys.stderr)
        return error.exit_code
    except BoomerangError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    _print(report, counted)
    return 0


def _print(report: ExtractionReport, counted: str) -> None:
    for result in report.entities:
        print(
            f"{result.shop} {result.entity} ({result.mode}): {result.arrived_rows:,} of {result.expected_rows:,} "
            f"{counted}, {result.loaded_rows:,} loaded, {result.rejected_rows:,} rejected, {result.seconds:.1f} s"
        )
