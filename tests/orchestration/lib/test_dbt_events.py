"""What the warehouse answered to a model stands in the metadata of its event."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from orchestration.lib import dbt_manifest
from orchestration.lib.dbt_events import events_with_costs
from orchestration.lib.dbt_translator import BoomerangTranslator
from pipelines.config import Settings

ORDERS, SALES = "model.boomerang.fct_orders", "model.boomerang.fct_sales"


def message(name: str, node: str, **data: Any) -> DbtCoreCliEventMessage:
    info = {"unique_id": node, "resource_type": "model", "materialized": "incremental", "node_status": "success"}
    raw = {"info": {"name": name, "invocation_id": "one"}, "data": {"node_info": info, "status": "success", **data}}
    return DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={})


class Invocation:
    """A dbt that has said these things."""

    dagster_dbt_translator = BoomerangTranslator()
    context = target_path = project = None

    def __init__(self, manifest: Any, *messages: DbtCoreCliEventMessage) -> None:
        self.manifest = manifest
        self.messages = messages

    def stream_raw_events(self) -> Iterator[DbtCoreCliEventMessage]:
        yield from self.messages


def test_bytes_and_query_ids_stand_beside_the_seconds(project: tuple[Settings, dg.Definitions]) -> None:
    answer = {"adapter_response": {"bytes_processed": 2048, "job_id": "j1", "rows_affected": 3}}
    said = (
        message("LogModelResult", ORDERS, execution_time=1.5),
        message("LogModelResult", SALES, execution_time=2.5),
        message("NodeFinished", SALES, run_result=answer),
        message("NodeFinished", ORDERS, run_result={"adapter_response": {"_message": "OK"}}),
    )
    events = list(events_with_costs(Invocation(dbt_manifest.manifest(project[0]), *said)))  # type: ignore[arg-type]
    assert [event.asset_key.path[-1] for event in events] == ["fct_sales", "fct_orders"]
    metadata = [{name: value.value for name, value in event.metadata.items()} for event in events]
    assert metadata[0] | {"bytes scanned": 2048, "query id": "j1", "rows written": 3} == metadata[0]
    assert metadata[0]["Execution Duration"] == 2.5
    assert "bytes scanned" not in metadata[1]


def test_a_model_whose_end_dbt_never_told_is_still_reported(project: tuple[Settings, dg.Definitions]) -> None:
    said = message("LogModelResult", ORDERS, execution_time=1.5)
    events = list(events_with_costs(Invocation(dbt_manifest.manifest(project[0]), said)))  # type: ignore[arg-type]
    assert [event.asset_key.path[-1] for event in events] == ["fct_orders"]
