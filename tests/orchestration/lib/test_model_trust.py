"""The guards of write-back know when a sync's model was built and which tests failed, from what dbt leaves behind."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.lib.model_trust import record_results, state_after
from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from reverse_etl.plans.model_state import ModelState, model_states

MODEL = "syncs.sync_shopify__customers"
SYNC, MART, OTHER = "model.boomerang.sync_shopify__customers", "model.boomerang.dim", "model.boomerang.other"
TESTS = {"unique_sync": [SYNC], "not_null_dim": [MART], "not_null_other": [OTHER], "dim_meets_other": [MART, OTHER]}
MANIFEST = {
    "nodes": {f"test.boomerang.{name}.1": {"name": name} for name in TESTS},
    "parent_map": {
        SYNC: [MART],
        MART: ["source.boomerang.raw.customers"],
        OTHER: [],
        **{f"test.boomerang.{name}.1": reads for name, reads in TESTS.items()},
    },
}
BUILT_AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def said(status: str, *names: str) -> list[dict[str, Any]]:
    timing = [{"name": "execute", "completed_at": "2026-11-23T08:00:00.000000Z"}]
    nodes = [name if "." in name else f"test.boomerang.{name}.1" for name in names]
    return [{"unique_id": node, "status": status, "timing": timing} for node in nodes]


def test_a_failed_test_upstream_is_kept_until_it_passes_and_no_other_test_is() -> None:
    broken = state_after(MANIFEST, MODEL, None, [*said("success", MART), *said("fail", *TESTS), *said("skipped", SYNC)])
    assert broken == ModelState(None, ("not_null_dim", "unique_sync"))
    built = state_after(MANIFEST, MODEL, broken, [*said("success", SYNC), *said("warn", "unique_sync")])
    assert built == ModelState(BUILT_AT, ("not_null_dim",))
    assert state_after(MANIFEST, MODEL, built, said("pass", "not_null_dim")) == ModelState(BUILT_AT)


def test_a_build_of_something_else_says_nothing_of_a_model() -> None:
    elsewhere = [*said("success", OTHER), *said("error", "not_null_other")]
    assert state_after(MANIFEST, MODEL, None, elsewhere) is None
    assert state_after({**MANIFEST, "parent_map": {}}, MODEL, None, elsewhere) is None


def test_what_dbt_left_behind_is_kept_in_the_warehouse_and_an_older_file_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "run_results.json"
    record_results(settings, MANIFEST, file)  # dbt stopped before it ran anything
    file.write_text(json.dumps({"results": said("success", SYNC)}), encoding="utf-8")
    os.utime(file, (1_000, 1_000))
    record_results(settings, MANIFEST, file, since=2_000.0)
    with Warehouse(settings).session() as session:
        assert not session.exists("ops.delivery_model_states")
    record_results(settings, MANIFEST, file)
    with Warehouse(settings).session() as session:
        assert model_states(session) == {MODEL: ModelState(BUILT_AT)}
