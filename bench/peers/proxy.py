"""An HTTP proxy for CONNECT alone, which leads one kind of host to a port of this machine and refuses every other.

With it, programs that know only https://<shop>.myshopify.com are measured as they are, and that nothing else was asked
for is a fact of the run: what was refused is kept.
"""

import asyncio
from contextlib import suppress

ALLOWED_SUFFIX = ".myshopify.com"
CHUNK_BYTES = 256 << 10


class Proxy:
    """Tunnels `*.myshopify.com:443` to 127.0.0.1:`port`; `refused` holds what else was asked for."""

    def __init__(self, port: int) -> None:
        """Nothing listens yet."""
        self._port = port
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()
        self.refused: set[str] = set()

    async def start(self) -> int:
        """Listen on a free port of loopback, which is returned."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Take no further connection, and wait until those that are open have ended."""
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._tunnels)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tunnels.add(task)
        task.add_done_callback(self._tunnels.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, target = head.split(b" ", 2)[:2]
            host, _, port = target.decode("latin-1").rpartition(":")
            if method != b"CONNECT" or not host.endswith(ALLOWED_SUFFIX) or port != "443":
                self.refused.add(target.decode("latin-1")[:200])
                writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                await writer.drain()
                return
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pass(reader, inner_writer), _pass(inner_reader, writer))
            await _closed(inner_writer)
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # a peer that hangs up, or sends what is no request, ends its own connection only
        finally:
            await _closed(writer)


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while chunk := await source.read(CHUNK_BYTES):
        target.write(chunk)
        await target.drain()
    with suppress(OSError, NotImplementedError):
        target.write_eof()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
