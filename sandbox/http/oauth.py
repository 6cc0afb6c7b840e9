"""`/admin/oauth/access_token`: the client credentials grant."""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.http.admin import NOT_FOUND
from sandbox.shopify import Shopify


async def access_token(request: Request) -> Response:
    """Give a token for client id and secret, sent as JSON or as a form."""
    shopify: Shopify = request.app.state.shopify
    shop = request.path_params["shop"]
    response = await _answer(request, shopify, shop)
    shopify.journal.add(
        kind="token", shop=shop, status=response.status_code, outcome="ok" if response.status_code == 200 else "refused"
    )
    return response


async def _answer(request: Request, shopify: Shopify, shop: str) -> Response:
    if shop not in shopify.shops:
        return JSONResponse(NOT_FOUND, 404)
    given = await _parameters(request)
    if given.get("grant_type") != "client_credentials":
        return _error("unsupported_grant_type", "grant_type must be client_credentials")
    app = shopify.app(str(given.get("client_id", "")))
    if app is None or shopify.faults.take("token_refused", shop=shop):
        return _error("invalid_client", "Client authentication failed")
    if not hmac.compare_digest(str(given.get("client_secret", "")), app.secret):
        return _error("invalid_client", "Client authentication failed")
    seconds = shopify.settings.token_seconds
    token = shopify.tokens.issue(shop, app, seconds)
    return JSONResponse({"access_token": token, "scope": ",".join(sorted(app.scopes)), "expires_in": seconds})


async def _parameters(request: Request) -> dict[str, Any]:
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            content = json.loads(await request.body())
        except ValueError:
            return {}
        return content if isinstance(content, dict) else {}
    return dict(await request.form())


def _error(code: str, description: str) -> Response:
    return JSONResponse({"error": code, "error_description": description}, 400)
