import asyncio
from pathlib import Path
from typing import Any

from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_export import Export, export
from tests.pipelines.shopify.admin import QuickClock, connected
from tests.pipelines.shopify.bulk_api import RESULT, BulkApi

TEXT = "query Orders { orders { edges { node { id } } } }"


def run(api: BulkApi, target: Path, **how: Any) -> Export:
    async def inside() -> Export:
        async with connected(api, clock=QuickClock()) as client:
            return await export(BulkRunner(client), TEXT, target, name="orders", **how)

    return asyncio.run(inside())


def submitted(api: BulkApi, **state: Any) -> str:
    api.courses = [("COMPLETED",)]
    api._run("query", TEXT, "bulkOperationRunQuery")
    for name, value in state.items():
        setattr(api.operations[0], name, value)
    return api.operations[0].id


def test_an_export_ends_as_a_file(tmp_path: Path) -> None:
    done = run(BulkApi(), tmp_path / "orders.jsonl")
    assert done.download is not None
    assert done.download.path.read_bytes() == RESULT
    assert done.operation.object_count == 2


def test_an_empty_export_has_no_file(tmp_path: Path) -> None:
    api = BulkApi()
    done = run(api, tmp_path / "orders.jsonl", adopt=submitted(api, result=None))
    assert done.download is None
    assert done.operation.is_empty


def test_an_adopted_export_whose_url_has_expired_is_submitted_again(tmp_path: Path) -> None:
    api, kept = BulkApi(), []

    async def keep(operation_id: str) -> None:
        kept.append(operation_id)

    done = run(api, tmp_path / "orders.jsonl", adopt=submitted(api, file="expired"), on_submitted=keep)
    assert done.download is not None
    assert kept == ["gid://shopify/BulkOperation/2"] == [done.operation.id]


def test_a_fresh_url_of_the_same_operation_is_used_first(tmp_path: Path) -> None:
    api = BulkApi()
    adopted = submitted(api, file="expired")
    looked_up = api._bulkOperation

    def renewing(variables: dict[str, Any]) -> Any:
        answer = looked_up(variables)
        api.operations[0].file = ""
        return answer

    api._bulkOperation = renewing  # type: ignore[method-assign]
    done = run(api, tmp_path / "orders.jsonl", adopt=adopted)
    assert done.operation.id == adopted
    assert api.submissions == 1
