"""`/shipbob/2026-01/...`: token, limit, faults, and the answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.backoffice.threepl import ThreePL
from sandbox.backoffice.threepl_stock import OnHand
from sandbox.http.admin import Reply
from sandbox.http.drop import drop_connection
from sandbox.shipbob import stock_views, views
from sandbox.shipbob.limits import SlidingWindow
from sandbox.shipbob.listing import MOST, USUAL, BadParameter, linked, listed, moment, page_of, whole

TOKEN = "sandbox-shipbob-token"  # noqa: S105 - a public dummy, good for the sandbox only
PREFIX = "/shipbob/2026-01"
_HISTORY_DAYS = 90
_DAY = 86_400
_STATUSES = (
    "Awaiting", "Processing", "Completed", "Cancelled", "Incomplete", "Arrived", "PartiallyArrived",
    "PartiallyArrivedAtHub", "ArrivedAtHub", "ProcessingAtHub", "InternalTransfer",
)  # fmt: skip
_SITES = tuple(site.code for site in views.CENTERS)
_MARKS = ", ".join("?" * len(_SITES))

Answer = tuple[Any, dict[str, str]]
Lister = Callable[[Request, ThreePL, dict[str, Any]], Answer]


class ShipBob:
    """The routes over one operator's records; `part` gives them, `window` counts calls."""

    def __init__(self, part: Callable[[], ThreePL], window: SlidingWindow | None = None) -> None:
        """Start with no calls made."""
        self.part = part
        self.window = window or SlidingWindow()
        self.token = TOKEN

    def routes(self) -> list[Route]:
        """Return the routes."""
        gets: dict[str, Lister] = {
            "order": _orders,
            "inventory-level/locations": _levels,
            "receiving": _receiving,
            "return": _returns,
            "location": _locations,
            "fulfillment-center": _centers,
        }
        found = [Route(f"{PREFIX}/{path}", self._route(path, ask), methods=["GET"]) for path, ask in gets.items()]
        history = "inventory/history:query"
        return [*found, Route(f"{PREFIX}/{history}", self._route(history, _history), methods=["POST"])]

    def _route(self, path: str, ask: Lister) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            response = await self._answer(request, path, ask)
            request.app.state.shopify.journal.add(
                kind="shipbob", shop="shipbob", operation=path, status=response.status_code,
                outcome="ok" if response.status_code == 200 else f"status {response.status_code}",
                query=str(request.url.query),
            )  # fmt: skip
            return response

        return answer

    async def _answer(self, request: Request, path: str, ask: Lister) -> Response:
        faults, facts = request.app.state.shopify.faults, {"shop": "shipbob", "operation": path, "root": path}
        if faults.take("drop_connection", **facts):
            return drop_connection(request.scope)
        if fault := faults.take("http_status", **facts):
            headers = fault.get("headers") or ({"x-retry-after": "1"} if int(fault["status"]) == 429 else {})
            return JSONResponse(fault.get("body") or {"message": "Error"}, int(fault["status"]), headers)
        expired = faults.take("expired_token", **facts) is not None
        if expired or request.headers.get("authorization", "") != f"Bearer {self.token}":
            return JSONResponse({"message": "Authorization missing or invalid"}, 401)
        may, left, after = self.window.take()
        if not may:
            headers = {"x-retry-after": str(after), "x-remaining-calls": "0"}
            return JSONResponse({"message": "Rate limit is exceeded."}, 429, headers)
        try:
            body = await request.body()
            given = json.loads(body) if body else {}
            content, headers = await run_in_threadpool(ask, request, self.part(), given)
        except (BadParameter, json.JSONDecodeError) as problem:
            return JSONResponse({"title": "Bad Request", "status": 400, "detail": str(problem)}, 400)
        if faults.take("capped_page", **facts):
            content = _without_rows(content)
        return Reply(content, headers={**headers, "x-remaining-calls": str(left)})


def _without_rows(content: Any) -> Any:
    """Empty a page and leave what is said about it."""
    if isinstance(content, list):
        return []
    return {name: [] if isinstance(value, list) else value for name, value in content.items()}


