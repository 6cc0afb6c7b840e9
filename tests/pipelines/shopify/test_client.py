import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.failures import (
    AccessDenied,
    AuthenticationFailed,
    InvalidQuery,
    SourceError,
    SourceUnavailable,
    VersionMismatch,
)
from pipelines.shopify.replies import OutcomeUnknown, QueryTooExpensive
from tests.pipelines.shopify.admin import QuickClock, Script, connected, data, error
from tests.pipelines.shopify.loopback import Request, Response

COST = {"requestedQueryCost": 12, "actualQueryCost": 3}
STATUS = {"maximumAvailable": 2000.0, "currentlyAvailable": 1988, "restoreRate": 100.0}
GOOD = data(shop={"name": "A"})


def ask(*responses: Response, clock: QuickClock | None = None, idempotent: bool = True, **limits: Any) -> Any:
    """Ask once; the data and the requests that it took."""
    script = Script(responses)

    async def run() -> Any:
        async with connected(script, clock=clock, **limits) as client:
            return await client.execute("{ shop { name } }", {"a": 1}, operation="shop", idempotent=idempotent)

    return asyncio.run(run()), script.requests


def refused(*responses: Response, failure: type[SourceError], **more: Any) -> str:
    with pytest.raises(failure) as caught:
        ask(*responses, **more)
    sentence = str(caught.value)
    assert "us" in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


def test_a_reply_carries_data_cost_and_bucket() -> None:
    good = Response({"data": {"shop": {}}, "extensions": {"cost": {**COST, "throttleStatus": STATUS}}})
    reply, (request,) = ask(good)
    assert reply.data == {"shop": {}}
    assert (reply.cost.requested, reply.cost.actual) == (12.0, 3.0)
    assert (reply.throttle.maximum_available, reply.throttle.restore_rate) == (2000.0, 100.0)
    assert request.path == "/admin/api/2026-10/graphql.json"
    assert request.headers["x-shopify-access-token"] == "shpat_test"
    assert request.json == {"query": "{ shop { name } }", "variables": {"a": 1}}


def test_a_reply_tells_the_time_of_the_server() -> None:
    dated = Response({"data": {}}, headers={"date": "Thu, 01 Oct 2026 12:00:00 GMT"})
    assert ask(dated)[0].served_at == datetime(2026, 10, 1, 12, tzinfo=UTC)
    assert ask(GOOD)[0].served_at is None


@pytest.mark.parametrize(
    "failing",
    [
        Response(status=502),
        Response(status=503),
        error("Internal error. Looks like something went wrong on our end.\nRequest ID: 1", "INTERNAL_SERVER_ERROR"),
        Response(drop=True),
        Response(b'{"data": {"shop": 1}}', cut=7),
        Response(b"<html>busy</html>"),
        Response(status=430),
    ],
)
def test_what_may_pass_is_tried_again(failing: Response) -> None:
    reply, requests = ask(failing, failing, GOOD)
    assert reply.data == {"shop": {"name": "A"}}
    assert len(requests) == 3


def test_retries_end_after_the_configured_attempts() -> None:
    sentence = refused(*[Response(status=503)] * 3, failure=SourceUnavailable, attempts=3)
    assert "failed 3 times" in sentence
    assert "HTTP 503" in sentence


def test_the_decimal_seconds_of_retry_after_are_kept() -> None:
    clock = QuickClock()
    ask(Response(status=429, headers={"retry-after": "4.0"}), GOOD, clock=clock)
    assert clock.slept == [4.0]


def test_a_security_rejection_backs_off_longer_each_time() -> None:
    clock = QuickClock()
    ask(Response(status=430), Response(status=430), GOOD, clock=clock, security_backoff=60.0)
    first, second = clock.slept
    assert 30 <= first <= 60
    assert 60 <= second <= 120


