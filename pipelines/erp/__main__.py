"""Extracts one ERP from the command line, without the orchestrator: `python -m pipelines.erp --erp netsuite`."""

import argparse
import sys
from datetime import UTC, datetime

from pipelines.config import load_settings
from pipelines.erp.source import extract
from pipelines.failures import BoomerangError
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import SilentProgress


def main(arguments: list[str] | None = None) -> int:
    """Extract what is new and print one line a window; the exit code is 0 when every entity is complete."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.erp", description=__doc__)
    parser.add_argument("--erp", required=True, help="name of the ERP in the settings")
    parser.add_argument("--entities", nargs="+", metavar="ENTITY", help="only these entities; all when left out")
    given = parser.parse_args(arguments)
    run_id = f"cli-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    try:
        report = extract(load_settings(), given.erp, entities=given.entities, run_id=run_id, progress=SilentProgress())
    except ExtractionFailed as error:
        _print(error.report)
        print(error, file=sys.stderr)
        return error.exit_code
    except BoomerangError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    _print(report)
    return 0


def _print(report: ExtractionReport) -> None:
    for result in report.entities:
        print(
            f"{result.shop} {result.entity} ({result.mode}): {result.arrived_rows:,} of {result.expected_rows:,} "
            f"rows, {result.loaded_rows:,} loaded, {result.rejected_rows:,} rejected, {result.seconds:.1f} s"
        )


if __name__ == "__main__":
    sys.exit(main())
