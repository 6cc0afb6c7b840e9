import asyncio

from bench.peers.proxy import Proxy


def answered(request: bytes) -> tuple[bytes, set[str]]:
    """What the proxy says to a request, in front of a server that greets and echoes one line."""

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello " + await reader.readline())
        await writer.drain()
        writer.close()

    async def ask() -> tuple[bytes, set[str]]:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        proxy = Proxy(server.sockets[0].getsockname()[1])
        reader, writer = await asyncio.open_connection("127.0.0.1", await proxy.start())
        writer.write(request)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        await writer.wait_closed()
        await proxy.stop()
        server.close()
        return answer, proxy.refused

    return asyncio.run(ask())


def test_a_shop_is_reached_through_the_proxy() -> None:
    answer, refused = answered(b"CONNECT bench.myshopify.com:443 HTTP/1.1\r\n\r\nyou\n")
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"hello you\n")
    assert not refused


def test_every_other_host_is_refused_and_noted() -> None:
    for target in (b"example.com:443", b"bench.myshopify.com:80", b"bench.myshopify.com.example.com:443"):
        answer, refused = answered(b"CONNECT " + target + b" HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 403 ")
        assert refused == {target.decode()}


def test_a_request_that_is_no_tunnel_is_refused() -> None:
    answer, refused = answered(b"GET http://bench.myshopify.com/ HTTP/1.1\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert refused