def _orders(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    values = request.query_params
    page, limit = whole(values, "Page", 1), whole(values, "Limit", USUAL, MOST)
    start, end = moment(values, "LastUpdateStartDate"), moment(values, "LastUpdateEndDate")
    since, until = moment(values, "StartDate"), moment(values, "EndDate")
    ids, references = listed(values, "IDs"), listed(values, "ReferenceIds")
    newest = values.get("SortOrder", "Newest").lower() == "newest"
    rows = part.records.rows(
        "SELECT body, updated, order_id, json_extract(body, '$.state[0].parcel_id') FROM tp_orders"
        f" WHERE partner = 'shipbob' AND updated >= ? AND updated <= ? AND created >= ? AND created <= ?"
        f" ORDER BY order_id {'DESC' if newest else 'ASC'}",
        start or 0, end or 2**40, since or 0, until or 2**40,
    )  # fmt: skip
    rows = [
        row for row in rows if (ids is None or str(row[3]) in ids) and (references is None or str(row[2]) in references)
    ]
    wanted, headers = page_of(rows, page, limit)
    items = views.inventory_ids(part.records)
    return [views.order(json.loads(body), updated, items) for body, updated, _, _ in wanted], headers


def _levels(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    values = request.query_params
    page, size = whole(values, "Page", 1), whole(values, "PageSize", USUAL, MOST)
    only, search = values.get("LocationId"), values.get("SearchBy")
    items = views.inventory_ids(part.records)
    stock: dict[str, list[tuple[Any, OnHand, int]]] = {}
    for site in views.CENTERS:
        if only and only != site.code:
            continue
        for entry in part.warehouses.at(site.code, 2**40):
            stock.setdefault(entry.sku, []).append((site, entry, 0))
    skus = [sku for sku in sorted(stock, key=lambda sku: items.get(sku, 0)) if not search or search in sku]
    body = linked(request, skus, page, size, "Page", "items")
    body["items"] = [stock_views.level(sku, items.get(sku, 0), stock[sku]) for sku in body["items"]]
    return body, {}


def _history(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    if str(given.get("facility_id")) not in _SITES:
        raise BadParameter("facility_id is required and must be a fulfillment center of yours.")
    now = int(request.app.state.shopify.clock.now().timestamp())
    end = moment(given, "end_date") or now
    start = moment(given, "start_date") or end - _HISTORY_DAYS * _DAY
    if end - start > _HISTORY_DAYS * _DAY:
        raise BadParameter("The maximum range between start_date and end_date is 90 days.")
    cursor = given.get("cursor") or request.query_params.get("cursor") or 0
    rows = part.records.rows(
        "SELECT m.movement_id, p.parcel_id, m.site, m.sku, m.kind, m.quantity, m.reason, m.reference, m.at"
        " FROM tp_movements m LEFT JOIN (SELECT order_id, min(parcel_id) AS parcel_id FROM tp_parcels GROUP BY 1) p"
        " ON p.order_id = m.order_id WHERE m.site = ? AND m.at >= ? AND m.at < ? AND m.movement_id > ?"
        " ORDER BY m.movement_id LIMIT ?",
        str(given["facility_id"]), start, end, int(cursor), MOST + 1,
    )  # fmt: skip
    items = views.inventory_ids(part.records)
    more = rows[MOST - 1][0] if len(rows) > MOST else None
    path = request.url.path
    return {
        "data": [stock_views.movement(row, items) for row in rows[:MOST]],
        "first": path,
        "last": None,
        "next": f"{path}?cursor={more}" if more else None,
        "prev": None,
    }, {}


def _receiving(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    values = request.query_params
    page, limit = whole(values, "Page", 1), whole(values, "Limit", USUAL, MOST)
    statuses, since = listed(values, "Statuses"), moment(values, "InsertStartDate")
    if statuses and not statuses <= set(_STATUSES):
        raise BadParameter(f"The value '{values['Statuses']}' is not valid for Statuses.")
    completed = moment(values, "CompletedStartDate")
    rows = part.records.rows(
        f"SELECT * FROM tp_receipts WHERE site IN ({_MARKS}) AND closed_at >= ? AND expected_at - 86400 >= ?"
        " ORDER BY receipt_id",
        *_SITES, completed or 0, since or 0,
    )  # fmt: skip
    if statuses and "Completed" not in statuses:
        rows = []
    orders: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        orders.setdefault(row[0] // 8, []).append(row)
    wanted, headers = page_of(list(orders.values()), page, limit)
    items = views.inventory_ids(part.records)
    return [stock_views.receiving(lines, items) for lines in wanted], headers


def _returns(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    values = request.query_params
    page, limit = whole(values, "Cursor", 1), whole(values, "Limit", USUAL, MOST)
    since, until = moment(values, "StartDate"), moment(values, "EndDate")
    completed, ended = moment(values, "CompletedStartDate"), moment(values, "CompletedEndDate")
    statuses = listed(values, "Status")
    rows = part.records.rows(
        f"SELECT body FROM tp_backs WHERE site IN ({_MARKS}) AND created >= ? AND created <= ?"
        " AND (? IS NULL OR completed >= ?) AND (? IS NULL OR completed <= ?) ORDER BY back_id",
        *_SITES, since or 0, until or 2**40, completed, completed, ended, ended,
    )  # fmt: skip
    items = views.inventory_ids(part.records)
    found = [stock_views.back(body, items) for (body,) in rows]
    if statuses:
        found = [back for back in found if back["status"] in statuses]
    if values.get("SortOrder", "Desc") != "Asc":
        found.reverse()
    return linked(request, found, page, limit, "Cursor", "items"), {}


def _locations(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    return [stock_views.location(site) for site in views.CENTERS], {}


def _centers(request: Request, part: ThreePL, given: dict[str, Any]) -> Answer:
    return [stock_views.center(site) for site in views.CENTERS], {}
