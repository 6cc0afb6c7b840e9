"""dbt on the warehouse of some settings, as a command of its own."""

import os
import subprocess
import sys

from orchestration.lib import dbt_project
from pipelines.config import Settings


def dbt(settings: Settings, *arguments: str, **variables: str) -> str:
    """What dbt says; the test fails with it when dbt does. `variables` are further ones of its environment."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "from dbt.cli.main import cli; cli()", *arguments],
        env={**os.environ, **dbt_project.environment(settings), **variables},
        cwd=dbt_project.PROJECT_DIR,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    return done.stdout
