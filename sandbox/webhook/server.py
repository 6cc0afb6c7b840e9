"""Serves a receiver on loopback, in a thread of this process."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.webhook.receiver import Receiver

HOST = "127.0.0.1"


@contextlib.contextmanager
def serving(receiver: Receiver) -> Iterator[str]:
    """Serve while the context lasts; gives the address that takes messages and answers reads."""
    with contextlib.closing(socket.create_server((HOST, 0), backlog=256)) as listener:
        config = uvicorn.Config(
            _app(receiver), log_level="warning", access_log=False, lifespan="off", ws="none",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True, name="webhook")
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        try:
            yield f"http://{HOST}:{listener.getsockname()[1]}/boomerang"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _app(receiver: Receiver) -> Starlette:
    async def take(request: Request) -> Response:
        status, headers, answer = receiver.take(await request.body(), dict(request.headers))
        if answer is None:
            return Response(status_code=status, headers=headers)
        return JSONResponse(answer, status, headers=headers)

    return Starlette(routes=[Route("/boomerang", take, methods=["POST"])])
