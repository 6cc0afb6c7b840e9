"""Requests of a lane, against raw sockets: what comes back, and how far a request came that failed."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from pipelines.shopify.lanes import Lanes

Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[str]:
    """A server that reads the head of a request and does what it likes; yields its origin."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    (line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")), b":0"
                )
                await reader.readexactly(int(length.partition(b":")[2]))
                await answer(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def says(status: str, body: bytes, *headers: str) -> Answer:
    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


async def cuts_off(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf")
    writer.close()


async def hangs_up(head: bytes, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def says_nothing(head: bytes, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(0)


def post(answer: Answer, path: str = "/graphql") -> httpx.Response:
    """One request to such a server."""

    async def run() -> httpx.Response:
        lanes = Lanes(2, timeout=0.3)
        try:
            async with listening(answer) as origin, lanes.lane() as http:
                return await http.post(origin + path, content=b"{}", headers={"x-key": "k"})
        finally:
            await lanes.close()

    return asyncio.run(run())


def test_a_packed_answer_comes_unpacked_with_its_headers() -> None:
    answer = post(says("200 OK", gzip.compress(b'{"a": 1}'), "content-encoding: gzip", "retry-after: 4.0"))
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (200, {"a": 1}, "4.0")


def test_a_redirect_is_not_followed() -> None:
    answer = post(says("302 Found", b"", "location: /elsewhere"))
    assert (answer.is_redirect, answer.headers["location"]) == (True, "/elsewhere")


@pytest.mark.parametrize(
    ("answer", "failure"),
    [(cuts_off, httpx.RemoteProtocolError), (hangs_up, httpx.RemoteProtocolError), (says_nothing, httpx.ReadTimeout)],
)
def test_a_request_that_may_have_arrived_is_told_from_one_that_did_not(answer: Answer, failure: type) -> None:
    with pytest.raises(failure):
        post(answer)


def test_nobody_listening_means_never_sent() -> None:
    async def run() -> None:
        async with listening(hangs_up) as origin:
            pass
        lanes = Lanes(1, timeout=0.3)
        try:
            await lanes.post(origin, content=b"", headers={})
        finally:
            await lanes.close()

    with pytest.raises(httpx.ConnectError):
        asyncio.run(run())


def test_a_connection_is_used_again_by_the_next_request() -> None:
    connections: set[object] = set()

    async def answer(head: bytes, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        await says("200 OK", b"{}")(head, writer)

    async def run() -> None:
        lanes = Lanes(4, timeout=1)
        async with listening(answer) as origin:
            for _ in range(5):
                async with lanes.lane() as http:
                    await http.post(origin, content=b"{}", headers={})
            await lanes.close()

    asyncio.run(run())
    assert len(connections) == 1


def test_the_proxy_of_the_environment_is_used_with_its_login_unless_the_host_is_excepted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heads: list[bytes] = []

    async def proxy(head: bytes, writer: asyncio.StreamWriter) -> None:
        heads.append(head)
        await says("403 Forbidden" if head.startswith(b"CONNECT") else "200 OK", b"{}")(head, writer)

    async def run() -> None:
        lanes = Lanes(1, timeout=0.3)
        async with listening(proxy) as origin:
            monkeypatch.setenv("https_proxy", origin.replace("//", "//me:p%40ss@"))
            monkeypatch.setenv("no_proxy", "127.0.0.1")
            monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
            with pytest.raises(httpx.ConnectError):
                await lanes.post("https://shop.invalid/graphql", content=b"{}", headers={})
            await lanes.post(f"{origin}/direct", content=b"{}", headers={})
            await lanes.close()

    asyncio.run(run())
    assert heads[0].startswith(b"CONNECT shop.invalid:443 HTTP/1.1")
    assert b"proxy-authorization: basic bwu6cebzcw==" in heads[0].lower()
    assert heads[1].startswith(b"POST /direct HTTP/1.1")