def test_a_throttled_request_waits_as_long_as_its_points_take() -> None:
    clock = QuickClock()
    status = {"maximumAvailable": 2000, "currentlyAvailable": 100, "restoreRate": 100}
    cost = {"requestedQueryCost": 500, "actualQueryCost": None, "throttleStatus": status}
    throttled = Response(
        {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
    )
    ask(throttled, GOOD, clock=clock)
    assert clock.time == pytest.approx((500 - 100) / 100, abs=0.2)


def test_a_shop_that_does_not_answer_ends_in_a_sentence() -> None:
    async def silent(request: Request) -> Response:
        await asyncio.sleep(5)
        return GOOD

    async def run() -> None:
        async with connected(silent, request_timeout=0.05, attempts=2) as client:
            await client.execute("{ shop }", operation="shop")

    with pytest.raises(SourceUnavailable, match="Shop us failed 2 times at shop, last with ReadTimeout"):
        asyncio.run(run())


def test_a_host_without_a_server_ends_in_a_sentence() -> None:
    async def run() -> None:
        async with connected(Script([]), settings={"base_url": "http://127.0.0.1:1"}, attempts=2) as client:
            await client.execute("{ shop }", operation="shop")

    with pytest.raises(SourceUnavailable, match=r"ConnectError.*check http://127.0.0.1:1"):
        asyncio.run(run())


def test_a_query_that_is_too_expensive_is_never_tried_again() -> None:
    failing = error("Query cost is 1293", "MAX_COST_EXCEEDED", cost=1293, maxCost=1000)
    assert "1293 points, more than the 1000" in refused(failing, failure=QueryTooExpensive)


def test_a_missing_scope_names_field_and_access() -> None:
    body = {
        "data": {"orders": None},
        "errors": [
            {
                "message": "Access denied for orders field. Required access: `read_orders` access scope.",
                "path": ["orders"],
                "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."},
            }
        ],
    }
    sentence = refused(Response(body), failure=AccessDenied)
    assert "field orders" in sentence
    assert "`read_orders` access scope;" in sentence


def test_missing_approval_for_protected_data_says_where_to_ask_for_it() -> None:
    failing = error("This app is not approved to access the Order object. See https://shopify.dev/", "ACCESS_DENIED")
    assert "protected customer data" in refused(failing, failure=AccessDenied)


def test_data_that_comes_with_errors_is_not_used() -> None:
    body = {"data": {"shop": {"name": "A"}}, "errors": [{"message": "Field 'x' broke", "path": ["shop", "x"]}]}
    assert "at shop.x: Field 'x' broke" in refused(Response(body), failure=InvalidQuery)


def test_an_invalid_query_is_refused_with_the_words_of_shopify() -> None:
    message = "Field 'nane' doesn't exist on type 'Shop'"
    assert message in refused(error(message, "undefinedField"), failure=InvalidQuery)


def test_an_ignored_search_filter_is_a_failure_because_everything_would_match() -> None:
    warning = {"field": "updated", "message": "Invalid search field for this query.", "code": "invalid_field"}
    search = [{"path": ["orders"], "query": "updated:>1", "parsed": {}, "warnings": [warning]}]
    body = {"data": {"orders": {}}, "extensions": {"search": search}}
    assert "'updated:>1'" in refused(Response(body), failure=InvalidQuery)


def test_an_answer_in_another_version_is_a_failure() -> None:
    other = Response({"data": {}}, headers={"x-shopify-api-version": "2025-10"})
    sentence = refused(other, failure=VersionMismatch)
    assert "2025-10 instead of 2026-10" in sentence


@pytest.mark.parametrize(
    ("response", "failure", "words"),
    [
        (Response(status=402), SourceUnavailable, "unpaid bill"),
        (Response(status=423), SourceUnavailable, "locked"),
        (Response(status=404), SourceUnavailable, "api_version of shops.us"),
        (Response(status=403), AccessDenied, "installed"),
        (Response({"errors": "bad"}, status=400), InvalidQuery, "HTTP 400, bad"),
        (Response(status=301, headers={"location": "https://b"}), SourceUnavailable, "redirects"),
        (error("inactive", "SHOP_INACTIVE"), SourceUnavailable, "not active"),
    ],
)
def test_a_state_of_the_shop_ends_in_a_sentence_at_once(
    response: Response, failure: type[SourceError], words: str
) -> None:
    assert words in refused(response, failure=failure)


def test_a_refused_token_of_the_settings_is_a_failure_that_names_the_variable() -> None:
    sentence = refused(Response({"errors": "[API] Invalid API key"}, status=401), failure=AuthenticationFailed)
    assert "BOOMERANG_SHOPS__US__ACCESS_TOKEN" in sentence


@pytest.mark.parametrize("failing", [Response(drop=True), Response(status=502), error("x", "INTERNAL_SERVER_ERROR")])
def test_what_must_not_run_twice_is_not_repeated_when_its_outcome_is_open(failing: Response) -> None:
    assert "outcome is not known" in refused(failing, failure=OutcomeUnknown, idempotent=False)


def test_what_must_not_run_twice_is_repeated_when_it_surely_had_no_effect() -> None:
    reply, requests = ask(Response(status=429), Response(status=430), GOOD, idempotent=False)
    assert reply.data
    assert len(requests) == 3
