"""Old invocations of dbt are forgotten; the latest, and what may still be running, stay."""

import os
import time
from pathlib import Path

from orchestration.lib.dbt_artifacts import forget_old_invocations
from orchestration.lib.dbt_project import target_dir
from pipelines.config import Settings

DAY = 86_400.0


def invocations(settings: Settings, days_old: dict[str, float]) -> Path:
    folder = target_dir(settings)
    for name, days in days_old.items():
        (folder / name / "compiled").mkdir(parents=True)
        at = time.time() - days * DAY
        os.utime(folder / name, (at, at))
    return folder


def left(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_latest_stay_and_older_ones_go(settings: Settings) -> None:
    folder = invocations(settings, {"dbt-aaa-1": 3, "dbt_2-aaa-2": 2, "dbt-bbb-3": 1})
    assert forget_old_invocations(settings, kept=2) == 1
    assert left(folder) == {"dbt_2-aaa-2", "dbt-bbb-3"}


def test_an_invocation_of_today_is_never_touched(settings: Settings) -> None:
    folder = invocations(settings, {"dbt-aaa-1": 0.1, "dbt-bbb-2": 0.05, "dbt-ccc-3": 0})
    assert forget_old_invocations(settings, kept=1) == 0
    assert len(left(folder)) == 3


def test_nothing_else_in_the_folder_is_an_invocation(settings: Settings) -> None:
    folder = invocations(settings, {"dbt-aaa-1": 9, "compiled": 9, "run": 9})
    (folder / "manifest.json").write_text("{}", encoding="utf-8")
    forget_old_invocations(settings, kept=0)
    assert left(folder) == {"compiled", "run", "manifest.json"}


def test_a_data_folder_without_dbt_is_fine(settings: Settings) -> None:
    assert forget_old_invocations(settings) == 0
