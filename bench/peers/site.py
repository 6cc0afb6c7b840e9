"""The stand-in for a shop that everybody is measured against: REST orders, bulk exports, and bytes rendered beforehand.

    python -m bench.peers.site --folder data/bench/peers --orders 20000 [--running-seconds 2]

A bulk query that it does not know yet is rendered when it is asked and kept below `asked`; the next start renders the
results of all of them before it answers anything. So one rehearsal teaches it what a program asks, and in the measured
run it only sends files. Prints one line of JSON: the proxy to use, the certificate to trust, the plain http origin.

GET /notes tells what a run looked like from here: hosts that the proxy refused, seconds from the end of each bulk
operation to the first byte of its result asked for, bytes sent.
"""

import argparse
import asyncio
import json
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from graphql import FieldNode, OperationDefinitionNode, parse

from bench.asgi import VERSION, Receive, Send, body_of
from bench.bulk_state import bulk_operation
from bench.peers import certificates, rest_orders
from bench.peers.proxy import Proxy
from bench.peers.rendering import key_of, write

SHOP = "bench"
ORIGIN = f"https://{SHOP}.myshopify.com"
_READABLE = (
    "customers discounts draft_orders fulfillments inventory locations merchant_managed_fulfillment_orders orders "
    "all_orders products publications shipping"
)
SCOPES = [f"read_{scope}" for scope in _READABLE.split()]
GROUPED_BY_DEFAULT_BEFORE = "2026-01"
CHUNK_BYTES = 1 << 20
_STATUS = {"maximumAvailable": 20_000, "currentlyAvailable": 20_000, "restoreRate": 1_000}
_COST = {"cost": {"requestedQueryCost": 10, "actualQueryCost": 10, "throttleStatus": _STATUS}}


