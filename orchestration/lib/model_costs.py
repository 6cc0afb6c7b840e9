"""What each model cost when it was last built: seconds, rows and, where the warehouse bills by them, bytes.

Read from what dbt leaves behind after each invocation. Of an incremental model dbt reports the last statement, the one
that writes; what its hooks and its temporary table read before is in the warehouse's own history of queries, where
every statement carries the model's name (dbt_project.yml, query-comment).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from orchestration.lib.dbt_project import target_dir
from pipelines.config import Settings

BUILT = ("success", "pass", "warn", "fail")


@dataclass(frozen=True)
class Cost:
    """One node's latest execution. Bytes, slots and query ids are what the warehouse told; None where it tells none."""

    name: str
    kind: str  # model, seed or test
    finished_at: datetime  # UTC
    seconds: float
    rows: int | None = None
    bytes_read: int | None = None
    bytes_billed: int | None = None
    slot_seconds: float | None = None
    query_id: str | None = None


def latest_costs(settings: Settings) -> list[Cost]:
    """The latest execution of every model, seed and test of which results are kept, the longest first."""
    latest: dict[tuple[str, str], Cost] = {}
    for file in _results(settings):
        for cost in _costs_in(file):
            known = latest.get((cost.kind, cost.name))
            if known is None or cost.finished_at > known.finished_at:
                latest[cost.kind, cost.name] = cost
    return sorted(latest.values(), key=lambda cost: (-(cost.bytes_read or 0), -cost.seconds, cost.name))


def told(response: Mapping[str, Any]) -> dict[str, Any]:
    """What a warehouse answered to a statement, as fields of Cost. Numbers may be texts (DuckDB's rows are)."""
    slot_ms = _number(response.get("slot_ms"))
    query_id = response.get("query_id") or response.get("job_id")
    return {
        "rows": _number(response.get("rows_affected")),
        "bytes_read": _number(response.get("bytes_processed")),
        "bytes_billed": _number(response.get("bytes_billed")),
        "slot_seconds": slot_ms / 1000 if slot_ms is not None else None,
        "query_id": str(query_id) if query_id else None,
    }


def shown(response: Mapping[str, Any]) -> dict[str, int | float | str]:
    """What a warehouse answered, as metadata of an asset; nothing of what it does not tell."""
    names = {
        "rows": "rows written",
        "bytes_read": "bytes scanned",
        "bytes_billed": "bytes billed",
        "slot_seconds": "slot seconds",
        "query_id": "query id",
    }
    return {names[field]: value for field, value in told(response).items() if value is not None}


def _results(settings: Settings) -> Iterator[Path]:
    """Results of builds by hand lie in the target folder, those of runs in a folder for each invocation below it."""
    for pattern in ("run_results.json", "*/run_results.json"):
        yield from target_dir(settings).glob(pattern)


def _costs_in(file: Path) -> Iterator[Cost]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):  # tidied away, or being written
        return
    for result in content.get("results", []):
        kind, _, name = str(result["unique_id"]).partition(".boomerang.")
        ended = [step["completed_at"] for step in result.get("timing", []) if step.get("completed_at")]
        if result["status"] not in BUILT or not ended or kind == "unit_test":
            continue
        yield Cost(
            name=name.split(".")[0],
            kind=kind,
            finished_at=datetime.fromisoformat(max(ended)),
            seconds=float(result["execution_time"]),
            **told(result.get("adapter_response") or {}),
        )


def _number(value: Any) -> int | None:
    try:
        number = int(float(value))
    except (TypeError, ValueError):
        return None
    return number if number >= 0 else None  # -1: DuckDB does not count the rows of a new table
