"""Stand-ins for services that say no: the clients' own requests, answered with the refusals of the real services."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.warehouse import Warehouse

Answer = tuple[int, dict[str, Any]]
Answering = Callable[[str, str, dict[str, Any]], Answer]


@contextmanager
def answering(answer: Answering) -> Iterator[str]:
    """A server on a free port of loopback; `answer(method, path, body)` gives status and JSON. Yields its origin."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            status, said = answer(self.command, self.path, _parsed(body))
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _reply  # noqa: N815 - the names that the base class calls

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sentence_of(settings: Settings, work: Callable[[Any], None] = lambda session: None) -> BoomerangError:
    """The failure with which a session ends: one line, no secret, no stack trace needed."""
    with pytest.raises(BoomerangError) as failed, Warehouse(settings).session() as session:
        work(session)
    sentence = str(failed.value)
    assert "\n" not in sentence
    assert len(sentence) < 600
    assert sentence.endswith(".")
    return failed.value


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(body or b"{}")
    except ValueError:  # a form or an upload
        return {}
    return parsed if isinstance(parsed, dict) else {}
