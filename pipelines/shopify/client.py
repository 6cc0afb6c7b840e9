"""The Admin GraphQL API of one shop: authenticated, paced, retried where a retry can help."""

import random
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from pipelines.config import Settings, Shop
from pipelines.failures import AuthenticationFailed, SourceUnavailable
from pipelines.intake.clock import Clock, SystemClock
from pipelines.shopify.auth import refusal, token_source
from pipelines.shopify.lanes import Lanes
from pipelines.shopify.pacing import CostKey, Pacer, cost_key
from pipelines.shopify.replies import (
    SECURITY_REJECTION,
    Call,
    OutcomeUnknown,
    Reply,
    TokenRefused,
    TryAgain,
    accounting,
    body_of,
    read_reply,
)

BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
# A throttled request had no effect and cost nothing: it may queue again often, as another program may drain the bucket.
THROTTLED_ATTEMPTS = 25
# HTTP 430 means that Shopify takes us for an attacker: hammering makes it worse.
SECURITY_BACKOFF_SECONDS = 60.0
# Failures before a byte of the request could reach the server.
NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class ShopifyClient:
    """One shop's Admin API. Safe for any number of concurrent callers of one event loop; an async context manager."""

    def __init__(
        self,
        shop: Shop,
        *,
        request_timeout: float = 30.0,
        attempts: int = 4,
        max_in_flight: int = 64,
        security_backoff: float = SECURITY_BACKOFF_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        `request_timeout` and `security_backoff` (the wait after HTTP 430) are seconds; `attempts` bounds the tries of
        one request; `max_in_flight` bounds the requests under way at once.
        """
        self.shop = shop
        self.attempts = attempts
        self.clock = clock or SystemClock()
        self._security_backoff = security_backoff
        self._lanes = Lanes(max_in_flight, request_timeout)
        self._pacer = Pacer(self.clock)
        self._tokens = token_source(shop, self._lanes, self.clock)

    @classmethod
    def configured(cls, settings: Settings, shop: str, *, clock: Clock | None = None) -> Self:
        """The client of a configured shop, with the limits of the settings."""
        return cls(
            settings.shop(shop),
            request_timeout=settings.extraction.request_timeout_seconds,
            attempts=settings.extraction.attempts,
            max_in_flight=settings.delivery.max_in_flight,
            clock=clock,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        await self._lanes.close()

    async def execute(
        self,
        document: str,
        variables: Mapping[str, Any] | None = None,
        *,
        operation: str,
        idempotent: bool = True,
        any_version: bool = False,
    ) -> Reply:
        """Run a query or mutation and return its data.

        `operation` names it in sentences. `idempotent=False` is for a mutation that must not run twice: after a failure
        that leaves its outcome open, OutcomeUnknown is raised instead of a retry. `any_version` accepts an answer in
        another API version.

        Raises a SourceError: AuthenticationFailed, AccessDenied, InvalidQuery (QueryTooExpensive), VersionMismatch,
        SourceUnavailable (OutcomeUnknown).
        """
        call = Call(self.shop, operation)
        body = orjson.dumps({"query": document, "variables": dict(variables or {})})
        key = cost_key(document, variables or {})
        failures = throttled = 0
        renewed = False
        while True:
            token = await self._tokens.token()
            try:
                async with self._lanes.lane() as http:
                    return await self._attempt(http, call, key, body, token, any_version=any_version)
            except TokenRefused:
                if renewed:
                    raise AuthenticationFailed(refusal(self.shop)) from None
                renewed = True
                await self._tokens.renew(token)
            except TryAgain as again:
                if not again.refused and not idempotent:
                    raise OutcomeUnknown(
                        f"The request of {call} was lost to {again.reason}, so that its outcome is not known; "
                        f"run again to find out."
                    ) from None
                throttled += again.throttled
                failures += not again.throttled
                if failures >= self.attempts or throttled >= THROTTLED_ATTEMPTS:
                    raise SourceUnavailable(
                        f"Shop {self.shop.name} failed {failures + throttled} times at {operation}, last with "
                        f"{again.reason}; check {self.shop.base_url} and status.shopify.com, then run again."
                    ) from None
                await self.clock.sleep(self._pause(again, failures))

    async def _attempt(
        self, http: Lanes, call: Call, key: CostKey, body: bytes, token: str, *, any_version: bool
    ) -> Reply:
        reservation = await self._pacer.reserve(key)
        cost = throttle = None
        try:
            response = await http.post(
                self.shop.graphql_url,
                content=body,
                headers={"content-type": "application/json", "x-shopify-access-token": token},
            )
            answer = body_of(response)
            cost, throttle = accounting(answer)
        except httpx.RequestError as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise TryAgain(reason, refused=isinstance(error, NEVER_SENT)) from None
        finally:
            self._pacer.settle(reservation, cost, throttle)
        return read_reply(call, response, answer, any_version=any_version)

    def _pause(self, again: TryAgain, failures: int) -> float:
        jitter = random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing
        if str(SECURITY_REJECTION) in again.reason:
            return self._security_backoff * 2.0 ** (failures - 1) * jitter
        if again.wait is not None:
            return again.wait
        return min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2.0**failures) * jitter
