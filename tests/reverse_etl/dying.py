"""Applies a plan in a process of its own and dies, without any goodbye, at the n-th time that a point is passed.

    python -m tests.reverse_etl.dying <folder of sync files> <plan id> <point> <n>

Settings come from the environment, as in the command line.
"""

import os
import sys
from pathlib import Path

from pipelines.config import load_settings
from reverse_etl.apply import apply_plan

DIED = 9


def main(folder: str, plan_id: str, point: str, nth: str) -> None:
    """Apply, and die on the way."""
    left = int(nth)

    def die(passed: str) -> None:
        nonlocal left
        left -= passed == point
        if left == 0:
            os._exit(DIED)

    apply_plan(load_settings(), plan_id, folder=Path(folder), checkpoint=die)


if __name__ == "__main__":
    main(*sys.argv[1:])
