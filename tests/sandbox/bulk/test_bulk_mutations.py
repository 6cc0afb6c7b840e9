"""Bulk mutations: the staged file, the rules, and one result for each line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.bulk import mutation_rules
from tests.sandbox_fixture import SandboxClient

STAGED = """mutation { stagedUploadsCreate(input: [{resource: BULK_MUTATION_VARIABLES, filename:
  "vars.jsonl", mimeType: "text/jsonl",
  httpMethod: POST}]) { stagedTargets { url resourceUrl parameters { name value } } userErrors { field message } } }"""
RUN_MUTATION = """mutation R($m: String!, $p: String!, $c: String) { bulkOperationRunMutation(mutation: $m,
  stagedUploadPath: $p,
  clientIdentifier: $c) { bulkOperation { id status } userErrors { code field message } } }"""
SET = """mutation call($metafields: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $metafields) {
  metafields { key value } userErrors { field message code } } }"""


def upload(sandbox: SandboxClient, content: bytes) -> str:
    """Stage a file and return its key."""
    target = sandbox.ask(STAGED)["stagedUploadsCreate"]["stagedTargets"][0]
    form = {parameter["name"]: parameter["value"] for parameter in target["parameters"]}
    answer = sandbox.http.post(target["url"], data=form, files={"file": ("vars.jsonl", content, "text/jsonl")})
    assert answer.status_code == 201
    assert f"<Key>{form['key']}</Key>" in answer.text
    return form["key"]


def customers(sandbox: SandboxClient, number: int) -> list[str]:
    nodes = sandbox.ask(f"{{ customers(first: {number}, sortKey: ID) {{ nodes {{ id }} }} }}")["customers"]["nodes"]
    return [node["id"] for node in nodes]


def run(sandbox: SandboxClient, mutation: str, key: str, identifier: str | None = None) -> Any:
    return sandbox.ask(RUN_MUTATION, {"m": mutation, "p": key, "c": identifier})["bulkOperationRunMutation"]


def test_parameters_come_in_the_order_that_the_form_needs(sandbox: SandboxClient) -> None:
    target = sandbox.ask(STAGED)["stagedUploadsCreate"]["stagedTargets"][0]
    names = [parameter["name"] for parameter in target["parameters"]]
    assert names == [
        "Content-Type", "success_action_status", "acl", "key", "x-goog-date", "x-goog-credential", "x-goog-algorithm",
        "x-goog-signature", "policy",
    ]  # fmt: skip


def test_each_line_is_run_and_answered_with_its_number(sandbox: SandboxClient) -> None:
    people = customers(sandbox, 3)
    entries = [
        {
            "ownerId": people[0],
            "namespace": "boomerang",
            "key": "tier",
            "type": "single_line_text_field",
            "value": "gold",
        },
        {"ownerId": people[1], "namespace": "boomerang", "key": "orders", "type": "number_integer", "value": "many"},
        {"ownerId": people[2], "namespace": "boomerang", "key": "orders", "type": "number_integer", "value": "5.0"},
    ]
    content = b"".join(json.dumps({"metafields": [entry]}).encode() + b"\n" for entry in entries)
    started = run(sandbox, SET, upload(sandbox, content))
    assert started["userErrors"] == []
    operation = sandbox.finished(started["bulkOperation"]["id"])
    assert (operation["status"], operation["objectCount"]) == ("COMPLETED", "3")
    lines = sandbox.lines(operation)
    results = {line["__lineNumber"]: line["data"]["metafieldsSet"] for line in map(json.loads, lines)}
    assert results[0] == {"metafields": [{"key": "tier", "value": "gold"}], "userErrors": []}
    assert results[1]["userErrors"][0]["message"] == "Value must be an integer."
    assert results[2]["metafields"] == [{"key": "orders", "value": "5"}]
    values = sandbox.state()["customers"]
    assert values[people[0].rsplit("/", 1)[-1]]["metafields"]["boomerang.tier"]["value"] == "gold"


def test_tags_can_be_added_in_bulk(sandbox: SandboxClient) -> None:
    people = customers(sandbox, 40)
    content = "".join(json.dumps({"id": gid, "tags": ["vip:gold"]}) + "\n" for gid in people).encode()
    mutation = """mutation call($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { node { id }
      userErrors { message } } }"""
    sandbox.finished(run(sandbox, mutation, upload(sandbox, content))["bulkOperation"]["id"])
    tagged = [number for number, person in sandbox.state()["customers"].items() if "vip:gold" in person["tags"]]
    assert sorted(tagged) == sorted(gid.rsplit("/", 1)[-1] for gid in people)


REFUSALS: list[tuple[str, dict[str, Any]]] = [
    (
        'mutation { bulkOperationRunQuery(query: "x") { userErrors { message } } }',
        {"field": ["mutation"], "message": "You must use an allowed mutation name.", "code": None},
    ),
    (
        'mutation { a: tagsAdd(id: "x", tags: []) { node { id } } b: tagsAdd(id: "x", tags: []) { node { id } } }',
        {"field": ["mutation"], "message": "You must specify a single top level mutation.", "code": None},
    ),
    (
        "{ shop { id } }",
        {
            "field": None,
            "message": "Invalid operation type. Only `mutation` operations are supported.",
            "code": "INVALID_MUTATION",
        },
    ),
    (
        "mutation call($a",
        {
            "field": None,
            "message": "Failed to parse the mutation - syntax error, unexpected end of file at [1, 17]",
            "code": "INVALID_MUTATION",
        },
    ),
    (
        """mutation call($i: CustomerInput!) { customerUpdate(input: $i) { customer { id addressesV2(first:
          1) { nodes { id } }
          metafields(first: 1) { nodes { id } } } } }""",
        {"field": ["mutation"], "message": "Bulk mutations cannot contain more than 1 connection.", "code": None},
    ),
    (
        "mutation { tagsAdd } #" + "x" * 65_514,
        {
            "field": ["query"],
            "message": "is too large (65536 bytes; maximum is 65535 bytes)",
            "code": "INVALID_MUTATION",
        },
    ),
]


@pytest.mark.parametrize(("mutation", "error"), REFUSALS)
def test_a_bulk_mutation_that_breaks_a_rule_is_refused(
    sandbox: SandboxClient, mutation: str, error: dict[str, Any]
) -> None:
    payload = run(sandbox, mutation, "tmp/none")
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [error]


def test_files_that_are_missing_or_empty_are_told_apart(sandbox: SandboxClient) -> None:
    missing = run(sandbox, SET, "tmp/1/bulk/none/vars.jsonl")["userErrors"][0]
    assert missing["code"] == "NO_SUCH_FILE"
    assert missing["message"].startswith("The JSONL file could not be found. Try uploading the file again")
    empty = run(sandbox, SET, upload(sandbox, b""))["userErrors"][0]
    assert (empty["code"], empty["message"]) == ("INVALID_STAGED_UPLOAD_FILE", "The input file is empty.")


def test_a_file_over_100_megabytes_is_refused(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert mutation_rules.MAX_FILE_BYTES == 104_857_600
    monkeypatch.setattr(mutation_rules, "MAX_FILE_BYTES", 1_000)
    error = run(sandbox, SET, upload(sandbox, b"x" * 1_001))["userErrors"][0]
    assert error["message"] == "The input file size exceeds the maximum allowed size of 100 MB."


def test_a_client_identifier_has_at_least_ten_characters(sandbox: SandboxClient) -> None:
    error = run(sandbox, SET, upload(sandbox, b"{}\n"), "short")["userErrors"][0]
    assert error == {
        "code": "INVALID_MUTATION",
        "field": ["clientIdentifier"],
        "message": "is too short (minimum is 10 characters)",
    }


def test_an_upload_needs_its_signature_and_the_file_last(sandbox: SandboxClient) -> None:
    target = sandbox.ask(STAGED)["stagedUploadsCreate"]["stagedTargets"][0]
    form = {parameter["name"]: parameter["value"] for parameter in target["parameters"]}
    forged = {**form, "x-goog-signature": "0" * 64}
    assert sandbox.http.post(target["url"], data=forged, files={"file": ("a", b"{}")}).status_code == 403
    first = [
        ("file", ("a", b"{}", "text/jsonl")),
        *((name, (None, value.encode(), "text/plain")) for name, value in form.items()),
    ]
    assert sandbox.http.post(target["url"], files=first).status_code == 400


def test_a_line_that_is_not_json_is_answered_with_an_error(sandbox: SandboxClient) -> None:
    operation = sandbox.finished(
        run(sandbox, SET, upload(sandbox, b'{"metafields": []}\n{broken\n'))["bulkOperation"]["id"]
    )
    lines = [json.loads(line) for line in sandbox.lines(operation)]
    assert lines[0]["__lineNumber"] == 0
    assert "data" in lines[0]
    assert lines[1]["__lineNumber"] == 1
    assert "errors" in lines[1]
