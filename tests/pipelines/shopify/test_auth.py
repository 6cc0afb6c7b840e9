import asyncio
from typing import Any

import pytest

from pipelines.failures import AccessDenied, AuthenticationFailed, SourceError, SourceUnavailable
from tests.pipelines.shopify.admin import QuickClock, connected, data
from tests.pipelines.shopify.loopback import Request, Response

GRANT = {"access_token": None, "client_id": "app", "client_secret": "secret"}
UNAUTHORIZED = Response({"errors": "[API] Invalid API key or access token"}, status=401)


class Gate:
    """Grants numbered tokens of a given life, and answers only to those that are still good."""

    def __init__(self, lifetime: float = 86_399, grants: list[Response] | None = None) -> None:
        self.lifetime, self.scripted = lifetime, grants or []
        self.granted = 0
        self.good: set[str] = set()
        self.forms: list[dict[str, Any]] = []

    async def __call__(self, request: Request) -> Response:
        if request.path == "/admin/oauth/access_token":
            self.forms.append(request.json)
            if self.scripted:
                return self.scripted.pop(0)
            self.granted += 1
            token = f"token-{self.granted}"
            self.good = {token}
            return Response({"access_token": token, "scope": "read_orders", "expires_in": self.lifetime})
        return data(ok=True) if request.headers["x-shopify-access-token"] in self.good else UNAUTHORIZED


def calls(gate: Gate, clock: QuickClock, *pauses: float) -> None:
    async def run() -> None:
        async with connected(gate, settings=GRANT, clock=clock) as client:
            for pause in pauses:
                await clock.sleep(pause)
                await client.execute("{ ok }", operation="ok")

    asyncio.run(run())


def test_a_token_is_granted_once_and_used_for_its_life() -> None:
    gate = Gate()
    calls(gate, QuickClock(), 0, 3600, 80_000)
    assert gate.granted == 1
    assert gate.forms == [{"grant_type": "client_credentials", "client_id": "app", "client_secret": "secret"}]


def test_a_token_is_renewed_minutes_before_it_ends() -> None:
    gate = Gate(lifetime=86_400)
    calls(gate, QuickClock(), 0, 86_400 - 299)
    assert gate.granted == 2


def test_a_short_token_is_used_for_most_of_its_life() -> None:
    gate = Gate(lifetime=10)
    calls(gate, QuickClock(), 0, 8.9, 0.2)
    assert gate.granted == 2


def test_a_token_that_shopify_refuses_is_renewed_once_for_all_concurrent_callers() -> None:
    gate = Gate()

    async def run() -> None:
        async with connected(gate, settings=GRANT) as client:
            await client.execute("{ ok }", operation="ok")
            gate.good = set()  # revoked
            await asyncio.gather(*(client.execute("{ ok }", operation="ok") for _ in range(20)))

    asyncio.run(run())
    assert gate.granted == 2


def test_a_new_token_that_is_refused_too_is_a_failure() -> None:
    async def refuse(request: Request) -> Response:
        if request.path == "/admin/oauth/access_token":
            return Response({"access_token": "x", "scope": "read_orders", "expires_in": 86_399})
        return UNAUTHORIZED

    async def run() -> None:
        async with connected(refuse, settings=GRANT) as client:
            await client.execute("{ ok }", operation="ok")

    with pytest.raises(
        AuthenticationFailed, match=r"BOOMERANG_SHOPS__US__CLIENT_ID and BOOMERANG_SHOPS__US__CLIENT_SEC"
    ):
        asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "failure", "words"),
    [
        (Response({"error": "invalid_client"}, status=400), AuthenticationFailed, "CLIENT_SECRET"),
        (Response({"error": "app_not_installed"}, status=400), AuthenticationFailed, "not installed on a-shop"),
        (Response({"error": "other", "error_description": "no"}, status=403), AuthenticationFailed, r"\(no\)"),
        (Response({"access_token": "x", "scope": "", "expires_in": 9}), AccessDenied, "no access scope at all"),
    ],
)
def test_a_refused_grant_says_what_to_correct(answer: Response, failure: type[SourceError], words: str) -> None:
    with pytest.raises(failure, match=words):
        calls(Gate(grants=[answer]), QuickClock(), 0)


def test_a_grant_survives_a_busy_or_broken_token_endpoint() -> None:
    busy = Response(status=429, headers={"retry-after": "2.0"})
    gate = Gate(grants=[Response(status=503), Response(drop=True), busy])
    calls(gate, QuickClock(), 0)
    assert gate.granted == 1


def test_a_token_endpoint_that_stays_broken_ends_in_a_sentence() -> None:
    with pytest.raises(SourceUnavailable, match=r"gave no access token after 4 attempts \(HTTP 503\)"):
        calls(Gate(grants=[Response(status=503)] * 4), QuickClock(), 0)
