"""Redacts in a process of its own and dies, without any goodbye, after one step.

python -m tests.pipelines.privacy.dying <data folder> <step>
"""

import os
import sys
from pathlib import Path

from pipelines.privacy.redact import redact
from tests.pipelines.privacy.conftest import settings_of
from tests.pipelines.privacy.kept import GONE

DIED = 9


def main(folder: str, step: str) -> None:
    """Redact, and die on the way."""

    def die(passed: str) -> None:
        if passed == step:
            os._exit(DIED)

    redact(settings_of(Path(folder)), GONE.subject, checkpoint=die)


if __name__ == "__main__":
    main(*sys.argv[1:])
