"""metafieldsSet: atomic, normalised, guarded by digests."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from sandbox.writeback.values import InvalidValue, normalise
from tests.sandbox_fixture import SandboxClient

SET = """mutation S($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { id namespace key type value compareDigest jsonValue ownerType } userErrors { field message
    code elementIndex } } }"""


def customer(sandbox: SandboxClient) -> str:
    gid: str = sandbox.ask("{ customers(first: 1, sortKey: ID) { nodes { id } } }")["customers"]["nodes"][0]["id"]
    return gid


def put(sandbox: SandboxClient, *entries: dict[str, Any]) -> Any:
    return sandbox.ask(SET, {"m": list(entries)})["metafieldsSet"]


def entry(
    owner: str, key: str = "tier", value: str = "gold", kind: str | None = "single_line_text_field", **more: Any
) -> dict[str, Any]:
    given = {"ownerId": owner, "namespace": "boomerang", "key": key, "value": value, **more}
    return given if kind is None else {**given, "type": kind}


def test_a_value_is_stored_and_read_back_with_its_digest(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    written = put(sandbox, entry(gid))["metafields"][0]
    assert (written["value"], written["ownerType"], len(written["compareDigest"])) == ("gold", "CUSTOMER", 64)
    read = sandbox.ask(
        """query Q($id: ID!) { customer(id: $id) { metafield(namespace: "boomerang", key: "tier") { value
          compareDigest } } }""",
        {"id": gid},
    )
    assert read["customer"]["metafield"] == {"value": "gold", "compareDigest": written["compareDigest"]}


def test_a_write_moves_the_customer_and_writing_the_same_again_does_not(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    number = gid.rsplit("/", 1)[-1]
    before = sandbox.state()["customers"][number]["updatedAt"]
    put(sandbox, entry(gid))
    first = sandbox.state()["customers"][number]["updatedAt"]
    sandbox.advance(hours=1)
    put(sandbox, entry(gid))
    assert before < first == sandbox.state()["customers"][number]["updatedAt"]


def test_one_bad_entry_writes_nothing(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    payload = put(sandbox, entry(gid), entry(gid, "orders", "many", "number_integer"))
    assert payload["metafields"] == []
    assert payload["userErrors"] == [
        {
            "field": ["metafields", "1", "value"],
            "message": "Value must be an integer.",
            "code": "INVALID_VALUE",
            "elementIndex": None,
        }
    ]
    assert sandbox.state()["customers"][gid.rsplit("/", 1)[-1]]["metafields"] == {}


def test_more_than_25_entries_are_refused(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    payload = put(sandbox, *(entry(gid, f"key{number}") for number in range(26)))
    assert payload["metafields"] is None
    assert payload["userErrors"] == [
        {
            "field": ["metafields"],
            "message": "Exceeded the maximum metafields input limit of 25.",
            "code": "LESS_THAN_OR_EQUAL_TO",
            "elementIndex": None,
        }
    ]


@pytest.mark.parametrize(
    ("kind", "sent", "stored"),
    [
        ("boolean", " TRUE ", "true"), ("boolean", "f", "false"), ("boolean", "1", "true"),
        ("number_integer", "5.0", "5"), ("number_integer", "-7", "-7"),
        ("number_decimal", "10.40", "10.4"), ("number_decimal", "0.12345678999", "0.123456789"),
        ("number_decimal", "3", "3.0"),
        ("date", "2026-01-31", "2026-01-31"),
        ("date_time", "2024-01-01T12:30:00.123Z", "2024-01-01T12:30:00+00:00"),
        ("date_time", "2024-01-01T12:30:00+02:00", "2024-01-01T10:30:00+00:00"),
        ("json", '{ "a" : [1, 2] }', '{"a":[1,2]}'),
        ("list.single_line_text_field", '["a", "b"]', '["a","b"]'), ("list.number_decimal", '["10.40"]', '["10.4"]'),
        ("list.number_integer", "[1, 2]", "[1,2]"),
        ("money", '{"amount": "5.99", "currency_code": "CAD"}', '{"amount":"5.99","currency_code":"CAD"}'),
        ("dimension", '{"value": 25, "unit": "cm"}', '{"value":25.0,"unit":"CENTIMETERS"}'),
    ],
)  # fmt: skip
def test_values_are_normalised(kind: str, sent: str, stored: str) -> None:
    assert normalise(kind, sent) == stored
    assert normalise(kind, stored) == stored, "the stored form is its own stored form"


@pytest.mark.parametrize(
    ("kind", "sent", "message"),
    [
        ("number_integer", "+5", "Value must be an integer."),
        ("number_integer", "9007199254740992", "Value has a maximum of 9007199254740991."),
        ("single_line_text_field", "  ", "Value can't be blank."),
        ("single_line_text_field", "a\nb", "Value must be a single line text string."),
        ("list.single_line_text_field", json.dumps(["x"] * 129), "Value has more than 128 elements."),
        ("boolean", "yes", "Value must be true or false."),
    ],
)
def test_values_that_do_not_fit_their_type_are_refused(kind: str, sent: str, message: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        normalise(kind, sent)
    assert refusal.value.message == message


def test_the_size_limit_is_larger_for_json() -> None:
    text = json.dumps("x" * 70_000)
    assert normalise("json", text) == text
    with pytest.raises(InvalidValue):
        normalise("multi_line_text_field", "x" * 65_537)


def test_an_error_in_a_list_names_its_element(sandbox: SandboxClient) -> None:
    payload = put(sandbox, entry(customer(sandbox), "sizes", '[1, 2, "x"]', "list.number_integer"))
    assert payload["userErrors"][0]["elementIndex"] == 2


def test_a_digest_left_out_writes_blindly(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    put(sandbox, entry(gid, value="gold"))
    assert put(sandbox, entry(gid, value="silver"))["userErrors"] == []


def test_a_null_digest_means_that_nothing_may_be_there_yet(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    assert put(sandbox, entry(gid, value="gold", compareDigest=None))["userErrors"] == []
    error = put(sandbox, entry(gid, value="silver", compareDigest=None))["userErrors"][0]
    assert error["code"] == "STALE_OBJECT"


def test_a_digest_must_be_that_of_the_stored_value(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    digest = put(sandbox, entry(gid, value="gold"))["metafields"][0]["compareDigest"]
    assert put(sandbox, entry(gid, value="silver", compareDigest=digest))["userErrors"] == []
    error = put(sandbox, entry(gid, value="bronze", compareDigest=digest))["userErrors"][0]
    assert error["code"] == "STALE_OBJECT"
    assert error["message"] == (
        "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
    )


def test_a_digest_for_what_does_not_exist_is_invalid(sandbox: SandboxClient) -> None:
    digest = hashlib.sha256(b"nothing").hexdigest()
    error = put(sandbox, entry(customer(sandbox), compareDigest=digest))["userErrors"][0]
    assert (error["code"], error["message"]) == ("INVALID_COMPARE_DIGEST", "Invalid `compareDigest` value.")


def test_writing_what_is_stored_succeeds_even_with_a_malformed_digest(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    put(sandbox, entry(gid))
    assert put(sandbox, entry(gid, compareDigest="nonsense"))["userErrors"] == []


def test_an_unknown_owner_and_a_missing_type_are_user_errors(sandbox: SandboxClient) -> None:
    unknown = put(sandbox, entry("gid://shopify/Customer/1"))["userErrors"][0]
    assert unknown["field"] == ["metafields", "0", "ownerId"]
    untyped = put(sandbox, entry(customer(sandbox), kind=None))["userErrors"][0]
    assert untyped["field"] == ["metafields", "0", "type"]


def test_deleting_what_does_not_exist_comes_back_as_null(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    put(sandbox, entry(gid))
    delete = """mutation X($m: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $m) {
      deletedMetafields { key } userErrors { message } } }"""
    entries = [{"ownerId": gid, "namespace": "boomerang", "key": key} for key in ("tier", "none")]
    assert sandbox.ask(delete, {"m": entries})["metafieldsDelete"]["deletedMetafields"] == [{"key": "tier"}, None]


def test_writes_need_the_scope_of_their_owner(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    scopes = [s for s in sandbox.get_meta("settings")["scopes"] if s != "write_customers"]
    sandbox.settings(scopes=scopes)
    sandbox._tokens.clear()
    body = sandbox.post(SET, {"m": [entry(gid)]}).json()
    assert body["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert body["data"] == {"metafieldsSet": None}


def test_a_planted_user_error_refuses_one_owner(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    sandbox.faults({"kind": "user_error", "owner": gid, "message": "Nope.", "code": "INTERNAL_ERROR", "times": 1})
    assert put(sandbox, entry(gid))["userErrors"][0]["code"] == "INTERNAL_ERROR"
    assert put(sandbox, entry(gid))["userErrors"] == []


def test_a_dropped_answer_may_still_have_been_applied(sandbox: SandboxClient) -> None:
    gid = customer(sandbox)
    sandbox.faults({"kind": "internal_error", "after": True, "times": 1})
    assert "data" not in sandbox.post(SET, {"m": [entry(gid)]}).json()
    assert "boomerang.tier" in sandbox.state()["customers"][gid.rsplit("/", 1)[-1]]["metafields"]
