"""Tokens, versions, limits and the bodies of refusals."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.settings import CLIENT_ID, CLIENT_SECRET
from tests.sandbox_fixture import EU, US, SandboxClient

SHOP = "{ shop { myshopifyDomain currencyCode ianaTimezone } }"
GRANT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"}


def test_client_credentials_give_a_token_whether_sent_as_json_or_as_a_form(sandbox: SandboxClient) -> None:
    path = f"/shops/{US}/admin/oauth/access_token"
    for answer in (sandbox.http.post(path, json=GRANT), sandbox.http.post(path, data=GRANT)):
        body = answer.json()
        assert body["expires_in"] == 86_399
        assert "read_all_orders" in body["scope"].split(",")


def test_a_wrong_secret_gives_invalid_client(sandbox: SandboxClient) -> None:
    answer = sandbox.http.post(f"/shops/{US}/admin/oauth/access_token", json={**GRANT, "client_secret": "guess"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_client"


def test_a_wrong_token_gets_the_401_body(sandbox: SandboxClient) -> None:
    answer = sandbox.http.post(f"/shops/{US}/admin/api/2026-10/graphql.json", json={"query": SHOP})
    assert answer.status_code == 401
    assert answer.json() == {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}


def test_a_token_opens_only_its_own_shop(sandbox: SandboxClient) -> None:
    headers = {"X-Shopify-Access-Token": sandbox.token(US)}
    answer = sandbox.http.post(f"/shops/{EU}/admin/api/2026-10/graphql.json", json={"query": SHOP}, headers=headers)
    assert answer.status_code == 401


def test_a_token_ends_after_its_time(sandbox: SandboxClient) -> None:
    sandbox.settings(token_seconds=0)
    assert sandbox.post(SHOP).status_code == 401


def test_an_unknown_shop_is_not_found(sandbox: SandboxClient) -> None:
    answer = sandbox.http.post("/shops/nobody.myshopify.com/admin/api/2026-10/graphql.json", json={"query": SHOP})
    assert answer.status_code == 404


def test_both_shops_answer_with_their_own_currency_and_zone(sandbox: SandboxClient) -> None:
    assert sandbox.ask(SHOP)["shop"] == {
        "myshopifyDomain": US,
        "currencyCode": "USD",
        "ianaTimezone": "America/New_York",
    }
    assert sandbox.ask(SHOP, shop=EU)["shop"] == {
        "myshopifyDomain": EU,
        "currencyCode": "EUR",
        "ianaTimezone": "Europe/Berlin",
    }


def test_a_bare_document_is_a_request_too(sandbox: SandboxClient) -> None:
    headers = {"X-Shopify-Access-Token": sandbox.token(), "Content-Type": "application/graphql"}
    answer = sandbox.http.post(f"/shops/{US}/admin/api/2026-10/graphql.json", content=SHOP, headers=headers)
    assert answer.json()["data"]["shop"]["myshopifyDomain"] == US


@pytest.mark.parametrize(
    ("asked", "served"),
    [("2026-10", "2026-10"), ("2026-04", "2026-04"), ("2024-01", "2026-04"), ("2025-10", "2026-04")],
)
def test_an_old_version_falls_forward_and_the_header_says_so(sandbox: SandboxClient, asked: str, served: str) -> None:
    answer = sandbox.post(SHOP, version=asked)
    assert answer.status_code == 200
    assert answer.headers["x-shopify-api-version"] == served


@pytest.mark.parametrize("version", ["2031-01", "2026-05", "latest"])
def test_what_is_no_version_is_not_found(sandbox: SandboxClient, version: str) -> None:
    assert sandbox.post(SHOP, version=version).status_code == 404


def test_a_deprecated_field_is_marked_in_the_headers(sandbox: SandboxClient) -> None:
    used = sandbox.post("{ customers(first: 1) { nodes { id email } } }")
    unused = sandbox.post("{ customers(first: 1) { nodes { id } } }")
    assert "x-shopify-api-deprecated-reason" in used.headers
    assert "x-shopify-api-deprecated-reason" not in unused.headers


def test_the_date_header_is_the_clock_of_the_world(sandbox: SandboxClient) -> None:
    before = parsedate_to_datetime(sandbox.post(SHOP).headers["date"])
    sandbox.advance(hours=5)
    after = parsedate_to_datetime(sandbox.post(SHOP).headers["date"])
    assert 5 * 3600 <= (after - before).total_seconds() < 5 * 3600 + 60


def test_a_good_reply_tells_its_cost(sandbox: SandboxClient) -> None:
    cost = sandbox.post("{ customers(first: 50) { nodes { id } } }").json()["extensions"]["cost"]
    assert cost["requestedQueryCost"] == 9
    assert cost["actualQueryCost"] <= 9
    assert cost["throttleStatus"]["maximumAvailable"] == 2000
    assert cost["throttleStatus"]["restoreRate"] == 100


def test_an_empty_bucket_throttles_with_http_200_and_no_data(sandbox: SandboxClient) -> None:
    parts = " ".join(
        f'm{n}: tagsAdd(id: "gid://shopify/Customer/1", tags: ["a"]) {{ node {{ id }} }}' for n in range(95)
    )
    answers = [sandbox.post(f"mutation {{ {parts} }}") for _ in range(3)]
    throttled = [answer.json() for answer in answers if "data" not in answer.json()]
    assert throttled, "three requests of 950 points must empty a bucket of 2,000"
    assert {answer.status_code for answer in answers} == {200}
    body = throttled[0]
    assert body["errors"] == [
        {
            "message": "Throttled",
            "extensions": {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"},
        }
    ]
    assert body["extensions"]["cost"]["actualQueryCost"] is None
    status = body["extensions"]["cost"]["throttleStatus"]
    assert status["currentlyAvailable"] < body["extensions"]["cost"]["requestedQueryCost"]


def test_the_bucket_restores_with_time_and_by_plan(sandbox: SandboxClient) -> None:
    sandbox.settings(plan="enterprise")
    cost = sandbox.post(SHOP).json()["extensions"]["cost"]["throttleStatus"]
    assert (cost["maximumAvailable"], cost["restoreRate"]) == (40_000, 2_000)


def test_a_query_over_a_thousand_points_never_runs(sandbox: SandboxClient) -> None:
    query = """{ orders(first: 250) { nodes { lineItems(first: 250) { nodes { id } }
      returns(first: 250) { nodes { returnLineItems(first: 250) { nodes { id } } } } } } }"""
    body = sandbox.post(query).json()
    assert set(body) == {"errors"}
    extensions = body["errors"][0]["extensions"]
    assert extensions["code"] == "MAX_COST_EXCEEDED"
    assert extensions["cost"] > extensions["maxCost"] == 1000
    assert body["errors"][0]["message"].startswith(
        f"Query cost is {extensions['cost']}, which exceeds the single query max"
    )


def test_latency_is_added_to_every_answer(sandbox: SandboxClient) -> None:
    sandbox.post(SHOP)
    sandbox.settings(latency_ms=120)
    assert sandbox.post(SHOP).elapsed.total_seconds() >= 0.12


FAULTS: list[tuple[dict[str, Any], int]] = [
    ({"kind": "http_status", "status": 503, "times": 1}, 503),
    ({"kind": "http_status", "status": 430, "times": 1}, 430),
    ({"kind": "http_status", "status": 429, "times": 1}, 429),
    ({"kind": "expired_token", "times": 1}, 401),
]


@pytest.mark.parametrize(("fault", "status"), FAULTS)
def test_a_fault_strikes_as_often_as_it_was_told(sandbox: SandboxClient, fault: dict[str, Any], status: int) -> None:
    sandbox.post(SHOP)
    sandbox.faults(fault)
    assert sandbox.post(SHOP).status_code == status
    sandbox._tokens.clear()
    assert sandbox.post(SHOP).status_code == 200


def test_retry_after_is_a_decimal_text(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "http_status", "status": 429, "times": 1})
    assert sandbox.post(SHOP).headers["retry-after"] == "4.0"


def test_a_server_fault_comes_with_http_200(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "internal_error", "times": 1})
    answer = sandbox.post(SHOP)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"


def test_a_dropped_connection_gives_no_answer(sandbox: SandboxClient) -> None:
    sandbox.token()
    sandbox.faults({"kind": "drop_connection", "times": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        sandbox.post(SHOP)
    assert sandbox.post(SHOP).status_code == 200


def test_a_fault_strikes_only_what_it_matches(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "http_status", "status": 502, "root": "orders", "shop": US})
    assert sandbox.post("{ orders(first: 1) { nodes { id } } }").status_code == 502
    assert sandbox.post("{ orders(first: 1) { nodes { id } } }", shop=EU).status_code == 200
    assert sandbox.post(SHOP).status_code == 200


def test_an_unknown_fault_is_refused(sandbox: SandboxClient) -> None:
    assert sandbox.http.post("/__meta/faults", json=[{"kind": "gremlins"}]).status_code == 400


def test_another_version_can_be_served_on_purpose(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "served_version", "version": "2026-04", "times": 1})
    assert sandbox.post(SHOP).headers["x-shopify-api-version"] == "2026-04"


def test_the_log_holds_operation_cost_and_outcome(sandbox: SandboxClient) -> None:
    sandbox.ask("query Named { shop { id } }")
    entry = sandbox.log(operation="Named")[-1]
    assert entry["roots"] == ["shop"]
    assert (entry["requested"], entry["status"], entry["outcome"]) == (1, 200, "ok")


def test_throttling_can_be_forced(sandbox: SandboxClient) -> None:
    sandbox.faults({"kind": "throttled", "times": 1})
    body = sandbox.post(SHOP).json()
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in body
    assert sandbox.post(SHOP).json()["data"]


def test_a_search_warning_and_a_refused_scope_can_be_planted(sandbox: SandboxClient) -> None:
    query = "{ orders(first: 1) { nodes { id } } shop { id } }"
    sandbox.faults({"kind": "search_warning", "times": 1}, {"kind": "access_denied", "root": "orders", "times": 1})
    body = sandbox.post(query).json()
    assert body["extensions"]["search"][0]["warnings"]
    assert body["data"]["orders"] is None
    assert body["data"]["shop"]["id"]
    assert body["errors"][0]["path"] == ["orders"]


def test_a_body_without_a_query_is_a_bad_request(sandbox: SandboxClient) -> None:
    headers = {"X-Shopify-Access-Token": sandbox.token()}
    answer = sandbox.http.post(f"/shops/{US}/admin/api/2026-10/graphql.json", content=b"{broken", headers=headers)
    assert answer.status_code == 400
