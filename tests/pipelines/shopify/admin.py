"""A scripted Admin API on loopback, and a clock that does not wait."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from pipelines.config import Shop
from pipelines.intake.clock import Clock
from pipelines.shopify.client import ShopifyClient
from tests.pipelines.shopify.loopback import Handler, Request, Response, serving


class QuickClock:
    """Time passes when somebody sleeps, and nobody has to wait for it."""

    def __init__(self) -> None:
        self.time = 0.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += max(0.0, seconds)
        await asyncio.sleep(0)


class Script:
    """Answers requests with given responses, one after the other, and keeps the requests."""

    def __init__(self, responses: Iterable[Response]) -> None:
        self._responses = iter(responses)
        self.requests: list[Request] = []

    async def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        return next(self._responses)


def shop(url: str, **settings: Any) -> Shop:
    values = {"name": "us", "domain": "a-shop.myshopify.com", "base_url": url, "access_token": "shpat_test"}
    return Shop(**{**values, **settings})


@asynccontextmanager
async def connected(
    handler: Handler, *, clock: Clock | None = None, settings: dict[str, Any] | None = None, **limits: Any
) -> AsyncIterator[ShopifyClient]:
    """A client of a server that answers with `handler`."""
    async with (
        serving(handler) as url,
        ShopifyClient(shop(url, **(settings or {})), clock=clock or QuickClock(), **limits) as client,
    ):
        yield client


def data(**fields: Any) -> Response:
    return Response({"data": fields}, headers={"x-shopify-api-version": "2026-10"})


def error(message: str, code: str | None = None, **more: Any) -> Response:
    extensions = {key: value for key, value in (("code", code), *more.items()) if value is not None}
    return Response({"errors": [{"message": message, "extensions": extensions}], "data": None})
