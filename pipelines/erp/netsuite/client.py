"""Sends requests to a NetSuite account, a few at a time, and repeats those that it turned away for their number.

The account's limit counts the requests of all integrations together; over it, NetSuite answers 429, or 400 with a code
of its own. Both are repeated for as long as the settings say, and so is what was not answered; nothing else is.
"""

import asyncio
import random
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from pipelines.erp.netsuite.signing import Signer, signer_of
from pipelines.erp.reading import RateLimited
from pipelines.erp_settings import NetSuiteErp
from pipelines.failures import (
    AccessDenied,
    AuthenticationFailed,
    InvalidQuery,
    SourceError,
    SourceUnavailable,
    first_line,
)
from pipelines.intake.clock import Clock, SystemClock

SUITEQL_PATH = "/services/rest/query/v1/suiteql"
TIME_PATH = "/services/rest/system/v1/serverTime"
_OVER_THE_LIMIT = ("SSS_REQUEST_LIMIT_EXCEEDED", "WS_REQUEST_BLOCKED", "CONCURRENCY_LIMIT_EXCEEDED")
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
# Oracle ends a query after 15 minutes.
READ_SECONDS = 900.0
CONNECT_SECONDS = 30.0


class NetSuiteClient:
    """One account; a context manager."""

    def __init__(self, erp: NetSuiteErp, *, clock: Clock | None = None, signer: Signer | None = None) -> None:
        """Nothing is sent yet; ConfigurationError for a key that cannot be read."""
        self._erp = erp
        self._clock = clock or SystemClock()
        self._signer = signer or signer_of(erp)
        self._signing = asyncio.Lock()
        self._turn = asyncio.Semaphore(erp.concurrency)
        timeout = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        self._http = httpx.AsyncClient(timeout=timeout, limits=httpx.Limits(max_connections=erp.concurrency + 1))

    async def __aenter__(self) -> Self:
        """Start."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all connections."""
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def server_time(self) -> datetime:
        """The account's clock, in UTC; it needs no permission."""
        reply = await self._asked("GET", TIME_PATH, what="the time", signed=False)
        try:
            return datetime.fromisoformat(orjson.loads(reply.content)["serverTime"]).astimezone(UTC)
        except (ValueError, KeyError, TypeError):
            raise SourceUnavailable(
                f"{self._named} does not tell its time in a form that is known; nothing was loaded, run again."
            ) from None

    async def suiteql(self, query: str, limit: int, *, what: str) -> bytes:
        """The reply to a query, its first `limit` rows; `what` names it in a sentence."""
        reply = await self._asked(
            "POST",
            f"{SUITEQL_PATH}?limit={limit}&offset=0",
            what=what,
            content=orjson.dumps({"q": query}),
            headers={"Prefer": "transient", "Content-Type": "application/json"},
        )
        return reply.content

    @property
    def _named(self) -> str:
        return f"NetSuite account {self._erp.account} (erp {self._erp.name})"

    async def _asked(self, method: str, path: str, *, what: str, signed: bool = True, **more: Any) -> httpx.Response:
        give_up_at, attempt, renewed = self._clock.now() + self._erp.patience_seconds, 0, False
        while True:
            failure: SourceError
            pause = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0**attempt)
            try:
                reply = await self._send(httpx.Request(method, f"{self._erp.host}{path}", **more), signed=signed)
            except httpx.TransportError as error:
                failure = SourceUnavailable(
                    f"{self._named} did not answer when asked for {what} ({first_line(error)}); nothing of it was "
                    f"loaded: check that {self._erp.host} can be reached, then run again."
                )
            else:
                if reply.status_code == 401 and signed and not renewed and self._signer.forget():
                    renewed = True
                    continue
                if reply.is_success:
                    return reply
                failure = self._refusal(reply, what)
                if not _may_be_repeated(reply):
                    raise failure
                pause = max(pause, _retry_after(reply))
            # A little apart, so that requests that were turned away together do not come back together.
            pause *= random.uniform(1.0, 1.2)  # noqa: S311  # spreads retries, guards nothing
            if self._clock.now() + pause > give_up_at:
                raise failure
            attempt += 1
            await self._clock.sleep(pause)

    async def _send(self, request: httpx.Request, *, signed: bool) -> httpx.Response:
        async with self._turn:
            if signed:
                async with self._signing:  # one token for all who wait
                    await self._signer.sign(request, self._http.send)
            return await self._http.send(request)

    def _refusal(self, reply: httpx.Response, what: str) -> SourceError:
        said = _detail(reply)
        if reply.status_code == 401:
            return AuthenticationFailed(
                f"{self._named} refuses its credentials ({said}); nothing was loaded: renew the token or the "
                f"certificate, then run again."
            )
        if reply.status_code == 404:
            return AccessDenied(
                f"{self._erp.host} does not know the account {self._erp.account} ({said}); nothing was loaded: correct "
                f"erp.{self._erp.name}.account."
            )
        if reply.status_code == 403:
            return AccessDenied(
                f"{self._named} does not let its role read {what} ({said}); nothing of it was loaded: give the role "
                f"the permission, then run again."
            )
        if reply.status_code == 429 or _is_over_the_limit(reply):
            return RateLimited(
                f"{self._named} kept refusing requests for {self._erp.patience_seconds:.0f} seconds because too many "
                f"are under way ({said}); nothing of {what} was loaded: lower erp.{self._erp.name}.concurrency or run "
                f"again when other integrations rest."
            )
        if reply.status_code >= 500:
            return SourceUnavailable(
                f"{self._named} failed with status {reply.status_code} when asked for {what} ({said}); nothing of it "
                f"was loaded, run again."
            )
        return InvalidQuery(
            f"{self._named} rejects the query of {what} ({said}); nothing of it was loaded: correct the "
            f"query or the setting that it uses, then run again."
        )


def _may_be_repeated(reply: httpx.Response) -> bool:
    return reply.status_code == 429 or reply.status_code >= 500 or _is_over_the_limit(reply)


def _is_over_the_limit(reply: httpx.Response) -> bool:
    return reply.status_code in (400, 403, 429) and any(code in reply.text for code in _OVER_THE_LIMIT)


def _retry_after(reply: httpx.Response) -> float:
    try:
        return max(0.0, float(reply.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0


def _detail(reply: httpx.Response) -> str:
    """What NetSuite says was wrong: one line without a full stop."""
    try:
        details = orjson.loads(reply.content)["o:errorDetails"]
        said = str(details[0]["detail"])
    except (ValueError, KeyError, IndexError, TypeError):
        return f"status {reply.status_code}"
    # A refused name is followed by all the names that there are.
    said, _, _ = " ".join(said.split()).partition(" Available identifiers")
    return said.removeprefix("Invalid search query. Detailed unprocessed description follows. ").rstrip(".")
