"""A shop with one bulk export of any size, made while it is served: no disk holds it, and it costs next to nothing.

    python -m bench.large_export orders 1000000000

A block of real lines is rendered once; each repetition carries other ids, of the same number of digits, so that every
row is a row of its own. Prints one line of JSON: where it answers, and the lines and bytes of the export.
"""

import json
import re
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import uvicorn

from bench import bulk_file
from bench.asgi import VERSION, Receive, Send, body_of, reply
from pipelines.shopify.shop_checks import FIELD_SCOPES

BLOCK_LINES = 16_000
CHUNK_BYTES = 1 << 20
# Ids of orders, transactions and lines; 5 digits tell the rows of a block apart, the marker tells the blocks apart.
OWN_ID = re.compile(rb"/([569])0000(\d{5})\b")
MARKER = b"######"


class LargeExport:
    """Lines of one entity, repeated until they have at least so many bytes."""

    def __init__(self, entity: str, least_bytes: int) -> None:
        """Render one block; the rest is arithmetic."""
        rendered = "".join(f"{line}\n" for line in bulk_file.lines(entity, BLOCK_LINES)).encode()
        self._block = OWN_ID.sub(rb"/\g<1>" + MARKER + rb"\2", rendered)
        self._blocks = -(-least_bytes // len(self._block))
        self.size = self._blocks * len(self._block)
        self.lines = self._blocks * self._block.count(b"\n")

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the export."""
        for number in range(self._blocks):
            block = memoryview(self._block.replace(MARKER, b"%06d" % number))
            for start in range(0, len(block), CHUNK_BYTES):
                yield bytes(block[start : start + CHUNK_BYTES])


class ShopWithLargeExport:
    """An ASGI application: start-up checks, one bulk operation that is done at once, and its result."""

    def __init__(self, origin: str, export: LargeExport) -> None:
        """`origin` is the beginning of the result's url."""
        self._origin = origin
        self._export = export

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer the Admin API of any shop, and GET /result."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/result":
            await self._stream(send)
            return
        request = orjson.loads(await body_of(receive))
        status = {"maximumAvailable": 20_000, "currentlyAvailable": 20_000, "restoreRate": 1_000}
        cost = {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": status}
        await reply(send, {"data": self._data(request["query"]), "extensions": {"cost": cost}})

    async def _stream(self, send: Send) -> None:
        headers = [(b"content-length", str(self._export.size).encode()), (b"content-type", b"application/jsonl")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for chunk in self._export.chunks():
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _data(self, document: str) -> dict[str, Any]:
        if "publicApiVersions" in document:
            every = {handle for needed in FIELD_SCOPES.values() for any_of in needed for handle in any_of}
            return {
                "currentAppInstallation": {"accessScopes": [{"handle": handle} for handle in sorted(every)]},
                "publicApiVersions": [{"handle": VERSION, "supported": True}],
            }
        operation = self._operation()
        if "bulkOperationRunQuery" in document:
            return {"bulkOperationRunQuery": {"bulkOperation": operation, "userErrors": []}}
        return {"bulkOperation": operation}

    def _operation(self) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        return {
            "id": "gid://shopify/BulkOperation/1",
            "status": "COMPLETED",
            "type": "QUERY",
            "errorCode": None,
            "createdAt": now,
            "completedAt": now,
            "objectCount": str(self._export.lines),
            "rootObjectCount": str(self._export.lines),
            "fileSize": str(self._export.size),
            "url": f"{self._origin}/result",
            "partialDataUrl": None,
        }


def main(entity: str, least_bytes: str) -> None:
    """Serve on a free port of loopback until the process is ended."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    export = LargeExport(entity, int(least_bytes))
    sys.stdout.write(json.dumps({"origin": origin, "lines": export.lines, "bytes": export.size}) + "\n")
    sys.stdout.flush()
    application = ShopWithLargeExport(origin, export)
    config = uvicorn.Config(application, access_log=False, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
