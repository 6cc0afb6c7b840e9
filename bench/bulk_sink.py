"""A light stand-in for bulk exports: operations as long as their query says, and when they were read.

    python -m bench.bulk_sink

A query is text like `{ shop { id } } # seconds=4.2`. GET /waits gives, for each operation whose result was requested,
the seconds from its completion to the request.
"""

import json
import re
import socket
import sys
import time
from typing import Any

import orjson
import uvicorn

from bench.asgi import Receive, Send, body_of, reply
from bench.bulk_state import bulk_operation

RESULT = b'{"id":"gid:\\/\\/shopify\\/Shop\\/1"}\n'


class BulkSink:
    """An ASGI application."""

    def __init__(self, origin: str) -> None:
        """`origin` is the beginning of result urls."""
        self._origin = origin
        self._ends: list[float] = []
        self._waits: dict[int, float] = {}

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer the Admin API, results, and GET /waits."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/waits":
            await reply(send, self._waits)
        elif path.startswith("/results/"):
            number = int(path.rpartition("/")[2])
            self._waits.setdefault(number, time.monotonic() - self._ends[number])
            await reply(send, RESULT)
        else:
            request = orjson.loads(await body_of(receive))
            status = {"maximumAvailable": 20_000, "currentlyAvailable": 20_000, "restoreRate": 1_000}
            cost = {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": status}
            await reply(send, {"data": self._data(request), "extensions": {"cost": cost}})

    def _data(self, request: dict[str, Any]) -> dict[str, Any]:
        variables = request["variables"]
        if "id" in variables:
            return {"bulkOperation": self._state(int(variables["id"].rpartition("/")[2]))}
        seconds = re.search(r"seconds=([\d.]+)", variables["query"])
        self._ends.append(time.monotonic() + float(seconds[1] if seconds else 1))
        return {"bulkOperationRunQuery": {"bulkOperation": self._state(len(self._ends) - 1), "userErrors": []}}

    def _state(self, number: int) -> dict[str, Any]:
        done, size = time.monotonic() >= self._ends[number], len(RESULT)
        return bulk_operation(number, f"{self._origin}/results/{number}", done=done, objects=1, roots=1, size=size)


def main() -> None:
    """Serve on a free port of loopback; print it as one line of JSON."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sys.stdout.write(json.dumps({"origin": origin}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(BulkSink(origin), access_log=False, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
