"""What CSV files of each kind hold: our columns, their usual headings, and which of them a file cannot do without."""

from dataclasses import dataclass, field

from pipelines.threepl_settings import Feed, FeedKind


@dataclass(frozen=True)
class Layout:
    """One kind of file. `headings` are the usual ones by our column; a file must have those of `needed`."""

    headings: dict[str, str]
    needed: tuple[str, ...]
    numbers: tuple[str, ...]
    times: tuple[str, ...]
    values: dict[str, dict[str, str]] = field(default_factory=dict)


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


_STATUSES = {"awaiting", "arrived", "processing", "completed", "cancelled"}
LAYOUTS: dict[FeedKind, Layout] = {
    "orders": Layout(
        {
            **_same("order_id", "order_number", "warehouse_code", "status", "received_at", "updated_at", "sku"),
            "order_reference": "order_ref",
            "line_number": "line_no",
            "line_reference": "line_ref",
            "quantity": "qty",
        },
        needed=("order_id", "order_reference", "status", "received_at", "sku", "quantity"),
        numbers=("quantity",),
        times=("received_at", "updated_at"),
        values={"status": _same("processing", "on_hold", "exception", "cancelled", "completed")},
    ),
    "shipments": Layout(
        {
            **_same("shipment_id", "order_id", "warehouse_code", "status", "created_at", "labeled_at", "shipped_at"),
            **_same("carrier", "sku", "lot", "updated_at"),
            "order_reference": "order_ref",
            "line_number": "line_no",
            "line_reference": "line_ref",
            "ordered_quantity": "qty_ordered",
            "quantity": "qty_shipped",
            "tracking_number": "tracking",
        },
        needed=("shipment_id", "order_reference", "sku", "quantity", "shipped_at"),
        numbers=("ordered_quantity", "quantity"),
        times=("created_at", "labeled_at", "shipped_at", "updated_at"),
        values={"status": _same("processing", "labeled", "shipped", "on_hold", "exception", "cancelled")},
    ),
    "inventory_snapshots": Layout(
        {
            **_same("warehouse_code", "sku", "as_of"),
            "on_hand_quantity": "qty_on_hand",
            "available_quantity": "qty_available",
            "committed_quantity": "qty_committed",
            "damaged_quantity": "qty_damaged",
            "inspection_quantity": "qty_inspection",
        },
        needed=("sku", "on_hand_quantity", "as_of"),
        numbers=(
            "on_hand_quantity",
            "available_quantity",
            "committed_quantity",
            "damaged_quantity",
            "inspection_quantity",
        ),
        times=("as_of",),
    ),
    "movements": Layout(
        {**_same("movement_id", "warehouse_code", "sku", "kind", "quantity", "reason", "reference", "occurred_at")},
        needed=("movement_id", "sku", "kind", "quantity", "occurred_at"),
        numbers=("quantity",),
        times=("occurred_at",),
        values={
            "kind": _same("receipt", "shipment", "return", "adjustment", "transfer_in", "transfer_out", "damage"),
        },
    ),
    "receipts": Layout(
        {
            **_same("receipt_id", "warehouse_code", "status", "expected_at", "received_at", "closed_at", "sku"),
            "purchase_order_number": "po_number",
            "expected_quantity": "qty_expected",
            "received_quantity": "qty_received",
            "stowed_quantity": "qty_stowed",
            "damaged_quantity": "qty_damaged",
            "updated_at": "updated_at",
        },
        needed=("receipt_id", "purchase_order_number", "sku", "received_quantity", "received_at"),
        numbers=("expected_quantity", "received_quantity", "stowed_quantity", "damaged_quantity"),
        times=("expected_at", "received_at", "closed_at", "updated_at"),
        values={"status": _same(*_STATUSES)},
    ),
    "returns": Layout(
        {
            **_same("return_id", "warehouse_code", "status", "received_at", "completed_at", "sku", "disposition"),
            **_same("shipment_id", "reason", "updated_at"),
            "rma_number": "rma",
            "order_reference": "order_ref",
            "line_number": "line_no",
            "expected_quantity": "qty_expected",
            "received_quantity": "qty_received",
            "processed_quantity": "qty_processed",
        },
        needed=("rma_number", "order_reference", "sku", "received_quantity", "received_at"),
        numbers=("expected_quantity", "received_quantity", "processed_quantity"),
        times=("received_at", "completed_at", "updated_at"),
        values={
            "status": _same(*_STATUSES),
            "disposition": {**_same("restock", "quarantine", "dispose", "refurbish"), "refurb": "refurbish"},
        },
    ),
}


def headings_of(feed: Feed) -> dict[str, str]:
    """Heading of each of our columns in the files of a feed."""
    assert feed.kind is not None  # noqa: S101  # settings refuse a CSV feed without one
    return {**LAYOUTS[feed.kind].headings, **feed.columns}


def needed_by(feed: Feed) -> tuple[str, ...]:
    """Our columns without which a file of the feed is another file: those of its kind, and those that settings name."""
    assert feed.kind is not None  # noqa: S101
    place = () if feed.warehouse is not None else ("warehouse_code",)
    return tuple(dict.fromkeys((*LAYOUTS[feed.kind].needed, *feed.columns, *place)))
