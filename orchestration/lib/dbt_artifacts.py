"""What each invocation of dbt leaves in the data folder: its log, compiled SQL and results, in a folder of its own."""

import shutil
import time
from pathlib import Path

from orchestration.lib.dbt_project import target_dir
from pipelines.config import Settings

# Ten days of a nightly refresh, two invocations each; hourly, ten hours.
KEPT = 20
# An invocation that still runs is never touched, however many have begun since.
IN_USE_SECONDS = 6 * 3600.0
# dagster-dbt names it after the op, the run and a random part: dbt-f7635de-a74b63b, dbt_2-d3719dd-43620a5.
INVOCATIONS = ("dbt-*-*", "dbt_*-*-*")


def forget_old_invocations(settings: Settings, kept: int = KEPT) -> int:
    """Remove the folders of all but the latest invocations; returns how many went."""
    now = time.time()
    ages: dict[Path, float] = {}
    for pattern in INVOCATIONS:
        for folder in target_dir(settings).glob(pattern):
            if folder.is_dir():
                ages[folder] = now - folder.stat().st_mtime
    old = [folder for folder in sorted(ages, key=lambda folder: ages[folder])[kept:] if ages[folder] > IN_USE_SECONDS]
    for folder in old:
        # Two runs may tidy at once.
        shutil.rmtree(folder, ignore_errors=True)
    return len(old)
