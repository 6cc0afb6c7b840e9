"""Extracts one ERP from the command line, without the orchestrator: `python -m pipelines.erp --erp netsuite`."""

import sys
from collections.abc import Sequence

from pipelines.erp.source import extract
from pipelines.intake.command_line import run_extraction


def main(arguments: Sequence[str] | None = None) -> int:
    """Extract what is new; the exit code is 0 when every entity is complete."""
    return run_extraction("erp", __doc__, "erp", extract, arguments)


if __name__ == "__main__":
    sys.exit(main())
