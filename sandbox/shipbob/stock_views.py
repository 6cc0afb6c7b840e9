"""Stock, movements, places, receiving orders and returns as ShipBob's API prints them."""

from __future__ import annotations

import json
from typing import Any

from sandbox.backoffice.threepl_sites import Site, site_by_code
from sandbox.backoffice.threepl_stock import OnHand
from sandbox.shipbob.views import CHANNEL, Doc, instant

_ACTION = {"restock": "Restock", "quarantine": "Quarantine", "dispose": "Dispose"}


def level(sku: str, number: int, at_sites: list[tuple[Site, OnHand, int]]) -> Doc:
    """Return what lies of a SKU, by fulfilment centre: (site, stock, awaited units)."""
    return {
        "inventory_id": number,
        "sku": sku,
        "name": sku,
        "locations": [
            {
                "location_id": int(site.code),
                "name": site.name,
                "on_hand_quantity": stock.on_hand,
                "committed_quantity": stock.committed,
                "fulfillable_quantity": stock.available,
                "awaiting_quantity": awaited,
                "internal_transfer_quantity": 0,
            }
            for site, stock, awaited in at_sites
        ],
    }


_CATEGORY = {
    "receipt": "ReceivingStow",
    "shipment": "OrderPicked",
    "return": "InventoryRestocked",
    "adjustment": "InventoryAdjusted",
    "transfer_in": "InventoryFacilityUpdated",
    "transfer_out": "InventoryFacilityUpdated",
    "damage": "InventoryAdjusted",
}


def movement(row: tuple[Any, ...], items: dict[str, int]) -> Doc:
    """Return a movement as an event: (id, order's first parcel, site, SKU, kind, units, reason, reference, instant)."""
    number, order_number, site, sku, kind, units, reason, reference, at = row
    change = {
        "facility_id": int(site),
        "location_id": 1,
        "sku": sku,
        "quantity_change": units,
        "committed_quantity_change": units if kind == "shipment" else 0,
        "inventory_status": "Sellable",
        "lot_number": None,
        "expiration_date": None,
    }
    references = [{"key": "reference", "value": reference}]
    if reason:
        references.append({"key": "reason", "value": reason})
    return {
        "inventory_audit_event_id": number,
        "inventory_id": items.get(sku, 0),
        "event_category": _CATEGORY[kind],
        "event_datetime": instant(at),
        "shipbob_order_id": order_number,
        "increment" if units >= 0 else "decrement": change,
        "additional_reference": references,
    }


def center(site: Site) -> Doc:
    """Return a fulfilment centre; its zone has a Windows name."""
    return {
        "id": int(site.code),
        "name": site.name,
        "address1": "1 Dock Road",
        "address2": None,
        "city": site.city,
        "state": site.state,
        "country": site.country,
        "zip_code": "07114" if site.state == "NJ" else "89434",
        "phone_number": None,
        "email": None,
        "timezone": site.windows_zone,
    }


def location(site: Site) -> Doc:
    """Return a fulfilment centre as a location."""
    return {
        "id": int(site.code),
        "name": site.name,
        "abbreviation": site.state,
        "is_active": True,
        "is_receiving_enabled": True,
        "is_shipping_enabled": True,
        "access_granted": True,
        "attributes": ["Dtc"],
        "region": {"id": 1, "name": "United States"},
        "services": [],
        "timezone": site.windows_zone,
    }


def receiving(rows: list[tuple[Any, ...]], items: dict[str, int]) -> Doc:
    """Return a warehouse receiving order of rows of `tp_receipts` with the same delivery."""
    first = rows[0]
    number, po_number, site, expected_at, received_at, closed_at = first[0], first[1], first[2], *first[6:9]
    history = (("Awaiting", expected_at - 86_400), ("Arrived", received_at), ("Completed", closed_at))
    return {
        "id": 800_000 + number // 8,
        "purchase_order_number": po_number,
        "status": "Completed",
        "insert_date": instant(expected_at - 86_400),
        "expected_arrival_date": instant(expected_at),
        "last_updated_date": instant(closed_at),
        "external_sync_timestamp": None,
        "package_type": "Pallet",
        "box_packaging_type": "EverythingInOneBox",
        "box_labels_uri": None,
        "fulfillment_center": center(site_by_code(site)),
        "inventory_quantities": [
            {
                "inventory_id": items.get(row[3], 0),
                "sku": row[3],
                "expected_quantity": row[4],
                "received_quantity": row[5],
                "stowed_quantity": row[5],
            }
            for row in rows
        ],
        "status_history": [
            {"id": place, "status": status, "timestamp": instant(at)} for place, (status, at) in enumerate(history, 1)
        ],
    }


def back(body: str, items: dict[str, int]) -> Doc:
    """Return a return."""
    row = json.loads(body)
    site = site_by_code(row["site"])
    arrived, completed = row["received_at"], row["completed_at"]
    status = "Completed" if completed else "Arrived" if arrived else "AwaitingArrival"
    history = [("AwaitingArrival", row["created_at"]), ("Arrived", arrived), ("Completed", completed)]
    return {
        "id": row["back_id"],
        "reference_id": row["rma"],
        "store_order_id": str(row["order_id"]),
        "original_shipment_id": row["parcel_id"],
        "status": status,
        "return_type": "Regular",
        "channel": CHANNEL,
        "customer_name": "Boomerang",
        "fulfillment_center": {"id": int(site.code), "name": site.name},
        "tracking_number": None,
        "shipment_tracking_number": None,
        "insert_date": instant(row["created_at"]),
        "awaiting_arrival_date": instant(row["created_at"]),
        "arrived_date": instant(arrived),
        "processing_date": instant(arrived),
        "completed_date": instant(completed),
        "cancelled_date": None,
        "transactions": [],
        "status_history": [{"status": name, "timestamp": instant(at)} for name, at in history if at],
        "inventory": [
            {
                "id": items.get(line["sku"], 0),
                "name": line["sku"],
                "sku": line["sku"],
                "quantity": line["expected"],
                "barcodes": [],
                "action_requested": {"action": "Restock", "action_type": "Default", "instructions": None},
                "action_taken": [
                    {
                        "action": _ACTION[line["disposition"]],
                        "action_reason": line["reason"] or None,
                        "quantity_processed": line["processed"],
                        "image_url": None,
                    }
                ]
                if line["disposition"]
                else [],
            }
            for line in row["lines"]
        ],
    }
