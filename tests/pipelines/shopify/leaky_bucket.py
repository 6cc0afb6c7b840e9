"""Shopify's rate limit over HTTP: a bucket of points that a request must find its requested cost in."""

import asyncio
import time
from typing import Any

from tests.pipelines.shopify.loopback import Request, Response


class LeakyBucket:
    """A handler with a bucket of 20 times its refill (or less at the start), latency, and an account of what it did."""

    def __init__(
        self, rate: float, *, level: float = 0.0, requested: float = 10.0, actual: float = 10.0, latency: float = 0.1
    ) -> None:
        self.rate, self.maximum, self.level = rate, rate * 20, level
        self.requested, self.actual, self.latency = requested, actual, latency
        self.calls = self.throttled = 0
        self.points = 0.0
        self._at = time.monotonic()

    async def __call__(self, request: Request) -> Response:
        await asyncio.sleep(self.latency / 2)
        self.calls += 1
        if self.available() < self.requested:
            self.throttled += 1
            await asyncio.sleep(self.latency / 2)
            errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
            return Response({"errors": errors, "extensions": self.cost(None)})
        self.level -= self.requested
        await asyncio.sleep(self.latency / 4)
        self.level = min(self.maximum, self.available() + self.requested - self.actual)
        self.points += self.actual
        body = {"data": {"ok": True}, "extensions": self.cost(self.actual)}
        await asyncio.sleep(self.latency / 4)
        return Response(body)

    def available(self) -> float:
        now = time.monotonic()
        self.level = min(self.maximum, self.level + (now - self._at) * self.rate)
        self._at = now
        return self.level

    def drain(self, points: float) -> None:
        """Another program takes points."""
        self.level = self.available() - points

    def cost(self, actual: float | None) -> dict[str, Any]:
        # Whole numbers, as Shopify shows them.
        status = {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.available()),
            "restoreRate": self.rate,
        }
        return {"cost": {"requestedQueryCost": self.requested, "actualQueryCost": actual, "throttleStatus": status}}
