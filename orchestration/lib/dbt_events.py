"""Events of a running dbt as events of Dagster, with what the warehouse answered to each model."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliInvocation

from orchestration.lib.model_costs import shown


def events_with_costs(invocation: DbtCliInvocation) -> Iterator[Any]:
    """As `invocation.stream()`; rows, bytes and query ids stand beside the seconds in the metadata of each model.

    dbt tells a model's result first and the warehouse's answer right after, when the node is finished: a model's event
    is held back until then.
    """
    held: dict[str, list[Any]] = {}
    for message in invocation.stream_raw_events():
        data = message.raw_event["data"]
        node = str(data.get("node_info", {}).get("unique_id"))
        for event in message.to_default_asset_events(
            manifest=invocation.manifest,
            dagster_dbt_translator=invocation.dagster_dbt_translator,
            context=invocation.context,
            target_path=invocation.target_path,
            project=invocation.project,
        ):
            if isinstance(event, dg.Output | dg.AssetMaterialization):
                held.setdefault(node, []).append(event)
            else:
                yield event
        if message.raw_event["info"]["name"] == "NodeFinished":
            response = data.get("run_result", {}).get("adapter_response", {})
            for event in held.pop(node, []):
                yield event.with_metadata({**event.metadata, **shown(response)})
    for events in held.values():
        yield from events
