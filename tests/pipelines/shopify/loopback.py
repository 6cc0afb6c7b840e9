"""A real HTTP server on loopback, in the event loop of the test, that can also break connections."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return orjson.loads(self.body)


@dataclass
class Response:
    """`drop` closes the connection without an answer; `cut` closes it after so many bytes of the body."""

    body: bytes | dict[str, Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    cut: int | None = None
    without_length: bool = False


Handler = Callable[[Request], Awaitable[Response]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """The base url of a server that answers with `handler`."""
    open_connections: set[asyncio.StreamWriter] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_connections.add(writer)
        try:
            while await _exchange(reader, writer, handler):
                pass
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass  # the client left, or the test is over
        finally:
            open_connections.discard(writer)
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in list(open_connections):
            writer.transport.abort()
        await server.wait_closed()


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
    body = await _body(reader, headers)
    response = await handler(Request(method, path, headers, body))
    if response.drop:
        writer.transport.abort()
        return False
    content = orjson.dumps(response.body) if isinstance(response.body, dict) else response.body
    lines = [f"HTTP/1.1 {response.status} x", *(f"{name}: {value}" for name, value in response.headers.items())]
    if not response.without_length:
        lines.append(f"content-length: {len(content)}")
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + content[: response.cut])
    await writer.drain()
    return response.cut is None and not response.without_length


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        content = b""
        while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
            content += (await reader.readexactly(size + 2))[:-2]
        await reader.readuntil(b"\r\n")
        return content
    return await reader.readexactly(int(headers.get("content-length", 0)))
