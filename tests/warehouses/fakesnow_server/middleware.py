"""Applies the gaps to what goes in and out of the server. Nothing here knows a statement."""

import gzip
import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.warehouses.asgi import Message, Receive, Send, body_of, once

QUERIES = "/queries/v1/query-request"


class Statements:
    """Passes the text of each statement through functions, and makes an unexpected fault an SQL error.

    A fault that the emulator did not foresee is HTTP 500, which the connector takes for a passing fault of the service
    and repeats for minutes. The real service answers a wrong statement as this does.
    """

    def __init__(self, app: Any, rewrites: Sequence[Callable[[str], str]]) -> None:
        """Wrap the server's application."""
        self.app = app
        self.rewrites = rewrites

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or not scope["path"].startswith(QUERIES):
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        zipped = headers.get(b"content-encoding") == b"gzip"
        body = await body_of(receive)
        request = json.loads(gzip.decompress(body) if zipped else body)
        for rewrite in self.rewrites:
            request["sqlText"] = rewrite(request["sqlText"])
        body = json.dumps(request).encode()
        body = gzip.compress(body, 1) if zipped else body
        headers[b"content-length"] = str(len(body)).encode()
        await self.app({**scope, "headers": list(headers.items())}, once(body, receive), as_sql_error(send))


def as_sql_error(send: Send) -> Send:
    """A send that turns an answer with status 500 into a failed statement."""
    failed = False
    collected = b""

    async def pass_on(message: Message) -> None:
        nonlocal failed, collected
        if message["type"] == "http.response.start" and message["status"] == 500:
            failed = True
            return
        if not failed:
            await send(message)
            return
        collected += message.get("body", b"")
        if message.get("more_body"):
            return
        said = json.loads(collected).get("message", "no message")[:2000]
        error = {"errorCode": "000603", "sqlState": "XX000"}
        body = json.dumps({"data": error, "code": "000603", "message": said, "success": False}).encode()
        length = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": body})

    return pass_on
