"""What dbt said of the models that syncs read, handed to the guards of write-back: when built, which tests failed.

A test counts for a model when everything that it reads is the model itself or stands upstream of it: the rule by which
`dbt build` skips what comes after a failed test. Warnings stop nothing. A build of some models says nothing of the
tests that it did not run: what was known of those stays.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.ledger.tables import ensure_tables
from reverse_etl.plans.model_state import ModelState, model_states, store_model_states
from reverse_etl.sync_format.sync_yaml import load_sync, sync_names

PASSED, FAILED = ("pass", "warn"), ("fail", "error")


def record_results(settings: Settings, manifest: Mapping[str, Any], file: Path, since: float = 0.0) -> None:
    """Keep what the results of one invocation say of the models of all syncs; nothing when it left none.

    `since` (seconds of the clock) is when it began: an older file is another one's.
    """
    try:
        if file.stat().st_mtime < since:
            return
        results = json.loads(file.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError):  # dbt stopped before it ran anything
        return
    models = dict.fromkeys(load_sync(name).sync.model for name in sync_names())
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        known = model_states(session)
    found = {model: state_after(manifest, model, known.get(model), results) for model in models}
    changed = {model: state for model, state in found.items() if state is not None and state != known.get(model)}
    store_model_states(settings, changed)


def state_after(
    manifest: Mapping[str, Any], model: str, known: ModelState | None, results: Sequence[Mapping[str, Any]]
) -> ModelState | None:
    """The state of a model (`schema.name`) after these results of dbt; as it was where they say nothing of it."""
    node = next((one for one in manifest["parent_map"] if _is_model(one, model.split(".")[1])), None)
    if node is None:
        return known
    upstream = _upstream(manifest["parent_map"], node)
    tests = {
        one: str(manifest["nodes"][one]["name"])
        for one in manifest["nodes"]
        if one.startswith("test.") and upstream.issuperset(manifest["parent_map"].get(one, ()))
    }
    status = {str(result["unique_id"]): str(result["status"]) for result in results}
    ran = {name for one, name in tests.items() if status.get(one) in (*PASSED, *FAILED)}
    before = known or ModelState(None)
    failed = {name for name in before.failed_checks if name not in ran and name in tests.values()}
    failed |= {name for one, name in tests.items() if status.get(one) in FAILED}
    built_at = _ended(result for result in results if result["unique_id"] == node and result["status"] == "success")
    if known is None and not ran and built_at is None:
        return None
    return ModelState(built_at or before.built_at, tuple(sorted(failed)))


def _is_model(node: str, name: str) -> bool:
    kind, _, rest = node.partition(".")
    return kind == "model" and rest.split(".")[1] == name


def _upstream(parents: Mapping[str, Sequence[str]], node: str) -> set[str]:
    found, left = {node}, [node]
    while left:
        new = set(parents.get(left.pop(), ())) - found
        found |= new
        left += new
    return found


def _ended(results: Iterable[Mapping[str, Any]]) -> datetime | None:
    ends = [step["completed_at"] for one in results for step in one.get("timing", ()) if step.get("completed_at")]
    return datetime.fromisoformat(max(ends)) if ends else None
