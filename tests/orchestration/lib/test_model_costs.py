"""What models cost, read from what dbt leaves behind and shown on the assets."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from orchestration.cli import app
from orchestration.lib.dbt_project import target_dir
from orchestration.lib.model_costs import latest_costs, shown, told
from pipelines.config import Settings

BIGQUERY = {
    "bytes_processed": 3_000_000,
    "bytes_billed": 10_485_760,
    "slot_ms": 2_500,
    "job_id": "j1",
    "rows_affected": 7,
}
SNOWFLAKE = {"_message": "SUCCESS 4", "code": "SUCCESS", "rows_affected": 4, "query_id": "q1"}
DUCKDB = {"_message": "OK", "rows_affected": "-1"}


def result(name: str, seconds: float, response: dict[str, Any], at: str, status: str = "success") -> dict[str, Any]:
    return {
        "unique_id": name,
        "status": status,
        "execution_time": seconds,
        "adapter_response": response,
        "timing": [{"name": "compile", "completed_at": None}, {"name": "execute", "completed_at": at}],
    }


def leave(settings: Settings, folder: str, *results: dict[str, Any]) -> None:
    place = Path(target_dir(settings)) / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / "run_results.json").write_text(json.dumps({"results": results}), encoding="utf-8")


def test_each_warehouse_s_answer_becomes_what_it_tells() -> None:
    assert told(BIGQUERY) == {
        "rows": 7, "bytes_read": 3_000_000, "bytes_billed": 10_485_760, "slot_seconds": 2.5, "query_id": "j1",
    }  # fmt: skip
    assert shown(SNOWFLAKE) == {"rows written": 4, "query id": "q1"}
    assert shown(DUCKDB) == {}


def test_the_latest_result_of_a_model_counts_wherever_it_lies(settings: Settings) -> None:
    older, newer = "2026-11-22T08:00:00.000000Z", "2026-11-23T08:00:00.000000Z"
    orders, sales = "model.boomerang.fct_orders", "model.boomerang.fct_sales"
    leave(settings, "", result(orders, 9.0, {}, older), result(sales, 1.0, {}, newer))
    leave(settings, "dbt-aaa-bbb", result(orders, 2.0, BIGQUERY, newer), result(sales, 8.0, {}, older))
    leave(settings, "dbt-ccc-ddd", result(orders, 5.0, {}, "2026-11-24T08:00:00Z", status="error"))
    found = latest_costs(settings)
    assert [(cost.name, cost.seconds, cost.bytes_read) for cost in found] == [
        ("fct_orders", 2.0, 3_000_000),
        ("fct_sales", 1.0, None),
    ]


def test_half_a_file_of_results_is_left_out(settings: Settings) -> None:
    leave(settings, "dbt-aaa-bbb", result("model.boomerang.fct_orders", 2.0, {}, "2026-11-23T08:00:00Z"))
    (target_dir(settings) / "run_results.json").write_text('{"results": [', encoding="utf-8")
    assert [cost.name for cost in latest_costs(settings)] == ["fct_orders"]


def test_costs_are_printed_with_bytes_where_a_warehouse_counts_them(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    at = "2026-11-23T08:00:00.000000Z"
    leave(
        settings, "", result("model.boomerang.fct_orders", 2.0, BIGQUERY, at), result("test.boomerang.t.1", 1, {}, at)
    )
    words = CliRunner().invoke(app, ["costs"]).output.split()
    assert words[words.index("fct_orders") :][:9] == [
        "fct_orders",
        "2026-11-23",
        "08:00",
        "2.00",
        "7",
        "3.0",
        "10.5",
        "2",
        "all",
    ]
    assert "t" in CliRunner().invoke(app, ["costs", "--tests"]).output.split()


def test_without_a_build_there_is_a_word_on_what_to_do(settings: Settings) -> None:
    assert "run `boomerang build`" in CliRunner().invoke(app, ["costs"]).output
