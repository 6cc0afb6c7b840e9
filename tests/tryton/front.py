"""The sandbox as the internet has it: https://<shop>.myshopify.com, behind a proxy that knows no other host.

Tryton's connector knows only such addresses. A throw-away authority vouches for the names, and `variables` are what a
client needs in its environment to go that way.
"""

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.peers import certificates
from bench.peers.proxy import Proxy

PASSED = ("content-type", "x-shopify-access-token", "accept")


@dataclass
class Front:
    """`variables` lead a client here; `asked` counts requests by path; `refused` are other hosts it asked for."""

    variables: dict[str, str]
    asked: list[str]
    proxy: Proxy

    @property
    def refused(self) -> set[str]:
        """Hosts that were asked for and are not shops."""
        return self.proxy.refused


@contextlib.contextmanager
def front(origin: str, folder: Path) -> Iterator[Front]:
    """Serve the shops of the sandbox at `origin` by HTTPS while the context lasts."""
    authority, server_key = certificates.make(folder)
    asked: list[str] = []
    client = httpx.AsyncClient(timeout=60)

    async def passed_on(request: Request) -> Response:
        shop = request.headers["host"].partition(":")[0]
        asked.append(request.url.path)
        headers = {name: request.headers[name] for name in PASSED if name in request.headers}
        body = await request.body()
        reply = await client.request(
            request.method, f"{origin}/shops/{shop}{request.url.path}", content=body, headers=headers
        )
        kept = {
            name: value for name, value in reply.headers.items() if name not in ("content-length", "content-encoding")
        }
        return Response(reply.content, reply.status_code, kept)

    app = Starlette(routes=[Route("/{path:path}", passed_on, methods=["GET", "POST"])])
    config = uvicorn.Config(app, port=0, ssl_certfile=str(server_key), log_level="warning", lifespan="off")
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), dict[str, int]()
    server = uvicorn.Server(config)
    proxies: list[Proxy] = []

    async def serve() -> None:
        serving = asyncio.ensure_future(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        proxies.append(Proxy(port))
        ports["proxy"] = await proxies[0].start()
        ready.set()
        await serving
        await proxies[0].stop()
        await client.aclose()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True, name="front")
    thread.start()
    ready.wait(30)
    proxy = f"http://127.0.0.1:{ports['proxy']}"
    variables = {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "SSL_CERT_FILE": str(authority)}
    try:
        yield Front(variables, asked, proxies[0])
    finally:
        server.should_exit = True
        thread.join(10)
        loop.close()
