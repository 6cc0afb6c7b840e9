import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import parse, print_ast

from pipelines.failures import AccessDenied, BulkOperationFailed, InvalidQuery, SourceError
from pipelines.intake.clock import Clock, SystemClock
from pipelines.shopify.bulk import BulkMutationFailed, BulkRunner
from pipelines.shopify.bulk_operation import BulkOperation
from pipelines.shopify.bulk_submission import marked
from pipelines.shopify.staged_upload import MAX_UPLOAD_BYTES
from tests.pipelines.shopify.admin import QuickClock, connected
from tests.pipelines.shopify.bulk_api import GOOD, BulkApi

TEXT = "query Orders { orders { edges { node { id } } } }"
MUTATION = "mutation call($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"


def run(api: BulkApi, work: Callable[[BulkRunner], Awaitable[Any]], clock: Clock | None = None, **limits: Any) -> Any:
    async def inside() -> Any:
        async with connected(api, clock=clock or QuickClock()) as client:
            return await work(BulkRunner(client, **limits))

    return asyncio.run(inside())


def export(api: BulkApi, clock: Clock | None = None, limits: dict[str, Any] | None = None, **how: Any) -> BulkOperation:
    return run(api, lambda runner: runner.run_query(TEXT, name="orders", **how), clock, **(limits or {}))


def refused(api: BulkApi, failure: type[SourceError], limits: dict[str, Any] | None = None) -> str:
    with pytest.raises(failure) as caught:
        export(api, limits=limits)
    sentence = str(caught.value)
    assert "orders of shop us" in sentence
    assert sentence.endswith(".")
    return sentence


def test_an_export_is_polled_until_it_completes() -> None:
    api = BulkApi([("CREATED", "RUNNING", "RUNNING", "COMPLETED")])
    states: list[str] = []
    operation = export(api, on_poll=lambda seen: states.append(seen.status))
    assert states == ["RUNNING", "RUNNING", "COMPLETED"]
    assert (operation.object_count, operation.root_object_count) == (2, 2)
    assert operation.url == f"{api.origin}/results/1"


def test_the_id_is_kept_before_the_first_poll() -> None:
    api, kept = BulkApi(), []

    async def keep(operation_id: str) -> None:
        kept.append((operation_id, api.polls))

    export(api, on_submitted=keep)
    assert kept == [("gid://shopify/BulkOperation/1", 0)]


def test_a_completed_export_is_noticed_within_two_seconds_however_long_it_takes() -> None:
    api = BulkApi([("CREATED", *["RUNNING"] * 300, "COMPLETED")], grows=True)
    clock = QuickClock()
    export(api, clock)
    assert clock.time > 300
    assert max(clock.slept) < 2.0


def test_an_export_without_a_line_is_empty_and_not_a_failure() -> None:
    api = BulkApi()

    async def work(runner: BulkRunner) -> BulkOperation:
        async def forget_result(operation_id: str) -> None:
            api.operations[-1].result = None

        return await runner.run_query(TEXT, name="orders", on_submitted=forget_result)

    operation = run(api, work)
    assert operation.is_empty
    assert operation.url is None


def test_up_to_five_exports_run_at_once_and_no_more() -> None:
    api = BulkApi([("CREATED", "RUNNING", "RUNNING", "RUNNING", "COMPLETED")] * 12)

    async def work(runner: BulkRunner) -> list[BulkOperation]:
        return await asyncio.gather(*(runner.run_query(TEXT, name=f"orders {n}") for n in range(12)))

    done = run(api, work, SystemClock(), poll_seconds=0.01)
    assert len({operation.id for operation in done}) == 12
    assert api.busiest == 5
    assert api.submissions == 12


def test_slots_that_others_hold_are_waited_for() -> None:
    api = BulkApi([("CANCELING", *["CANCELING"] * 6, "CANCELED"), GOOD], slots=1)

    async def work(runner: BulkRunner) -> BulkOperation:
        api._run("query", TEXT, "bulkOperationRunQuery")  # another program's, slow to cancel
        return await runner.run_query(TEXT, name="orders")

    assert run(api, work).id == "gid://shopify/BulkOperation/2"


def test_slots_that_never_come_free_end_in_a_sentence() -> None:
    api = BulkApi([("RUNNING",)], slots=1)

    async def work(runner: BulkRunner) -> BulkOperation:
        api._run("query", TEXT, "bulkOperationRunQuery")
        return await runner.run_query(TEXT, name="orders")

    with pytest.raises(BulkOperationFailed, match="No slot for the bulk query of orders of shop us came free in time"):
        run(api, work, timeout=60.0)


def test_a_running_operation_of_an_earlier_run_is_adopted() -> None:
    api = BulkApi([("RUNNING", "RUNNING", "COMPLETED")])

    async def work(runner: BulkRunner) -> BulkOperation:
        api._run("query", TEXT, "bulkOperationRunQuery")
        return await runner.run_query(TEXT, name="orders", adopt=api.operations[0].id)

    assert run(api, work).id == api.operations[0].id
    assert api.submissions == 1


@pytest.mark.parametrize("state", ["FAILED:TIMEOUT", "CANCELED", "EXPIRED", "CANCELING"])
def test_a_lost_operation_of_an_earlier_run_is_submitted_again(state: str) -> None:
    api = BulkApi([(state,), GOOD])

    async def work(runner: BulkRunner) -> BulkOperation:
        api._run("query", TEXT, "bulkOperationRunQuery")
        return await runner.run_query(TEXT, name="orders", adopt=api.operations[0].id)

    assert run(api, work).id == "gid://shopify/BulkOperation/2"


