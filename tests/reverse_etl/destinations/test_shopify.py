"""How rows become calls, and which documents are sent."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

import pytest
from graphql import build_schema, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st

import sandbox
from pipelines.shopify.replies import Reply
from reverse_etl.destinations import definitions, metafields, tags
from reverse_etl.destinations.read_back import rows_in_place
from reverse_etl.destinations.shopify import ShopifyDestination
from reverse_etl.ledger.rows import Action, PlanRow
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_yaml import load_sync

SYNC: Sync = load_sync("customers").sync
SCHEMAS = Path(sandbox.__file__).parent / "schema"


class Heard:
    """An Admin API that only listens."""

    def __init__(self) -> None:
        self.documents: list[str] = []

    async def execute(self, document: str, variables: Any = None, *, operation: str) -> Reply:
        self.documents.append(document)
        return Reply({"nodes": []})


def destination() -> ShopifyDestination:
    return ShopifyDestination(Heard(), "us", SYNC)


def row(number: int, record: int, attribute: str = "metafield:boomerang.p_alive", action: Action = "set") -> PlanRow:
    return PlanRow(number, "us", "customer", record, attribute, action, None, "0.5")


records = st.lists(st.integers(1, 40), max_size=60).map(lambda sizes: [min(size, 30) for size in sizes])


@settings(max_examples=60, deadline=None)
@given(sizes=records)
def test_calls_are_full_and_never_split_a_customer_who_fits(sizes: list[int]) -> None:
    rows = [row(0, record) for record, size in enumerate(sizes) for _ in range(size)]
    calls = destination().pack("set", rows)
    assert [one for call in calls for one in call] == rows
    assert all(0 < len(call) <= 25 for call in calls)
    for record, size in enumerate(sizes):
        assert sum(any(one.record_id == record for one in call) for call in calls) == (1 if size <= 25 else 2)
    for call, following in itertools.pairwise(calls):
        next_record = [one for one in following if one.record_id == following[0].record_id]
        assert len(call) + len(next_record) > 25


def test_tags_of_one_customer_go_in_one_call() -> None:
    rows = [row(1, 1, "tag:boomerang:a", "tag_add"), row(2, 1, "tag:boomerang:b", "tag_add")]
    rows.append(row(3, 2, "tag:boomerang:a", "tag_add"))
    assert [len(call) for call in destination().pack("tag_add", rows)] == [2, 1]


@pytest.mark.parametrize("tag", ["wholesale", "boomerang", "boomerangs:vip", "boomerang:a,wholesale"])
def test_a_tag_that_is_not_ours_is_never_sent(tag: str) -> None:
    with pytest.raises(ValueError, match="not under the sync's prefix"):
        tags.tag_variables([row(1, 1, f"tag:{tag}", "tag_remove")], "boomerang:", "Customer")


def test_a_value_is_compared_with_the_one_that_the_plan_was_made_from() -> None:
    new = row(1, 7120000000001)
    value = {"ownerId": "gid://shopify/Customer/7120000000001", "namespace": "boomerang", "key": "p_alive"}
    value |= {"type": "number_decimal", "value": "0.5"}

    def sent(one: PlanRow) -> Any:
        return destination().bulk_variables("set", [one])["metafields"]

    assert sent(new) == [{**value, "compareDigest": None}]  # null: it must not exist yet
    assert sent(new._replace(value_before="0.4", digest_before="d1")) == [{**value, "compareDigest": "d1"}]
    assert sent(new._replace(value_before="0.4")) == [value]  # left out: nobody knows the digest


def documents() -> list[str]:
    """Every document that write-back sends."""
    found = [metafields.SET_DOCUMENT, metafields.DELETE_DOCUMENT, tags.ADD_DOCUMENT, tags.REMOVE_DOCUMENT]
    found += [definitions.LIST_DOCUMENT, definitions.CREATE_DOCUMENT, definitions.UPDATE_DOCUMENT]
    actions: list[Action] = ["set", "delete", "tag_add", "tag_remove"]
    found += [destination().bulk_document(action, "a1b2") for action in actions]
    api = Heard()
    rows = [row(1, 1), row(2, 1, "tag:boomerang:a", "tag_add")]
    asyncio.run(rows_in_place(api, rows, {field.attribute: field for field in SYNC.metafields}, "Customer"))
    return found + api.documents


@pytest.mark.parametrize("version", ["2026-04", "2026-07", "2026-10"])
def test_every_document_is_valid_against_the_published_schema(version: str) -> None:
    schema = build_schema((SCHEMAS / f"{version}.graphql").read_text(encoding="utf-8"), assume_valid=True)
    for document in documents():
        assert validate(schema, parse(document)) == [], document


def test_a_bulk_document_bears_the_marker_by_which_a_restart_finds_it() -> None:
    assert destination().bulk_document("set", "a1b2").startswith("mutation SetMetafields_a1b2($metafields")
