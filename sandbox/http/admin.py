"""`/admin/api/{version}/graphql.json`: token, version, faults, cost, bucket, and the reply."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import FieldNode, OperationDefinitionNode
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.graph.cost import MAX_QUERY_COST, CostModel
from sandbox.graph.documents import Prepared, id_errors
from sandbox.graph.errors import AccessDenied, internal_error, throttled, too_expensive
from sandbox.graph.session import App, Session
from sandbox.graph.versions import UnknownVersion, served_version
from sandbox.http.drop import drop_connection
from sandbox.journal import digest_of
from sandbox.shopify import Shopify

WRONG_TOKEN = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
NOT_FOUND = {"errors": "Not Found"}
_STATUS_BODIES: dict[int, Any] = {
    402: {"errors": "Unavailable Shop"},
    423: {"errors": "Unavailable Shop"},
    429: {
        "errors": "Exceeded 4 calls per second for api client. Reduce request rates to resume uninterrupted service."
    },
    430: {"errors": "Shopify Security Rejection"},
}


class Reply(Response):
    """JSON made by a fast encoder."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Return the body."""
        return orjson.dumps(content)


@dataclass
class Call:
    """One request as understood so far; what it holds at the end is logged."""

    shopify: Shopify
    shop: str
    version: str
    text: str = ""
    variables: dict[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    roots: list[str] = field(default_factory=list)
    requested: int | None = None
    actual: int | None = None
    outcome: str = "ok"

    def facts(self) -> dict[str, Any]:
        """Return what faults match against."""
        return {"shop": self.shop, "operation": self.operation_name, "root": self.roots}


async def graphql(request: Request) -> Response:
    """Answer one GraphQL request."""
    started = time.perf_counter()
    shopify: Shopify = request.app.state.shopify
    call = Call(shopify, request.path_params["shop"], request.path_params["version"])
    response = await _answer(request, call)
    pause = shopify.settings.latency_ms / 1000
    slow = shopify.faults.take("latency", **call.facts())
    pause += slow.get("ms", 0) / 1000 if slow else 0
    if pause:
        await asyncio.sleep(pause)
    shopify.journal.add(
        kind="graphql", shop=call.shop, version=call.version, operation=call.operation_name, roots=call.roots,
        variables=digest_of(call.variables), requested=call.requested, actual=call.actual, status=response.status_code,
        outcome=call.outcome, ms=round((time.perf_counter() - started) * 1000, 2),
    )  # fmt: skip
    return response


async def _answer(request: Request, call: Call) -> Response:
    shopify = call.shopify
    if call.shop not in shopify.shops:
        call.outcome = "unknown shop"
        return JSONResponse(NOT_FOUND, 404)
    await _read(request, call)
    prepared = _prepared(call)
    fault = _strike(request, call, after=False)
    if fault is not None:
        return fault
    text = request.headers.get("x-shopify-access-token", "")
    if shopify.faults.take("expired_token", **call.facts()):
        shopify.tokens.forget(text)
    token = shopify.tokens.find(text, call.shop)
    if token is None:
        call.outcome = "wrong token"
        return JSONResponse(WRONG_TOKEN, 401)
    other = shopify.faults.take("served_version", **call.facts())
    try:
        served = other["version"] if other else served_version(call.version)
    except UnknownVersion:
        call.outcome = "unknown version"
        return JSONResponse(NOT_FOUND, 404)
    loop = asyncio.get_running_loop()
    body = await loop.run_in_executor(shopify.request_threads, _run, call, token.app, _known(served), prepared)
    later = _strike(request, call, after=True)
    if later is not None:
        return later
    if prepared is None:
        return JSONResponse(body, 400)
    headers = {
        "x-shopify-api-version": served,
        "x-request-id": str(uuid.uuid4()),
    }
    if prepared is not None and prepared.deprecated:
        headers["x-shopify-api-deprecated-reason"] = "https://shopify.dev/api/usage/versioning#deprecation-practices"
    return Reply(body, headers=headers)


async def _read(request: Request, call: Call) -> None:
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("application/graphql"):
        call.text = raw.decode("utf-8", "replace")
        return
    try:
        content = json.loads(raw)
    except ValueError:
        content = {}
    if isinstance(content, dict):
        call.text = content.get("query") or ""
        call.variables = content.get("variables") or {}
        call.operation_name = content.get("operationName")


def _known(version: str) -> str:
    try:
        return served_version(version)
    except UnknownVersion:
        return served_version("unstable")


def _prepared(call: Call) -> Prepared | None:
    if not call.text:
        return None
    prepared = call.shopify.documents.prepare(_known(call.version), call.text)
    definitions = prepared.document.definitions if prepared.document else ()
    operations = [d for d in definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) == 1 and call.operation_name is None and operations[0].name:
        call.operation_name = operations[0].name.value
    selections = [s for operation in operations for s in operation.selection_set.selections]
    call.roots = [s.name.value for s in selections if isinstance(s, FieldNode)]
    return prepared


def _strike(request: Request, call: Call, *, after: bool) -> Response | None:
    faults, facts = call.shopify.faults, {**call.facts(), "after": after}
    fault = faults.take("drop_connection", **facts)
    if fault:
        call.outcome = "dropped"
        return drop_connection(request.scope)
    fault = faults.take("http_status", **facts)
    if fault:
        status = int(fault["status"])
        call.outcome = f"status {status}"
        headers = dict(fault.get("headers") or ({"retry-after": "4.0"} if status == 429 else {}))
        return JSONResponse(
            fault.get("body") or _STATUS_BODIES.get(status, {"errors": "Service unavailable"}), status, headers
        )
    if faults.take("internal_error", **facts):
        call.outcome = "INTERNAL_SERVER_ERROR"
        return Reply({"errors": [internal_error()]}, headers={"x-shopify-api-version": _known(call.version)})
    return None


def _run(call: Call, app: App, version: str, prepared: Prepared | None) -> dict[str, Any]:
    if prepared is None:
        call.outcome = "no query"
        return {"errors": {"query": "Required parameter missing or invalid"}}
    if version != _known(call.version):
        prepared = call.shopify.documents.prepare(version, call.text)
    if prepared.errors or prepared.document is None:
        call.outcome = "invalid query"
        return {"errors": prepared.errors}
    session = Session(call.shopify, call.shop, app, version)
    operation = prepared.operation(call.operation_name)
    if operation is None:
        call.outcome = "no operation"
        return {"errors": [{"message": "An operation name is required"}]}
    wrong = id_errors(session.schema, operation, call.variables)
    if wrong:
        call.outcome = "INVALID_VARIABLE"
        return {"errors": wrong}
    model = CostModel(session.schema, prepared.document, call.variables)
    call.requested = model.requested(operation)
    if call.requested > MAX_QUERY_COST:
        call.outcome = "MAX_COST_EXCEEDED"
        return {"errors": [too_expensive(call.requested, MAX_QUERY_COST)]}
    bucket = call.shopify.bucket(app, call.shop)
    forced = call.shopify.faults.take("throttled", **call.facts())
    if forced or not bucket.take(call.requested):
        call.outcome = "THROTTLED"
        return {"errors": [throttled()], "extensions": {"cost": _cost(call, bucket.status())}}
    body = call.shopify.run(session, prepared, call.variables, call.operation_name)
    if "data" not in body:
        bucket.give_back(call.requested)
        call.outcome = "INVALID_VARIABLE"
        return {"errors": body["errors"]}
    _deny(call, body)
    call.actual = model.actual(operation, body.get("data"))
    bucket.give_back(call.requested - call.actual)
    body["extensions"] = {"cost": _cost(call, bucket.status())}
    planted = call.shopify.faults.take("search_warning", **call.facts())
    if planted:
        warning = {"field": "planted", "message": "Invalid search field for this query.", "code": "invalid_field"}
        session.warnings.append({"path": call.roots, "query": "planted:1", "warnings": [warning]})
    if session.warnings:
        body["extensions"]["search"] = session.warnings
    if "errors" in body:
        call.outcome = str((body["errors"][0].get("extensions") or {}).get("code", "error"))
    return body


def _deny(call: Call, body: dict[str, Any]) -> None:
    fault = call.shopify.faults.take("access_denied", **call.facts())
    if fault is None:
        return
    name = fault.get("root") or (call.roots[0] if call.roots else "")
    error = AccessDenied(name, frozenset({fault.get("scope", "read_orders")}))
    body.setdefault("errors", []).append({"message": error.message, "path": [name], "extensions": error.extensions})
    if isinstance(body.get("data"), dict) and name in body["data"]:
        body["data"][name] = None


def _cost(call: Call, status: dict[str, Any]) -> dict[str, Any]:
    return {"requestedQueryCost": call.requested, "actualQueryCost": call.actual, "throttleStatus": status}
