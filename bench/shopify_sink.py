"""A light stand-in for the write side of one shop: a leaky bucket, a latency, and a memory of what was written.

    python -m bench.shopify_sink --rate 1000 --latency-ms 100 [--throttle-every 150] [--refuse-every 97]

Light, so that what is measured is the client: the sandbox, which validates every query against the schema, needs more
of the processor than sending does. It answers as Shopify does for a valid mutation; every call costs 10 points, a call
that finds too few is THROTTLED with HTTP 200. The bucket starts empty, or its first contents would flatter a short run.
Asked to, it throttles each n-th call whatever is in the bucket, as if another program had drained it, and refuses every
value of records whose number is a multiple of n.
"""

import argparse
import asyncio
import hashlib
import json
import re
import socket
import sys
import time
from typing import Any

import orjson
import uvicorn

from bench.asgi import Receive, Send, body_of, reply

COST = 10.0
BUCKET_SECONDS = 20  # a bucket holds what twenty seconds refill
_METAFIELD = re.compile(r'(\w+): metafield\(namespace: "([^"]+)", key: "([^"]+)"\)')


class Sink:
    """An ASGI application."""

    def __init__(self, rate: float, latency: float, throttle_every: int = 0, refuse_every: int = 0) -> None:
        """`rate` is points per second, `latency` the seconds between a request and its answer; 0 is never."""
        self._rate, self._latency = rate, latency
        self._throttle_every, self._refuse_every = throttle_every, refuse_every
        self._level = self._at = 0.0
        self._first = self._last = 0.0
        self.calls = self.throttled = 0
        self.values: dict[str, str] = {}
        self.writes = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Answer the Admin API, and GET /stats and /values for the bench."""
        if scope["type"] != "http":
            return
        if scope["method"] == "GET":
            await reply(send, self.stats() if scope["path"] == "/stats" else self.values)
            return
        body = await body_of(receive)
        if not self._first:  # the bucket is empty when the first request comes
            self._first = self._at = time.monotonic()
        await asyncio.sleep(self._latency / 2)
        answer = self._answer(orjson.loads(body))
        await asyncio.sleep(self._latency / 2)
        self._last = time.monotonic()
        await reply(send, answer)

    def stats(self) -> dict[str, Any]:
        """Calls and points so far, and what the limit would have allowed from the first request to the last answer."""
        seconds = self._last - self._first
        return {
            "calls": self.calls,
            "throttled": self.throttled,
            "points": COST * (self.calls - self.throttled),
            "allowed": self._rate * seconds,
            "seconds": seconds,
            "writes": self.writes,
        }

    def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        now = time.monotonic()
        self._level = min(self._rate * BUCKET_SECONDS, self._level + (now - self._at) * self._rate)
        self._at = now
        if self._level < COST or (self._throttle_every and self.calls % self._throttle_every == 0):
            self.throttled += 1
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [error], "extensions": self._extensions(None)}
        self._level -= COST
        data = self._data(request["query"], request["variables"])
        return {"data": data, "extensions": self._extensions(COST)}

    def _extensions(self, actual: float | None) -> dict[str, Any]:
        status = {
            "maximumAvailable": self._rate * BUCKET_SECONDS,
            "currentlyAvailable": int(self._level),
            "restoreRate": self._rate,
        }
        return {"cost": {"requestedQueryCost": COST, "actualQueryCost": actual, "throttleStatus": status}}

    def _data(self, query: str, variables: dict[str, Any]) -> dict[str, Any]:
        if "metafieldsSet(" in query:
            return {"metafieldsSet": self._set(variables["metafields"])}
        if "metafieldsDelete(" in query:
            return {"metafieldsDelete": self._delete(variables["metafields"])}
        if "tagsAdd(" in query:
            if self._refused(variables["id"]):
                return {"tagsAdd": {"node": None, "userErrors": [_error(["id"])]}}
            for tag in variables["tags"]:
                self._write(variables["id"], f"tag:{tag}", tag)
            return {"tagsAdd": {"node": {"id": variables["id"]}, "userErrors": []}}
        if "nodes(ids:" in query:
            return {"nodes": [self._node(owner, query) for owner in variables["ids"]]}
        if "metafieldDefinitionCreate(" in query:
            created = {"id": "gid://shopify/MetafieldDefinition/1"}
            return {"metafieldDefinitionCreate": {"createdDefinition": created, "userErrors": []}}
        if "metafieldDefinitions(" in query:
            return {"metafieldDefinitions": {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}
        raise ValueError(f"the sink does not serve {query[:60]!r}")

    def _set(self, entries: list[dict[str, str]]) -> dict[str, Any]:
        for number, entry in enumerate(entries):
            if self._refused(entry["ownerId"]):
                return {"metafields": None, "userErrors": [_error(["metafields", str(number), "value"])]}
        stored = []
        for entry in entries:
            self._write(entry["ownerId"], f"metafield:{entry['namespace']}.{entry['key']}", entry["value"])
            stored.append({"key": entry["key"], "value": entry["value"], "compareDigest": _digest(entry["value"])})
        return {"metafields": stored, "userErrors": []}

    def _delete(self, entries: list[dict[str, str]]) -> dict[str, Any]:
        for entry in entries:
            self.values.pop(_key(entry["ownerId"], f"metafield:{entry['namespace']}.{entry['key']}"), None)
        return {"deletedMetafields": entries, "userErrors": []}

    def _node(self, owner: str, query: str) -> dict[str, Any]:
        """What a record carries, as it is read back before a value is deleted."""
        node: dict[str, Any] = {"id": owner, "tags": []}  # nothing here asks for tags back
        for alias, namespace, key in _METAFIELD.findall(query):
            value = self.values.get(_key(owner, f"metafield:{namespace}.{key}"))
            node[alias] = None if value is None else {"value": value, "compareDigest": _digest(value)}
        return node

    def _refused(self, owner: str) -> bool:
        return bool(self._refuse_every) and int(owner.rpartition("/")[2]) % self._refuse_every == 0

    def _write(self, owner: str, attribute: str, value: str) -> None:
        self.writes += 1
        self.values[_key(owner, attribute)] = value


def _key(owner: str, attribute: str) -> str:
    return f"{owner.rpartition('/')[2]}|{attribute}"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


def _error(field: list[str]) -> dict[str, Any]:
    return {
        "field": field,
        "message": "Value is not accepted.",
        "code": "INVALID_VALUE",
        "elementIndex": None,
    }


def main() -> None:
    """Serve on a free port of loopback; print it as one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--throttle-every", type=int, default=0)
    parser.add_argument("--refuse-every", type=int, default=0)
    options = parser.parse_args()
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    sys.stdout.write(json.dumps({"origin": origin}) + "\n")
    sys.stdout.flush()
    sink = Sink(options.rate, options.latency_ms / 1000, options.throttle_every, options.refuse_every)
    config = uvicorn.Config(sink, access_log=False, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
