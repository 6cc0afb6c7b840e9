"""Connections that end without an answer, or in the middle of one."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "sandbox.transport"


class KeepTransport:
    """Remembers the socket behind each request, so that a fault can close it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application; must be the outermost layer, next to the server."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        scope[_KEY] = getattr(getattr(send, "__self__", None), "transport", None)
        await self.app(scope, receive, send)


def close_socket(scope: Scope) -> None:
    """Close the connection of a request at once."""
    transport: Any = scope.get(_KEY)
    if transport is not None:
        transport.abort()


class _Silence(Response):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        close_socket(scope)


def drop_connection(scope: Scope) -> Response:
    """Return a response that closes the connection and says nothing."""
    return _Silence(status_code=500)
