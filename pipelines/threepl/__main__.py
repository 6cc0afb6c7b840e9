"""Extracts one warehouse operator from the command line: `python -m pipelines.threepl --partner nordlager`."""

import sys
from collections.abc import Sequence

from pipelines.intake.command_line import run_extraction
from pipelines.threepl.source import extract


def main(arguments: Sequence[str] | None = None) -> int:
    """Extract what is new; the exit code is 0 when every entity is complete."""
    return run_extraction("threepl", __doc__, "partner", extract, arguments)


if __name__ == "__main__":
    sys.exit(main())
