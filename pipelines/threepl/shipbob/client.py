"""ShipBob's API: authenticated, held below its limit, retried where a retry can help."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpx
import orjson

from pipelines.failures import AuthenticationFailed, InvalidQuery, SourceError, SourceUnavailable, first_line
from pipelines.intake.clock import Clock, SystemClock
from pipelines.threepl.shipbob.window import SlidingWindow
from pipelines.threepl_settings import ShipBobPartner

BACKOFF_SECONDS = 0.5
# Refused calls cost nothing but the wait; a limit that does not give way for so long is somebody else's doing.
LONGEST_HOLD_SECONDS = 600.0
USUAL_HOLD_SECONDS = 5.0


class RateLimited(SourceError):
    """The limit did not give way."""


@dataclass(frozen=True)
class Reply:
    """A good answer: its JSON, its headers, and the server's clock when it answered (UTC)."""

    body: Any
    headers: Mapping[str, str]
    served_at: datetime


class ShipBobClient:
    """One account's API. Safe for concurrent callers of one event loop; an async context manager."""

    def __init__(
        self, partner: ShipBobPartner, *, timeout: float = 30.0, attempts: int = 4, clock: Clock | None = None
    ) -> None:
        """Nothing is sent yet. `timeout` is seconds; `attempts` bounds the tries of a call that fails."""
        token = partner.access_token.get_secret_value() if partner.access_token else ""
        self.partner = partner
        self._attempts = attempts
        self._clock = clock or SystemClock()
        self._window = SlidingWindow(partner.calls_per_minute, self._clock)
        self._http = httpx.AsyncClient(
            base_url=f"{partner.base_url.rstrip('/')}/{partner.api_version}",
            headers={"authorization": f"Bearer {token}", "accept": "application/json"},
            timeout=timeout,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        await self._http.aclose()

    async def get(self, path: str, params: Mapping[str, Any]) -> Reply:
        """Read a resource; params that are None are left out."""
        return await self._call("GET", path, params, None)

    async def post(self, path: str, params: Mapping[str, Any], body: Mapping[str, Any]) -> Reply:
        """Ask a question that is too long for a url."""
        return await self._call("POST", path, params, body)

    async def _call(self, method: str, path: str, params: Mapping[str, Any], body: Mapping[str, Any] | None) -> Reply:
        given = {name: value for name, value in params.items() if value is not None}
        failures, held = 0, 0.0
        while True:
            await self._window.take()
            try:
                response = await self._http.request(method, path, params=given, json=body)
                if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
                    held += self._hold(response, path, held)
                    continue
                if response.status_code < httpx.codes.INTERNAL_SERVER_ERROR:
                    return self._reply(response, path)
                reason = f"HTTP {response.status_code}"
            except (httpx.RequestError, orjson.JSONDecodeError) as error:
                reason = f"{type(error).__name__} {first_line(error)}"
            failures += 1
            if failures >= self._attempts:
                raise SourceUnavailable(
                    f"Partner {self.partner.name} failed {failures} times at {path}, last with {reason}; check "
                    f"{self.partner.base_url} and the partner's status page, then run again."
                )
            jitter = random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing
            await self._clock.sleep(BACKOFF_SECONDS * 2.0**failures * jitter)

    def _hold(self, response: httpx.Response, path: str, held: float) -> float:
        """Have everybody wait as long as the server asks; how many seconds."""
        asked = response.headers.get("x-retry-after") or response.headers.get("retry-after") or ""
        seconds = float(asked) if asked.replace(".", "", 1).isdigit() else USUAL_HOLD_SECONDS
        if held + seconds > LONGEST_HOLD_SECONDS:
            raise RateLimited(
                f"Partner {self.partner.name} has refused {path} for {held:,.0f} seconds because of its call limit; "
                f"find out which other program uses the account's token, or lower threepl.{self.partner.name}."
                "calls_per_minute, then run again."
            )
        self._window.hold(max(seconds, 0.1))
        return max(seconds, 0.1)

    def _reply(self, response: httpx.Response, path: str) -> Reply:
        name = self.partner.name
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise AuthenticationFailed(
                f"Partner {name} refused the token at {path} (HTTP {response.status_code}); make a new one there with "
                f"read access and set BOOMERANG_THREEPL__{name.upper()}__ACCESS_TOKEN."
            )
        if response.is_error:
            said = " ".join(response.text.split())[:200]
            raise InvalidQuery(
                f"Partner {name} rejected the call of {path} (HTTP {response.status_code}: {said}); check "
                f"threepl.{name}.api_version in the settings."
            )
        date = response.headers.get("date")
        served_at = parsedate_to_datetime(date).astimezone(UTC) if date else datetime.now(UTC)
        return Reply(orjson.loads(response.content), response.headers, served_at)