class Site:
    """An ASGI application. `orders` is how many the shop has; operations stay RUNNING for `running_seconds`."""

    def __init__(self, folder: Path, orders: int, running_seconds: float, proxy: Proxy | None = None) -> None:
        """Render what has been asked in earlier runs, and the pages of REST."""
        self._folder, self._orders, self._running = folder, orders, running_seconds
        self.proxy = proxy
        self._operations: list[tuple[Path, float]] = []
        self._waits: dict[int, float] = {}
        self._sent = 0
        for name in ("asked", "results", "pages"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for asked in sorted((folder / "asked").glob("*.graphql")):
            self._result(asked.read_text(encoding="utf-8"), grouped=asked.stem.endswith("-grouped"))
        for number in range(0, orders, rest_orders.PAGE):
            if not self._page(number).exists():
                self._page(number).write_bytes(rest_orders.page(number, orders))

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer the Admin API and results."""
        if scope["type"] != "http":
            return
        path, query = scope["path"], scope["query_string"].decode()
        if path == "/notes":
            refused = sorted(self.proxy.refused) if self.proxy else []
            waits = [self._waits.get(number) for number in range(len(self._operations))]
            await self._json(send, {"refused": refused, "waits": waits, "bytes": self._sent})
        elif path.startswith("/results/"):
            number = int(path.rpartition("/")[2])
            file, ended = self._operations[number]
            self._waits.setdefault(number, time.monotonic() - ended)
            await self._file(send, file, [(b"content-type", b"application/jsonl")])
        elif path.endswith("/graphql.json"):
            version = path.split("/")[3]
            data = self._graphql(orjson.loads(await body_of(receive)), version)
            headers = [(b"x-shopify-api-version", version.encode())]
            await self._json(send, {"data": data, "extensions": _COST}, headers)
        elif path.endswith("/orders.json"):
            await self._orders_page(send, path, query)
        else:
            await self._json(send, _REST.get(path.rpartition("/")[2], {}))

    async def _orders_page(self, send: Send, path: str, query: str) -> None:
        found = re.search(r"page_info=(\d+)", query)
        first = int(found[1]) if found else 0
        following = first + rest_orders.PAGE
        headers = [(b"content-type", b"application/json"), (b"x-shopify-shop-api-call-limit", b"1/40")]
        if following < self._orders:
            link = f'<{ORIGIN}{path}?limit={rest_orders.PAGE}&page_info={following}>; rel="next"'
            headers.append((b"link", link.encode()))
        await self._file(send, self._page(first), headers)

    def _graphql(self, request: dict[str, Any], version: str) -> dict[str, Any]:
        text, variables = request["query"], request.get("variables") or {}
        if "bulkOperationRunQuery" in text:
            query, grouped = _submitted(text, variables, version)
            self._operations.append((self._result(query, grouped=grouped), time.monotonic() + self._running))
            created = {**self._state(len(self._operations) - 1), "status": "CREATED", "url": None}
            return {"bulkOperationRunQuery": {"bulkOperation": created, "userErrors": []}}
        operation = re.search(r"gid://shopify/BulkOperation/(\d+)", text + json.dumps(variables))
        if operation:
            state = self._state(int(operation[1]))
            return {"bulkOperation": state, "node": state}
        handles = [{"handle": scope} for scope in SCOPES]
        versions = [{"handle": handle, "supported": True} for handle in (VERSION, "2026-07", "2026-04")]
        return {"currentAppInstallation": {"accessScopes": handles}, "publicApiVersions": versions}

    def _state(self, number: int) -> dict[str, Any]:
        file, ends = self._operations[number]
        counts = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        disposition = f"attachment%3B+filename%3D%22bulk-{number}.jsonl%22"
        url = f"{ORIGIN}/results/{number}?response-content-disposition={disposition}"
        done, size = time.monotonic() >= ends, file.stat().st_size
        return bulk_operation(number, url, done=done, objects=counts["lines"], roots=counts["roots"], size=size)

    def _result(self, query: str, *, grouped: bool) -> Path:
        """The file of a query's result; rendered when it is not there, and the query remembered."""
        name = f"{key_of(query)}{'-grouped' if grouped else ''}"
        path = self._folder / "results" / f"{name}-{self._orders}.jsonl"
        if not path.exists():
            (self._folder / "asked" / f"{name}.graphql").write_text(query, encoding="utf-8")
            count, roots = write(query, self._orders, path, grouped=grouped)
            path.with_suffix(".json").write_text(json.dumps({"lines": count, "roots": roots}), encoding="utf-8")
        return path

    def _page(self, first: int) -> Path:
        return self._folder / "pages" / f"{self._orders}-{first}.json"

    async def _json(self, send: Send, content: Any, headers: list[tuple[bytes, bytes]] | None = None) -> None:
        body = orjson.dumps(content)
        given = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *(headers or [])]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        await send({"type": "http.response.body", "body": body})

    async def _file(self, send: Send, path: Path, headers: list[tuple[bytes, bytes]]) -> None:
        size = path.stat().st_size
        self._sent += size
        given = [*headers, (b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": given})
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


_REST = {
    "shop.json": {
        "shop": {"id": 1, "name": SHOP, "myshopify_domain": f"{SHOP}.myshopify.com", "domain": f"{SHOP}.example.com"}
    },
    "access_scopes.json": {"access_scopes": [{"handle": scope} for scope in SCOPES]},
    "events.json": {"events": []},
}


def _submitted(text: str, variables: dict[str, Any], version: str) -> tuple[str, bool]:
    """The bulk query of a submission, and whether children are to follow their parent."""
    operation = next(node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode))
    field = next(node for node in operation.selection_set.selections if isinstance(node, FieldNode))
    given: dict[str, Any] = {argument.name.value: argument.value for argument in field.arguments}
    query, grouped = given["query"], given.get("groupObjects")
    words = variables[query.name.value] if query.kind == "variable" else query.value
    return words, version < GROUPED_BY_DEFAULT_BEFORE if grouped is None else bool(grouped.value)


def _served(site: Site, certificate: Path | None) -> tuple[uvicorn.Server, socket.socket]:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    keys: dict[str, Any] = {} if certificate is None else {"ssl_certfile": certificate, "ssl_keyfile": certificate}
    config = uvicorn.Config(site, access_log=False, log_level="warning", lifespan="off", **keys)
    return uvicorn.Server(config), listener


async def _run(folder: Path, orders: int, running_seconds: float) -> None:
    authority, certificate = certificates.make(folder)
    site = Site(folder, orders, running_seconds)
    (secure, tls), (plain, http) = _served(site, certificate), _served(site, None)
    site.proxy = Proxy(tls.getsockname()[1])
    told = {
        "proxy": f"http://127.0.0.1:{await site.proxy.start()}",
        "authority": str(authority.absolute()),
        "origin": f"http://127.0.0.1:{http.getsockname()[1]}",
    }
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()
    # Two servers in one loop: the second would take the signal of the first, so each stops the other.
    await asyncio.wait(
        [asyncio.ensure_future(secure.serve([tls])), asyncio.ensure_future(plain.serve([http]))],
        return_when=asyncio.FIRST_COMPLETED,
    )
    secure.should_exit = plain.should_exit = True


def main() -> None:
    """Serve until terminated."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.site")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--running-seconds", type=float, default=0.0)
    given = parser.parse_args()
    asyncio.run(_run(given.folder, given.orders, given.running_seconds))


if __name__ == "__main__":
    main()
