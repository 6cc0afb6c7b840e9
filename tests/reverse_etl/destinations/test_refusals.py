"""Every code by which Shopify refuses a value ends in one refused row and a sentence that says what to do."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, build_schema

import sandbox
from pipelines.shopify.replies import Reply
from reverse_etl.destinations.conflicts import CODES
from reverse_etl.destinations.metafields import send_metafields
from reverse_etl.destinations.refusals import ADVICE, said
from reverse_etl.ledger.rows import CONFLICT, PlanRow
from reverse_etl.sync_format.sync_yaml import load_sync

FIELDS = {field.attribute: field for field in load_sync("customers").sync.metafields}
P_ALIVE, TIER = "metafield:boomerang.p_alive", "metafield:boomerang.vip_tier"
ROWS = [
    PlanRow(1, "us", "customer", 1, P_ALIVE, "set", None, "0.5"),
    PlanRow(2, "us", "customer", 2, P_ALIVE, "set", "0.4", "0.5", "d2"),
    PlanRow(3, "us", "customer", 2, TIER, "set", "gold", "silver", "d3"),
]


class Refusing:
    """An Admin API that refuses one value of one customer, with one code; in its place it carries another one."""

    def __init__(self, code: str) -> None:
        self.code, self.calls = code, 0

    async def execute(self, document: str, variables: Any = None, *, operation: str) -> Reply:
        if operation == "read back":
            node = {"id": "gid://shopify/Customer/2", "tags": [], "m0": {"value": "0.90", "compareDigest": "d9"}}
            return Reply({"nodes": [node]})
        self.calls += 1
        values = variables["metafields"]
        for index, value in enumerate(values):
            if value["ownerId"].endswith("/2") and value["key"] == "p_alive":
                error = {"field": ["metafields", str(index), "value"], "message": "No", "code": self.code}
                return Reply({"metafieldsSet": {"metafields": [], "userErrors": [{**error, "elementIndex": None}]}})
        stored = [{"key": one["key"], "value": one["value"], "compareDigest": "new"} for one in values]
        return Reply({"metafieldsSet": {"metafields": stored, "userErrors": []}})


def codes() -> list[str]:
    schema = (Path(sandbox.__file__).parent / "schema" / "2026-10.graphql").read_text(encoding="utf-8")
    kind = build_schema(schema, assume_valid=True).type_map["MetafieldsSetUserErrorCode"]
    assert isinstance(kind, GraphQLEnumType)
    return sorted(kind.values)


@pytest.mark.parametrize("code", codes())
def test_a_refused_value_says_what_to_do_and_the_others_go(code: str) -> None:
    api = Refusing(code)
    sent = asyncio.run(send_metafields(api, ROWS, FIELDS, "Customer", delete=False))
    outcomes = {one.row.plan_row: one for one in sent}
    assert outcomes.keys() == {1, 2, 3}
    assert (outcomes[1].state, outcomes[1].digest) == ("acknowledged", "new")
    if code in CODES:
        assert (outcomes[2].code, outcomes[2].value_found, outcomes[2].digest) == (CONFLICT, "0.9", "d9")
        assert outcomes[3].state == "acknowledged"
        return
    assert (outcomes[2].code, outcomes[3].code) == (code, "SIBLING_REJECTED")
    assert outcomes[2].reason == f"No. {ADVICE[code]}"
    assert api.calls == 2


def test_a_refusal_that_only_its_message_tells_says_what_to_do_too() -> None:
    assert "remove some that nobody uses" in said({"message": "Tags cannot be more than 250"})
    assert "Shorten the tag" in said({"message": "Tags is too long (maximum is 255 characters)"})
    assert said({"message": "Owner does not exist.", "code": "INVALID"}).startswith(
        "Owner does not exist. It was deleted or merged, or its id is that of something else"
    )
    assert said({"message": "What?"}).startswith("What? The next delivery sends it again")