def test_an_operation_that_shopify_does_not_know_is_submitted_again() -> None:
    assert export(BulkApi(), adopt="gid://shopify/BulkOperation/99").id == "gid://shopify/BulkOperation/1"


@pytest.mark.parametrize("end", ["CANCELED", "EXPIRED", "FAILED:TIMEOUT", "FAILED:INTERNAL_SERVER_ERROR", "FAILED"])
def test_an_operation_that_shopify_ends_is_submitted_again(end: str) -> None:
    api = BulkApi([("CREATED", end), GOOD])
    assert export(api).id == "gid://shopify/BulkOperation/2"


def test_an_operation_that_keeps_failing_ends_in_a_sentence() -> None:
    sentence = refused(BulkApi([("CREATED", "FAILED:TIMEOUT")] * 3), BulkOperationFailed)
    assert "did not complete in 3 attempts" in sentence
    assert "ended as FAILED with TIMEOUT" in sentence


def test_an_operation_without_access_is_not_submitted_again() -> None:
    api = BulkApi([("CREATED", "FAILED:ACCESS_DENIED")])
    assert "lacks access" in refused(api, AccessDenied)
    assert api.submissions == 1


def test_an_operation_without_progress_is_cancelled_and_submitted_again() -> None:
    api = BulkApi([("CREATED", "RUNNING"), GOOD])
    assert export(api, limits={"stall": 600.0}).id == "gid://shopify/BulkOperation/2"
    assert api.cancelled == ["gid://shopify/BulkOperation/1"]


def test_an_operation_that_makes_progress_is_left_alone() -> None:
    api = BulkApi([("CREATED", *["RUNNING"] * 500, "COMPLETED")], grows=True)
    assert export(api, limits={"stall": 60.0}).id == "gid://shopify/BulkOperation/1"
    assert api.cancelled == []


def test_an_operation_that_never_ends_is_cancelled_and_ends_in_a_sentence() -> None:
    api = BulkApi([("RUNNING",)], grows=True)
    sentence = refused(api, BulkOperationFailed, limits={"timeout": 900.0})
    assert "did not end within 900 seconds and was cancelled" in sentence
    assert api.cancelled == ["gid://shopify/BulkOperation/1"]


def test_a_submission_whose_reply_was_lost_is_found_and_not_repeated() -> None:
    api = BulkApi(lose_replies=1)
    assert export(api).id == "gid://shopify/BulkOperation/1"
    assert api.submissions == 1


def test_a_query_that_shopify_refuses_ends_with_its_words() -> None:
    with pytest.raises(InvalidQuery, match="'edges' > 'node'; correct its text"):
        run(BulkApi(), lambda runner: runner.run_query("{ orders { nodes { id } } }", name="orders"))


def test_a_text_that_is_no_graphql_ends_in_a_sentence() -> None:
    with pytest.raises(InvalidQuery, match="orders is not valid GraphQL"):
        run(BulkApi(), lambda runner: runner.run_query("{ orders {", name="orders"))


@pytest.mark.parametrize(
    "text", [TEXT, MUTATION, "{ shop { id } }", "query { shop { id } }", "# note\nquery{shop{id}}"]
)
def test_a_submission_is_marked_in_the_name_of_its_operation(text: str) -> None:
    operation = parse(marked(text, "ab12", "orders")).definitions[0]
    assert operation.name.value.endswith("_ab12")
    assert print_ast(operation.selection_set) == print_ast(parse(text).definitions[0].selection_set)


def test_a_mutation_is_uploaded_started_and_awaited(tmp_path: Path) -> None:
    api, lines = BulkApi(), tmp_path / "lines.jsonl"
    lines.write_bytes(b'{"id":"gid://shopify/Customer/1","tags":["a"]}\n')
    done = run(api, lambda runner: runner.run_mutation(MUTATION, lines, client_identifier="boomerang-1"))
    assert done.status == "COMPLETED"
    (body,) = api.uploads
    assert body.index(b'name="key"') < body.index(b'name="file"') < body.index(lines.read_bytes())
    assert api.operations[0].kind == "mutation"


def test_a_mutation_that_ends_half_way_is_not_repeated(tmp_path: Path) -> None:
    api, lines = BulkApi([("CREATED", "FAILED:INTERNAL_SERVER_ERROR")]), tmp_path / "lines.jsonl"
    lines.write_bytes(b"{}\n")
    with pytest.raises(BulkMutationFailed, match="read its partial results") as caught:
        run(api, lambda runner: runner.run_mutation(MUTATION, lines))
    assert caught.value.operation.error_code == "INTERNAL_SERVER_ERROR"
    assert api.submissions == 1


def test_a_mutation_of_an_earlier_run_is_adopted_without_another_upload(tmp_path: Path) -> None:
    api = BulkApi()

    async def work(runner: BulkRunner) -> BulkOperation:
        api._run("mutation", MUTATION, "bulkOperationRunMutation")
        return await runner.run_mutation(MUTATION, tmp_path / "gone.jsonl", adopt=api.operations[0].id)

    assert run(api, work).status == "COMPLETED"
    assert api.uploads == []


@pytest.mark.parametrize("size", [0, MAX_UPLOAD_BYTES + 1])
def test_a_file_that_shopify_would_refuse_is_not_uploaded(tmp_path: Path, size: int) -> None:
    lines = tmp_path / "lines.jsonl"
    with lines.open("wb") as file:
        file.truncate(size)
    with pytest.raises(BulkOperationFailed, match="must have 1 to 104,857,600"):
        run(BulkApi(), lambda runner: runner.run_mutation(MUTATION, lines))
