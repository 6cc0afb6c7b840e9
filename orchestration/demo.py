"""`make demo`: the whole cycle twice against the sandbox, through the same Dagster jobs that production runs.

day 0: everything Shopify has -> models -> scores -> write-back
day 1: the world moves a day, and only what changed travels
then:  what day 1 wrote on customers, read back; with --undo, taken back
"""

import json
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from orchestration import report_display as show
from orchestration.definitions import defs
from orchestration.demo_delivery import WriteBack, look_at_delivery, show_delivery
from orchestration.demo_world import DEMO_DIR, History, demo_world, new_world, only_one
from orchestration.detection import Detection, detect
from orchestration.detection_display import show_detection
from orchestration.lib.instance import spare_the_disk
from orchestration.quiet import output_to, shown_on, wide_console
from orchestration.report import Cycle, customers_by, describe_cycle, fits
from orchestration.runs import run_job
from pipelines.config import Settings

LOG = "demo.log"
REPORT = "report.json"


def run_demo(history: History, directory: Path = DEMO_DIR, *, undo: bool = False) -> Path:
    """Run both cycles, print the report, and return the path of its JSON. Whatever an earlier demo left is removed.

    With `undo` the last run on customers is taken back at the end.
    """
    began = time.monotonic()
    spare_the_disk()
    with only_one(directory):
        content, cycles, written = _both_days(history, directory, undo=undo)
    content["seconds"] = round(time.monotonic() - began, 1)
    path = directory / REPORT
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    _print(wide_console(), content, cycles, written, path)
    return path


def _both_days(
    history: History, directory: Path, *, undo: bool
) -> tuple[dict[str, Any], list[Cycle], WriteBack | None]:
    new_world(history, directory)
    with output_to(directory / LOG) as console:
        console.print(f"A fresh demo in {directory} (what frameworks print: {directory / LOG})", highlight=False)
        sold = "two shops" if history is History.generated else "the purchases of CDNOW"
        console.print(f"Starting the sandbox with {sold}; building its world takes a while the first time ...")
        with demo_world(directory) as (settings, sandbox):
            cycles = [_cycle(settings, console, "day 0")]
            sandbox.meta("advance", days=1)
            cycles.append(_cycle(settings, console, "day 1"))
            content = _content(settings, history, cycles)
            if "erp" in sandbox.ready:
                content["breaks"] = [asdict(one) for one in detect(settings, sandbox.truth())]
            written = look_at_delivery(settings, undo=undo)
            content["write_back"] = written and asdict(written)
            return content, cycles, written


def _cycle(settings: Settings, console: Console, name: str) -> Cycle:
    started_at = datetime.now(UTC)
    console.print(f"\n{name}", style="bold")
    with shown_on(console) as progress:
        definitions = defs()
        refresh = run_job(settings, definitions, "refresh", progress)
        deliver = run_job(settings, definitions, "deliver", progress)
    return describe_cycle(settings, name, refresh, deliver, started_at)


def _content(settings: Settings, history: History, cycles: list[Cycle]) -> dict[str, Any]:
    return {
        "history": history.value,
        "finished_at": datetime.now(UTC),
        "warehouse": settings.duckdb_path,
        "complete": all(cycle.complete for cycle in cycles),
        "cycles": [{**asdict(cycle), "complete": cycle.complete} for cycle in cycles],
        "customers": {column: customers_by(settings, column) for column in ("vip_tier", "churn_band")},
        "fits": fits(settings),
    }


def _print(
    console: Console, content: dict[str, Any], cycles: list[Cycle], written: WriteBack | None, path: Path
) -> None:
    show.show_completeness(console, cycles)
    show.show_models(console, cycles)
    show.show_customers(console, content["customers"]["vip_tier"], content["customers"]["churn_band"])
    show.show_written(console, cycles)
    if written is not None:
        show_delivery(console, written)
    show_detection(console, [Detection(**one) for one in content.get("breaks", [])])
    show.show_times(console, cycles)
    verdict = "every entity adds up" if content["complete"] else "NOT every entity was read and adds up"
    console.print(f"\nDone in {content['seconds']:.0f} s; {verdict}. The same as JSON: {path}", highlight=False)
    console.print(
        "Next: `make ui` shows assets, checks, lineage and plots; `.venv/bin/boomerang plan --demo` shows what would "
        "be written now (nothing); `.venv/bin/boomerang --help` tells the rest.",
        highlight=False,
        soft_wrap=True,
    )
