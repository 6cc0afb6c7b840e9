"""Applies the gaps to what goes into the server, and answers what is not BigQuery's own: tokens."""

import gzip
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from tests.warehouses.asgi import Message, Receive, Send, body_of, once
from tests.warehouses.bqemulator_server.patches import SESSION

TOKEN = json.dumps({"access_token": "emulator", "expires_in": 3600, "token_type": "Bearer"}).encode()
STATEMENTS = re.compile(r"/(jobs|queries)$")


class Statements:
    """Passes the text of each query through functions; gives every service account a token."""

    def __init__(self, app: Any, rewrites: Sequence[Callable[[str], str]]) -> None:
        """Wrap the server's application."""
        self.app = app
        self.rewrites = rewrites

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"] == "/token":
            await body_of(receive)
            length = [(b"content-type", b"application/json"), (b"content-length", str(len(TOKEN)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": length})
            await send({"type": "http.response.body", "body": TOKEN})
            return
        queries = scope["type"] == "http" and scope["method"] == "POST" and STATEMENTS.search(scope["path"])
        if not queries or "/upload/" in scope["path"]:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        body = self.received(await body_of(receive), zipped=headers.get(b"content-encoding") == b"gzip")
        headers[b"content-length"] = str(len(body)).encode()
        await self.app({**scope, "headers": list(headers.items())}, once(body, receive), send)

    def received(self, body: bytes, *, zipped: bool) -> bytes:
        """The request's body with its query rewritten, wherever in it the query stands; notes its session."""
        request = json.loads(gzip.decompress(body) if zipped else body)
        query = request.get("configuration", {}).get("query") if "configuration" in request else request
        properties = (query or {}).get("connectionProperties") or []
        SESSION.set(next((str(found["value"]) for found in properties if found.get("key") == "session_id"), ""))
        if query and "query" in query:
            for rewrite in self.rewrites:
                query["query"] = rewrite(query["query"])
        text = json.dumps(request).encode()
        return gzip.compress(text, 1) if zipped else text
