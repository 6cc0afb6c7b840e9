"""`/__meta`: what a test, a demo or a bench may ask of the sandbox itself, and no shop has."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.clock import parse_instant
from sandbox.http.admin import Reply
from sandbox.shopify import Prerendered, Shopify
from sandbox.state import shop_state
from sandbox.world.lift import lift_of, set_lift

if TYPE_CHECKING:
    from sandbox.backoffice.behind import Behind


async def health(request: Request) -> Response:
    """Tell that the server is up, what time it is in the world, and which shops there are."""
    shopify: Shopify = request.app.state.shopify
    return JSONResponse({"status": "ok", "now": shopify.clock.iso(), "shops": sorted(shopify.shops)})


async def reset(request: Request) -> Response:
    """Put the world back to what it was when it was built, and forget everything else."""
    restore: Callable[[], None] = request.app.state.restore
    await run_in_threadpool(restore)
    return await health(request)


async def advance(request: Request) -> Response:
    """Let the world go on: `{"days": 1}`, `{"hours": 6}`."""
    shopify: Shopify = request.app.state.shopify
    given = await _json(request)
    try:
        by = timedelta(**{name: float(value) for name, value in given.items()})
    except (TypeError, ValueError):
        return JSONResponse({"error": 'say how far: {"days": 1} or {"hours": 6}'}, 400)
    await run_in_threadpool(shopify.advance, by)
    return await health(request)


async def faults(request: Request) -> Response:
    """GET lists the faults that are on, POST adds some, DELETE switches all off."""
    shopify: Shopify = request.app.state.shopify
    if request.method == "DELETE":
        shopify.faults.clear()
    elif request.method == "POST":
        given = await _json(request)
        try:
            shopify.faults.add(given if isinstance(given, list) else [given])
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
    return JSONResponse(shopify.faults.listed())


async def log(request: Request) -> Response:
    """List the requests after number `since`, filtered by `kind`, `shop`, `operation`, `outcome`, `root`."""
    shopify: Shopify = request.app.state.shopify
    wanted = dict(request.query_params)
    since = int(wanted.pop("since", 0))
    return Reply(shopify.journal.since(since, **wanted))


async def state(request: Request) -> Response:
    """Tell what is in the shops; `shop` limits it to one, `customers=false` leaves customers out."""
    shopify: Shopify = request.app.state.shopify
    only = request.query_params.get("shop")
    customers = request.query_params.get("customers", "true") != "false"
    domains = [only] if only else sorted(shopify.shops)
    unknown = [domain for domain in domains if domain not in shopify.shops]
    if unknown:
        return JSONResponse({"error": f"no such shop: {unknown[0]}"}, 404)
    shops = {domain: await run_in_threadpool(shop_state, shopify, domain, customers) for domain in domains}
    return Reply({"now": shopify.clock.iso(), "shops": shops})


async def lift(request: Request) -> Response:
    """GET tells the true effect of what is written back, POST sets it: `{"metafield": "ns.key", "share": 0.2}`."""
    shopify: Shopify = request.app.state.shopify
    if request.method == "POST":
        given = await _json(request)
        try:
            set_lift(shopify.store, str(given.get("metafield", "")), float(given.get("share", -1)))
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
    metafield, share = lift_of(shopify.store)
    return JSONResponse({"metafield": metafield, "share": share})


async def truth(request: Request) -> Response:
    """List what is broken, pending or explained behind the shops; 404 when nothing stands behind them.

    `as_of` (an instant) tells it as of then, `code` limits it to one.
    """
    shopify: Shopify = request.app.state.shopify
    behind: Behind | None = request.app.state.behind
    if behind is None:
        return JSONResponse({"error": "no back office here: start the sandbox with --backoffice"}, 404)
    as_of, code = request.query_params.get("as_of"), request.query_params.get("code")
    moment = parse_instant(as_of) if as_of else shopify.clock.now()
    rows = await run_in_threadpool(behind.office.truth, int(moment.timestamp()))
    return Reply([row for row in rows if code in (None, row["code"])])


async def settings(request: Request) -> Response:
    """GET tells the settings, POST changes some of them."""
    shopify: Shopify = request.app.state.shopify
    if request.method == "POST":
        try:
            shopify.change(await _json(request))
        except ValueError as problem:
            return JSONResponse({"error": str(problem)}, 400)
    values = {**vars(shopify.settings), "scopes": sorted(shopify.settings.scopes)}
    return JSONResponse(values)


async def prerendered(request: Request) -> Response:
    """Serve a file made elsewhere for bulk queries of a root: `{"root", "path", "objects", "roots"}`."""
    shopify: Shopify = request.app.state.shopify
    given = await _json(request)
    path = Path(given.get("path", ""))
    if not path.is_file():
        return JSONResponse({"error": f"no such file: {path}"}, 400)
    counts = given if "objects" in given else await run_in_threadpool(_counted, path)
    shopify.prerendered[given["root"]] = Prerendered(
        path.resolve(), int(counts["objects"]), int(counts.get("roots", 0))
    )
    return JSONResponse({"root": given["root"], "objects": counts["objects"], "roots": counts.get("roots", 0)})


def _counted(path: Path) -> dict[str, int]:
    objects = roots = 0
    with path.open("rb") as file:
        for line in file:
            objects += 1
            roots += b'"__parentId"' not in line
    return {"objects": objects, "roots": roots}


async def _json(request: Request) -> Any:
    body = await request.body()
    return json.loads(body) if body else {}
