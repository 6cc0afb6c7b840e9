"""NetSuite's REST services: SuiteQL, the token endpoint, and the server's time."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.http.admin import Reply
from sandbox.http.drop import drop_connection
from sandbox.netsuite.account import CAP, LARGEST_PAGE, Account, Page
from sandbox.netsuite.signon import ACCOUNT, HOST, Refused
from sandbox.netsuite.suiteql import Invalid
from sandbox.shopify import Shopify

# The name of this connection in faults and in the log.
NAME = "netsuite"
_ROOT = "/netsuite/{account}/services/rest"
_TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105 - a path


def routes() -> list[Route]:
    """Return the routes of the account."""
    return [
        Route(f"{_ROOT}/query/v1/suiteql", suiteql, methods=["POST"]),
        Route(f"{_ROOT}/auth/oauth2/v1/token", token, methods=["POST"]),
        Route(f"{_ROOT}/system/v1/serverTime", server_time, methods=["GET"]),
    ]


def error(status: int, code: str, detail: str, title: str = "") -> Response:
    """Return an error as the REST services write it."""
    titles = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 429: "Too Many Requests"}
    body = {
        "type": "https://www.rfc-editor.org/rfc/rfc9110.html",
        "title": title or titles.get(status, "Internal Server Error"),
        "status": status,
        "o:errorDetails": [{"detail": detail, "o:errorCode": code}],
    }
    headers = {"www-authenticate": 'Bearer error="invalid_token"'} if status == 401 else None
    return JSONResponse(body, status, headers)


def _account(request: Request) -> Account | None:
    behind = request.app.state.behind
    return behind.netsuite if behind is not None and request.path_params["account"] == ACCOUNT else None


async def token(request: Request) -> Response:
    """Give an access token for a signed assertion."""
    shopify: Shopify = request.app.state.shopify
    account, form = _account(request), {key: str(value) for key, value in (await request.form()).items()}
    if account is None:
        return error(404, "NONEXISTENT_ID", "The account does not exist.")
    urls = [f"{HOST}{_TOKEN_PATH}", str(request.url.replace(query=None))]
    try:
        if shopify.faults.take("token_refused", shop=NAME):
            raise Refused("invalid_client", "The certificate has expired or was revoked.")
        body = account.signon.grant(form, urls)
    except Refused as problem:
        shopify.journal.add(kind="token", shop=NAME, status=400, outcome="refused")
        return JSONResponse({"error": problem.error, "error_description": str(problem)}, 400)
    shopify.journal.add(kind="token", shop=NAME, status=200, outcome="ok")
    return JSONResponse(body)


async def server_time(request: Request) -> Response:
    """Tell the server's time in UTC; needs no sign-on."""
    shopify: Shopify = request.app.state.shopify
    if _account(request) is None:
        return error(404, "NONEXISTENT_ID", "The account does not exist.")
    now = shopify.clock.now().astimezone(UTC)
    return JSONResponse({"serverTime": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"})


async def suiteql(request: Request) -> Response:
    """Run a query and answer with one page of it."""
    shopify: Shopify = request.app.state.shopify
    account = _account(request)
    if account is None:
        return error(404, "NONEXISTENT_ID", "The account does not exist.")
    facts: dict[str, Any] = {"shop": NAME, "root": "suiteql", "operation": None}
    began = time.monotonic()
    struck = _strike(request, shopify, {**facts, "after": False})
    if struck is None:
        struck = await _answer(request, shopify, account, facts)
    taken = time.monotonic() - began
    shopify.journal.add(kind="suiteql", shop=NAME, status=struck.status_code, seconds=taken, **request.state.noted)
    return _strike(request, shopify, {**facts, "after": True}) or struck


def _strike(request: Request, shopify: Shopify, facts: dict[str, Any]) -> Response | None:
    request.state.noted = {"outcome": "fault"}
    if shopify.faults.take("drop_connection", **facts):
        return drop_connection(request.scope)
    fault = shopify.faults.take("http_status", **facts)
    if fault:
        status = int(fault["status"])
        code = "CONCURRENCY_LIMIT_EXCEEDED" if status == 429 else "UNEXPECTED_ERROR"
        return error(status, code, "The request was not processed.")
    if shopify.faults.take("request_limit", **facts):
        return error(400, "SSS_REQUEST_LIMIT_EXCEEDED", "Request limit exceeded. Please try again later.")
    return None


async def _answer(request: Request, shopify: Shopify, account: Account, facts: dict[str, Any]) -> Response:
    request.state.noted = {"outcome": "refused"}
    if shopify.faults.take("expired_token", **facts):
        account.signon.forget()
    url = str(request.url)
    if not account.signon.admits(request.method, url, request.headers.get("authorization", "")):
        return error(401, "INVALID_LOGIN", "Invalid login attempt. For more details, see the Login Audit Trail.")
    if not account.enter():
        request.state.noted = {"outcome": "concurrency"}
        detail = f"Concurrent request limit exceeded: the account allows {account.concurrency}."
        return error(429, "CONCURRENCY_LIMIT_EXCEEDED", detail)
    try:
        slow = shopify.faults.take("latency", **facts)
        pause = shopify.settings.latency_ms + (float(slow["ms"]) if slow else 0)
        if pause:
            await asyncio.sleep(pause / 1000)
        return await _page(request, shopify, account, facts)
    finally:
        account.leave()


async def _page(request: Request, shopify: Shopify, account: Account, facts: dict[str, Any]) -> Response:
    request.state.noted = {"outcome": "invalid"}
    if "transient" not in request.headers.get("prefer", ""):
        return error(
            400, "INVALID_HEADER", "The required request header 'Prefer' is missing or incorrect. Use 'transient'."
        )
    try:
        text = json.loads(await request.body())["q"]
        limit = int(request.query_params.get("limit", LARGEST_PAGE))
        offset = int(request.query_params.get("offset", 0))
    except (ValueError, KeyError, TypeError):
        return error(400, "INVALID_CONTENT", "The request body must be JSON with a property 'q'.")
    if not 1 <= limit <= LARGEST_PAGE or offset < 0 or offset % limit:
        return error(400, "INVALID_PARAMETER", f"limit must be 1 to {LARGEST_PAGE}, offset a multiple of it.")
    capped = shopify.faults.take("capped_query", **facts)
    cap = int(capped["rows"]) if capped else CAP
    try:
        loop = asyncio.get_running_loop()
        page = await loop.run_in_executor(shopify.request_threads, account.query, str(text), limit, offset, cap)
    except Invalid as problem:
        return error(
            400, "INVALID_PARAMETER", f"Invalid search query. Detailed unprocessed description follows. {problem}"
        )
    request.state.noted = {"outcome": "ok", "roots": list(page.tables), "rows": len(page.items)}
    return Reply(_body(str(request.url.replace(query=None)), page, limit), 200)


def _body(url: str, page: Page, limit: int) -> dict[str, Any]:
    after = page.offset + len(page.items)
    more = after < page.total
    links = [{"rel": "self", "href": f"{url}?limit={limit}&offset={page.offset}"}]
    if more:
        links.append({"rel": "next", "href": f"{url}?limit={limit}&offset={page.offset + limit}"})
    return {
        "links": links,
        "count": len(page.items),
        "hasMore": more,
        "items": page.items,
        "offset": page.offset,
        "totalResults": page.total,
    }
