"""Signed POST requests to one webhook: paced, and tried again with the same id where that can help.

The signature is that of the Standard Webhooks specification (standardwebhooks.com): the headers webhook-id,
webhook-timestamp and webhook-signature; the last is `v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`,
once for each key, with a space in between.
"""

import base64
import hashlib
import hmac
import math
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from pipelines.destination_settings import Webhook
from pipelines.shopify.lanes import Lanes
from reverse_etl.destinations.pace import Pace, shared_pace
from reverse_etl.failures import DestinationRefused, DestinationUnavailable

BACKOFF_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 30.0
# A receiver that asks to wait longer than this is down, as far as a run is concerned.
LONGEST_WAIT_SECONDS = 900.0
THROTTLED_ATTEMPTS = 25
MOST_IN_FLIGHT = 64
_THROTTLED = (429, 503)
_TRANSIENT = (408, 425)  # and all of 5xx
_STOP = {
    401: "does not accept the signature: {secret} must be the receiver's secret too",
    403: "does not let us in: ask whoever runs it, and compare {secret} with theirs",
    404: "knows no such address: correct {url}",
    405: "takes no POST there: correct {url}",
    410: "is gone for good: ask whoever runs it, or take the destination out of the sync file",
    415: "takes no JSON there: correct {url}",
}


def signature(keys: Sequence[bytes], webhook_id: str, timestamp: int, body: bytes) -> str:
    """The header webhook-signature: one signature a key, so that a receiver may change from one to the other."""
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    made = (base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode() for key in keys)
    return " ".join(f"v1,{one}" for one in made)


class WebhookClient:
    """One webhook. Safe for any number of concurrent callers of one event loop; an async context manager."""

    def __init__(self, webhook: Webhook, pace: Pace | None = None) -> None:
        """Nothing is sent yet; without a `pace` of its own it shares that of the address."""
        self.webhook = webhook
        self.requests = 0
        self._pace = pace or shared_pace(webhook.url, webhook.requests_per_second)
        self._lanes = Lanes(MOST_IN_FLIGHT, webhook.timeout_seconds)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        del kind, error, trace
        await self._lanes.close()

    async def post(self, url: str, body: bytes, webhook_id: str) -> httpx.Response:
        """Post a body; the answer is a success, or a refusal of what the body says (4xx).

        Each attempt bears the same id and a new timestamp. Raises DestinationRefused for an answer that would be the
        same for any body, and DestinationUnavailable when there is none after all attempts.
        """
        failures = throttled = 0
        while True:
            await self._pace.turn()
            reason, wait = "", None
            try:
                async with self._lanes.lane() as http:
                    answer = await http.post(url, content=body, headers=self._headers(webhook_id, body))
            except httpx.RequestError as error:
                reason = f"{type(error).__name__} {error}".strip()
                failures += 1
            else:
                self.requests += 1
                if not self._is_transient(answer):
                    return answer
                reason = f"HTTP {answer.status_code}"
                is_throttled = answer.status_code in _THROTTLED
                throttled += is_throttled
                failures += not is_throttled
                wait = _retry_after(answer)
            if failures >= self.webhook.attempts or throttled >= THROTTLED_ATTEMPTS:
                raise self._unavailable(f"failed {failures + throttled} times, last with {reason}")
            if wait is not None and wait > LONGEST_WAIT_SECONDS:
                raise self._unavailable(f"asks to wait {wait:,.0f} seconds (HTTP {answer.status_code})")
            if wait is not None:
                self._pace.hold(wait)
            else:
                jitter = random.uniform(0.5, 1.0)  # noqa: S311  # spreads retries, guards nothing
                pause = min(LONGEST_BACKOFF_SECONDS, BACKOFF_SECONDS * 2.0 ** min(failures + throttled, 16)) * jitter
                await self._pace.clock.sleep(pause)

    def _headers(self, webhook_id: str, body: bytes) -> dict[str, str]:
        timestamp = int(time.time())
        return {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(self.webhook.keys, webhook_id, timestamp, body),
        }

    def _is_transient(self, answer: httpx.Response) -> bool:
        """Whether to try again; raises DestinationRefused where that can not help, whatever the body."""
        status = answer.status_code
        if status in _STOP or answer.is_redirect or status < 200:
            prefix = f"BOOMERANG_DESTINATIONS__{self.webhook.name.upper()}__"
            names = {"secret": f"{prefix}SECRET", "url": f"destinations.{self.webhook.name}.url"}
            said = _STOP.get(status, "sends us elsewhere: correct {url}").format(**names)
            raise DestinationRefused(
                f"Destination {self.webhook.name} ({self.webhook.host}) {said} (HTTP {status}). Nothing more was sent, "
                f"and what was acknowledged stays so; put that right and run again."
            )
        return status in _TRANSIENT or status >= httpx.codes.INTERNAL_SERVER_ERROR or status in _THROTTLED

    def _unavailable(self, what: str) -> DestinationUnavailable:
        return DestinationUnavailable(
            f"Destination {self.webhook.name} ({self.webhook.host}) {what}. Nothing more was sent, and what was "
            f"acknowledged stays so; run again once it answers."
        )


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds that the receiver asks to wait: a number, or a time; None when it says nothing that can be read."""
    said = answer.headers.get("retry-after", "").strip()
    try:
        seconds = (
            float(said) if said[:1].isdigit() else (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        )
    except (TypeError, ValueError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
