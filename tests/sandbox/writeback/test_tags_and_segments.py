"""Tags, customers, segments and webhook subscriptions."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.writeback.segments import syntax_problem
from tests.sandbox_fixture import SandboxClient

ADD = """mutation T($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { node { id ... on Customer {
  tags } } userErrors { field message } } }"""
REMOVE = """mutation T($id: ID!, $t: [String!]!) { tagsRemove(id: $id, tags: $t) { node { id } userErrors {
  field message } } }"""
UPDATE = """mutation U($i: CustomerInput!) { customerUpdate(input: $i) { customer { id tags note }
  userErrors { field message } } }"""


def customer(sandbox: SandboxClient) -> str:
    """Return a customer whose tags are known."""
    gid: str = sandbox.ask("{ customers(first: 1, sortKey: ID) { nodes { id } } }")["customers"]["nodes"][0]["id"]
    sandbox.ask(UPDATE, {"i": {"id": gid, "tags": []}})
    return gid


def add(sandbox: SandboxClient, gid: str, *tags: str) -> Any:
    return sandbox.ask(ADD, {"id": gid, "t": list(tags)})["tagsAdd"]


def tags_of(sandbox: SandboxClient, gid: str) -> list[str]:
    tags: list[str] = sandbox.state()["customers"][gid.rsplit("/", 1)[-1]]["tags"]
    return tags


def test_tags_add_up_come_sorted_and_commas_split_them(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    add(sandbox, gid, "zeta", "Alpha")
    assert add(sandbox, gid, "beta, gamma", " ")["node"]["tags"] == ["Alpha", "beta", "gamma", "zeta"]


def test_a_case_variant_changes_nothing_and_removal_ignores_case(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    add(sandbox, gid, "Gold")
    add(sandbox, gid, "GOLD")
    assert tags_of(sandbox, gid) == ["Gold"]
    sandbox.ask(REMOVE, {"id": gid, "t": ["gOLD", "never there"]})
    assert tags_of(sandbox, gid) == []


def test_removal_from_an_order_minds_case(sandbox: SandboxClient) -> None:
    order = sandbox.ask("{ orders(first: 1) { nodes { id } } }")["orders"]["nodes"][0]["id"]
    add(sandbox, order, "Checked")
    read = "query Q($id: ID!) { order(id: $id) { tags } }"
    sandbox.ask(REMOVE, {"id": order, "t": ["checked"]})
    assert "Checked" in sandbox.ask(read, {"id": order})["order"]["tags"]
    sandbox.ask(REMOVE, {"id": order, "t": ["Checked"]})
    assert "Checked" not in sandbox.ask(read, {"id": order})["order"]["tags"]


def test_there_is_room_for_250_tags_of_255_characters(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    assert add(sandbox, gid, *(f"t{number:03d}" for number in range(250)))["userErrors"] == []
    assert add(sandbox, gid, "one more")["userErrors"][0]["message"] == "Tags cannot be more than 250"
    other = sandbox.ask("{ customers(last: 1, sortKey: ID) { nodes { id } } }")["customers"]["nodes"][0]["id"]
    assert add(sandbox, other, "x" * 256)["userErrors"][0]["message"] == "Tags is too long (maximum is 255 characters)"


def test_tags_of_what_is_unknown_or_has_none(sandbox: SandboxClient) -> None:
    unknown = add(sandbox, "gid://shopify/Customer/1", "a")["userErrors"]
    assert unknown == [{"field": ["id"], "message": "Customer does not exist"}]
    error = sandbox.post(ADD, {"id": "gid://shopify/Location/1", "t": ["a"]}).json()["errors"][0]
    assert (error["extensions"]["code"], error["message"]) == ("RESOURCE_NOT_FOUND", "invalid id")


def test_customer_update_replaces_the_whole_list(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    add(sandbox, gid, "a", "b")
    changed = sandbox.ask(UPDATE, {"i": {"id": gid, "tags": ["c"], "note": "hello"}})["customerUpdate"]["customer"]
    assert changed == {"id": gid, "tags": ["c"], "note": "hello"}


CREATE = """mutation G($n: String!, $q: String!) { segmentCreate(name: $n, query: $q) { segment { id name
  query } userErrors { field message } } }"""


def test_a_segment_with_a_taken_name_gets_a_number(sandbox: SandboxClient) -> None:
    query = "customer_tags CONTAINS 'gold'"
    names = [sandbox.ask(CREATE, {"n": "Gold", "q": query})["segmentCreate"]["segment"]["name"] for _ in range(3)]
    assert names == ["Gold", "Gold (2)", "Gold (3)"]
    listed = sandbox.ask('{ segments(first: 250, query: "name:Gold") { nodes { name } } }')["segments"]["nodes"]
    assert {"name": "Gold"} in listed


def test_a_segment_asks_for_metafields_that_are_defined(sandbox: SandboxClient) -> None:
    asked = {"n": "Gold", "q": "metafields.boomerang.vip_tier = 'metafields.none.such'"}
    payload = sandbox.ask(CREATE, asked)["segmentCreate"]
    assert [error["message"] for error in payload["userErrors"]] == [
        "Query Line 1 Column 0: 'metafields.boomerang.vip_tier' filter cannot be found."
    ]
    define = """mutation { metafieldDefinitionCreate(definition: {name: "Tier", namespace: "boomerang", key: "vip_tier",
      type: "single_line_text_field", ownerType: CUSTOMER}) { userErrors { message } } }"""
    sandbox.ask(define)
    assert sandbox.ask(CREATE, asked)["segmentCreate"]["segment"]["name"] == "Gold"


def test_a_segment_can_be_changed_and_deleted(sandbox: SandboxClient) -> None:
    gid = sandbox.ask(CREATE, {"n": "Gold", "q": "number_of_orders >= 1"})["segmentCreate"]["segment"]["id"]
    update = """mutation U($id: ID!, $q: String) { segmentUpdate(id: $id, query: $q) { segment { query }
      userErrors { message } } }"""
    assert (
        sandbox.ask(update, {"id": gid, "q": "number_of_orders >= 2"})["segmentUpdate"]["segment"]["query"]
        == "number_of_orders >= 2"
    )
    delete = "mutation X($id: ID!) { segmentDelete(id: $id) { deletedSegmentId userErrors { message } } }"
    assert sandbox.ask(delete, {"id": gid})["segmentDelete"]["deletedSegmentId"] == gid
    assert sandbox.ask(delete, {"id": gid})["segmentDelete"]["userErrors"]


@pytest.mark.parametrize(
    "query",
    [
        "customer_tags CONTAINS 'vip'", "number_of_orders >= 1", "amount_spent > 100.50", "last_order_date >= -30d",
        "metafields.boomerang.tier = 'gold' AND (number_of_orders > 2 OR email_subscription_status = 'SUBSCRIBED')",
        "metafields.boomerang.tier IS NULL", "NOT customer_tags CONTAINS 'x'", "amount_spent BETWEEN 1 AND 100",
        "products_purchased(id: (1, 2), date: -12m) = true", "metafields.$app:rfm.segment = 'champion'",
    ],
)  # fmt: skip
def test_segment_queries_of_the_documented_kinds_are_accepted(query: str) -> None:
    assert syntax_problem(query) is None


def test_a_segment_query_that_is_none_is_refused_with_its_place(sandbox: SandboxClient) -> None:
    payload = sandbox.ask(CREATE, {"n": "Bad", "q": "not a valid query"})["segmentCreate"]
    assert payload["segment"] is None
    assert payload["userErrors"] == [{"field": ["query"], "message": "Query Line 1 Column 6: 'valid' is unexpected."}]


SUBSCRIBE = """mutation W($t: WebhookSubscriptionTopic!, $w: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $t, webhookSubscription: $w) { webhookSubscription { id topic uri }
    userErrors { field message } } }"""


def test_webhook_subscriptions_are_kept_once_per_topic_and_address(sandbox: SandboxClient) -> None:
    given = {"t": "ORDERS_CREATE", "w": {"uri": "https://hooks.example.com/orders"}}
    created = sandbox.ask(SUBSCRIBE, given)["webhookSubscriptionCreate"]["webhookSubscription"]
    again = sandbox.ask(SUBSCRIBE, given)["webhookSubscriptionCreate"]["userErrors"]
    assert again == [
        {"field": ["webhookSubscription", "callbackUrl"], "message": "Address for this topic has already been taken"}
    ]
    plain = sandbox.ask(SUBSCRIBE, {"t": "ORDERS_CREATE", "w": {"uri": "http://hooks.example.com"}})[
        "webhookSubscriptionCreate"
    ]["userErrors"]
    assert plain[0]["message"] == "Address protocol http:// is not supported"
    nodes = sandbox.ask("{ webhookSubscriptions(first: 9) { nodes { id topic uri } } }")["webhookSubscriptions"][
        "nodes"
    ]
    assert nodes == [created]
