"""Extracts one shop from the command line, without the orchestrator: `python -m pipelines.shopify --shop us`."""

import sys
from collections.abc import Sequence

from pipelines.intake.command_line import run_extraction
from pipelines.shopify.source import extract


def main(arguments: Sequence[str] | None = None) -> int:
    """Extract what is new; the exit code is 0 when every entity is complete."""
    return run_extraction("shopify", __doc__, "shop", extract, arguments, counted="lines")


if __name__ == "__main__":
    sys.exit(main())
