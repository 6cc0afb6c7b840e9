"""The routes of the sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.http import admin, meta, oauth, storage
from sandbox.http.drop import KeepTransport
from sandbox.shopify import Shopify

if TYPE_CHECKING:
    from sandbox.backoffice.behind import Behind


class WorldDate:
    """Stamps every answer with the world's time as its `Date`: to a client this is Shopify's clock."""

    def __init__(self, app: ASGIApp, shopify: Shopify) -> None:
        """Wrap an application."""
        self.app, self.shopify = app, shopify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                now = format_datetime(self.shopify.clock.now().astimezone(UTC), usegmt=True)
                message["headers"] = [*message.get("headers", []), (b"date", now.encode())]
            await send(message)

        await self.app(scope, receive, stamped)


async def _not_found(request: Request, problem: Exception) -> Response:
    return JSONResponse(admin.NOT_FOUND, 404)


def build_app(shopify: Shopify, restore: Callable[[], None], behind: Behind | None = None) -> ASGIApp:
    """Return the ASGI application; `restore` puts the world back to its pristine state, `behind` stands behind it."""
    handlers: list[tuple[str, Callable[[Request], Awaitable[Response]], list[str]]] = [
        ("/shops/{shop}/admin/api/{version}/graphql.json", admin.graphql, ["POST"]),
        ("/shops/{shop}/admin/oauth/access_token", oauth.access_token, ["POST"]),
        ("/storage/results/{name}", storage.result, ["GET"]),
        ("/storage/staged/", storage.upload, ["POST"]),
        ("/storage/staged/{key:path}", storage.put_upload, ["PUT"]),
        ("/__meta/health", meta.health, ["GET"]),
        ("/__meta/reset", meta.reset, ["POST"]),
        ("/__meta/advance", meta.advance, ["POST"]),
        ("/__meta/faults", meta.faults, ["GET", "POST", "DELETE"]),
        ("/__meta/log", meta.log, ["GET"]),
        ("/__meta/state", meta.state, ["GET"]),
        ("/__meta/settings", meta.settings, ["GET", "POST"]),
        ("/__meta/prerendered", meta.prerendered, ["POST"]),
        ("/__meta/truth", meta.truth, ["GET"]),
        ("/__meta/lift", meta.lift, ["GET", "POST"]),
    ]
    routes = [Route(path, handler, methods=methods) for path, handler, methods in handlers]
    if behind is not None:
        routes += behind.routes()
    app = Starlette(
        routes=routes,
        middleware=[Middleware(WorldDate, shopify=shopify)],
        exception_handlers={404: _not_found},
    )
    app.state.shopify = shopify
    app.state.restore = restore
    app.state.behind = behind
    return KeepTransport(app)
