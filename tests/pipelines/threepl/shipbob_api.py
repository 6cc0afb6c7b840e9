"""ShipBob as far as the connector asks it: a real HTTP server on loopback over lists that a test fills."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "a-token"
SERVED_AT = "Mon, 23 Nov 2026 12:00:00 GMT"
Doc = dict[str, Any]


@dataclass
class Api:
    """What the account holds. `before` may answer a request instead: status, headers, body; None lets it pass."""

    url: str = ""
    places: list[Doc] = field(
        default_factory=lambda: [place(141, "Eastern Standard Time"), place(156, "Pacific Standard Time")]
    )
    orders: list[Doc] = field(default_factory=list)
    levels: list[Doc] = field(default_factory=list)
    events: list[Doc] = field(default_factory=list)
    receiving: list[Doc] = field(default_factory=list)
    returns: list[Doc] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    before: Callable[[str, dict[str, str]], tuple[int, dict[str, str], Any] | None] = lambda path, query: None

    def answer(self, path: str, query: dict[str, str], body: Doc) -> tuple[dict[str, str], Any]:
        """Headers and body of a good answer."""
        name = path.removeprefix("/2026-01/")
        if name == "location":
            return {}, self.places
        if name in ("order", "receiving"):
            rows = self.orders if name == "order" else _wanted(self.receiving, query, "Statuses", "IDs")
            page, limit = int(query["Page"]), int(query["Limit"])
            pages = max(1, -(-len(rows) // limit))
            return {"Total-Pages": str(pages), "Total-Count": str(len(rows))}, rows[(page - 1) * limit : page * limit]
        if name == "inventory/history:query":
            rows = [event for event in self.events if str(body["facility_id"]) in _facilities(event)]
            rows = [event for event in rows if body["start_date"] <= event["event_datetime"] < body["end_date"]]
            return {}, _linked(path, rows, int(query.get("cursor", 1)), 2, "cursor", "data", {})
        rows = self.levels if name == "inventory-level/locations" else _wanted(self.returns, query, "Status", "Ids")
        counter, size = ("Page", "PageSize") if name == "inventory-level/locations" else ("Cursor", "Limit")
        return {}, _linked(path, rows, int(query.get(counter, 1)), int(query[size]), counter, "items", query)


def _wanted(rows: list[Doc], query: dict[str, str], statuses: str, ids: str) -> list[Doc]:
    """Documents of these states or ids; of filters by date nothing is new in these tests."""
    if statuses in query:
        return [row for row in rows if row["status"] in query[statuses].split(",")]
    if ids in query:
        return [row for row in rows if str(row["id"]) in query[ids].split(",")]
    return [] if {"CompletedStartDate", "InsertStartDate", "StartDate"} & set(query) else rows


def _facilities(event: Doc) -> set[str]:
    return {str(event[side]["facility_id"]) for side in ("increment", "decrement") if event[side]}


def _linked(path: str, rows: list[Doc], page: int, size: int, counter: str, key: str, query: dict[str, str]) -> Doc:
    more = f"{path}?{counter}={page + 1}" if page * size < len(rows) else None
    return {key: rows[(page - 1) * size : page * size], "next": more, "prev": None}


@contextmanager
def shipbob_api() -> Iterator[Api]:
    """Serve until the block ends."""
    api = Api()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._serve({})

        def do_POST(self) -> None:
            self._serve(json.loads(self.rfile.read(int(self.headers["content-length"]))))

        def _serve(self, body: Doc) -> None:
            url = urlsplit(self.path)
            query = dict(parse_qsl(url.query))
            api.asked.append((url.path, {**query, **{key: str(value) for key, value in body.items()}}))
            status, headers, content = 200, dict[str, str](), Any
            if self.headers.get("authorization") != f"Bearer {TOKEN}":
                status, content = 401, {"message": "no"}
            elif (instead := api.before(url.path, query)) is not None:
                status, headers, content = instead
            else:
                headers, content = api.answer(url.path, query, body)
            text = json.dumps(content).encode()
            self.send_response_only(status)
            for name, value in {"Date": SERVED_AT, "Content-Length": str(len(text)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        api.url = f"http://127.0.0.1:{server.server_port}"
        yield api
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def place(number: int, zone: str) -> Doc:
    return {"id": number, "name": f"Centre {number}", "timezone": zone}


def order(number: int, *, status: str = "Completed", items: tuple[tuple[int, int], ...] = ((1, 2),)) -> Doc:
    """An order with one shipment; an item is its number and units."""
    tracking = {"tracking_number": f"T{number}", "carrier": "UPS", "shipping_date": "2026-11-23T10:00:00.0000000+00:00"}
    shipment = {
        "id": 9000 + number, "order_id": number, "reference_id": f"55{number}", "status": status,
        "created_date": "2026-11-23T08:00:00+00:00", "last_update_at": "2026-11-23T10:00:00+00:00",
        "actual_fulfillment_date": "2026-11-23T09:30:00+00:00", "location": {"id": 141}, "tracking": tracking,
        "products": [{"sku": "KIT", "inventory_items": [{"id": item, "quantity": units} for item, units in items]}],
    }  # fmt: skip
    return {
        "id": number, "order_number": f"#{number}", "reference_id": f"55{number}", "status": "Fulfilled",
        "created_date": "2026-11-23T08:00:00+00:00", "shipments": [shipment],
        "products": [{"sku": "KIT", "quantity": 1, "external_line_id": 77}],
    }  # fmt: skip


def level(number: int, sku: str, units: int) -> Doc:
    spot = {"location_id": 141, "on_hand_quantity": units, "committed_quantity": 1, "fulfillable_quantity": units - 1}
    return {"inventory_id": number, "sku": sku, "locations": [spot]}


def event(number: int, category: str, *, up: int | None = None, down: int | None = None) -> Doc:
    """An event of SKU-A; units that came to 141 and that left 156."""
    side = {"sku": "SKU-A", "inventory_status": "Sellable"}
    return {
        "inventory_audit_event_id": number, "inventory_id": 1, "event_category": category,
        "event_datetime": "2026-11-22T10:00:00Z", "shipbob_order_id": 5, "additional_reference": [],
        "increment": None if up is None else {**side, "facility_id": 141, "quantity_change": up},
        "decrement": None if down is None else {**side, "facility_id": 156, "quantity_change": down},
    }  # fmt: skip


def receipt(number: int, status: str) -> Doc:
    done = [{"status": "Completed", "timestamp": "2026-11-22T12:00:00Z"}] if status == "Completed" else []
    return {
        "id": number, "purchase_order_number": f"PO-{number}", "status": status, "insert_date": "2026-11-20T00:00:00Z",
        "expected_arrival_date": "2026-11-22T00:00:00Z", "last_updated_date": "2026-11-22T12:00:00Z",
        "fulfillment_center": {"id": 156},
        "inventory_quantities": [
            {"sku": "SKU-A", "inventory_id": 1, "expected_quantity": 5, "received_quantity": 4, "stowed_quantity": 3}
        ],
        "status_history": [{"status": "Arrived", "timestamp": "2026-11-22T09:00:00Z"}, *done],
    }  # fmt: skip


def comeback(number: int, status: str = "Completed") -> Doc:
    actions = [
        {"action": "Restock", "action_reason": None, "quantity_processed": 2},
        {"action": "Dispose", "action_reason": "Damaged", "quantity_processed": 1},
    ]
    return {
        "id": number, "reference_id": f"RMA-{number}", "store_order_id": "551", "original_shipment_id": 9001,
        "status": status, "insert_date": "2026-11-20T00:00:00Z", "arrived_date": "2026-11-21T00:00:00Z",
        "completed_date": "2026-11-22T00:00:00Z", "fulfillment_center": {"id": 141},
        "inventory": [{"id": 1, "sku": "SKU-A", "quantity": 3, "action_taken": actions}],
    }  # fmt: skip
