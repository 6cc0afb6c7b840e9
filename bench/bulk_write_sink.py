"""A light stand-in for bulk mutations: staged uploads, operations, result files, and a memory of what was written.

    python -m bench.bulk_write_sink

What is measured is the client, so lines are not validated as the sandbox does it: each is answered as Shopify answers a
valid one. GET /stats gives what came in and how long the stand-in itself worked on it, GET /values what the shop holds,
a line of JSON a value.
"""

import asyncio
import json
import socket
import sys
import tempfile
import time
from email.message import Message
from pathlib import Path
from typing import Any

import orjson
import uvicorn

from bench.asgi import Receive, Send, body_of, reply
from bench.bulk_state import bulk_operation
from bench.shopify_sink import Sink

# A plan on which the few calls beside the files never wait.
RATE = 2_000


class BulkWriteSink(Sink):
    """The write side of one shop, with bulk mutations."""

    def __init__(self, origin: str, folder: Path) -> None:
        """`origin` is the beginning of the urls it gives out; `folder` keeps what was uploaded, and the results."""
        super().__init__(RATE, latency=0)
        self._origin, self._folder = origin, folder
        self._operations: list[asyncio.Task[tuple[int, int]]] = []
        self._uploads = 0
        self.lines, self.worked = 0, 0.0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer uploads and downloads, and what every sink answers."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/staged/"):
            form = await body_of(receive)
            await asyncio.to_thread(self._keep, path.rpartition("/")[2], form, _content_type(scope))
            await reply(send, b"")
        elif scope["type"] == "http" and path.startswith("/results/"):
            await reply(send, self._result(int(path.rpartition("/")[2])).read_bytes())
        elif scope["type"] == "http" and path == "/values":
            rows = (orjson.dumps({"key": key, "value": value}) for key, value in self.values.items())
            await reply(send, b"\n".join(rows))
        else:
            await super().__call__(scope, receive, send)

    def stats(self) -> dict[str, Any]:
        """Files, lines and seconds of our own work, beside what every sink counts."""
        return {**super().stats(), "files": len(self._operations), "lines": self.lines, "worked": self.worked}

    def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "stagedUploadsCreate(" in query:
            self._uploads += 1
            parameters = [{"name": "key", "value": str(self._uploads)}]
            target = {"url": f"{self._origin}/staged/{self._uploads}", "parameters": parameters}
            return {"stagedUploadsCreate": {"stagedTargets": [target], "userErrors": []}}
        if "bulkOperationRunMutation(" in query:
            number = len(self._operations)
            work = asyncio.to_thread(self._run, number, variables["mutation"], self._upload(variables["path"]))
            self._operations.append(asyncio.create_task(work))
            return {"bulkOperationRunMutation": {"bulkOperation": self._state(number), "userErrors": []}}
        if "bulkOperation(" in query:
            return {"bulkOperation": self._state(int(variables["id"].rpartition("/")[2]))}
        return super()._data(query, variables)

    def _state(self, number: int) -> dict[str, Any]:
        operation = self._operations[number]
        lines, size = operation.result() if operation.done() else (0, 0)
        url = f"{self._origin}/results/{number}"
        done = operation.done()
        return bulk_operation(number, url, kind="MUTATION", done=done, objects=lines, roots=lines, size=size)

    def _keep(self, key: str, form: bytes, content_type: Message) -> None:
        """Cut the file out of the form: it is its last part."""
        boundary = b"--" + str(content_type.get_param("boundary")).encode()
        begin = form.index(b"\r\n\r\n", form.index(b'name="file"')) + 4
        self._upload(key).write_bytes(form[begin : form.rindex(b"\r\n" + boundary)])

    def _run(self, number: int, mutation: str, upload: Path) -> tuple[int, int]:
        began, lines = time.thread_time(), 0
        with upload.open("rb") as given, self._result(number).open("wb") as results:
            for lines, line in enumerate(given, start=1):
                data = super()._data(mutation, orjson.loads(line))
                results.write(orjson.dumps({"data": data, "__lineNumber": lines - 1}) + b"\n")
        self.lines += lines
        self.worked += time.thread_time() - began
        return lines, self._result(number).stat().st_size

    def _upload(self, key: str) -> Path:
        return self._folder / f"upload-{key}.jsonl"

    def _result(self, number: int) -> Path:
        return self._folder / f"result-{number}.jsonl"


def _content_type(scope: dict[str, Any]) -> Message:
    found = Message()
    found["content-type"] = dict(scope["headers"])[b"content-type"].decode()
    return found


def main() -> None:
    """Serve on a free port of loopback; print it as one line of JSON."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sys.stdout.write(json.dumps({"origin": origin}) + "\n")
    sys.stdout.flush()
    with tempfile.TemporaryDirectory(prefix="boomerang-bench-") as folder:
        app = BulkWriteSink(origin, Path(folder))
        uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", lifespan="off")).run([listener])


if __name__ == "__main__":
    main()
