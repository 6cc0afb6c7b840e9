"""Records of the operator as ShipBob's API prints them. Instants are UTC with seven digits of a second."""

from __future__ import annotations

import json
from typing import Any

from sandbox.backoffice.records import Records
from sandbox.backoffice.threepl_sites import SHIPBOB, SITES, Site, site_by_code
from sandbox.backoffice.threepl_stock import OnHand
from sandbox.world.times import iso

Doc = dict[str, Any]

_STATUS = {
    "processing": "Processing",
    "labeled": "LabeledCreated",
    "shipped": "Completed",
    "on_hold": "OnHold",
    "cancelled": "Cancelled",
}
CHANNEL = {"id": 433_301, "name": "Shopify"}
CENTERS = tuple(site for site in SITES if site.partner == SHIPBOB)
_ACTION = {"restock": "Restock", "quarantine": "Quarantine", "dispose": "Dispose"}


def instant(at: int | None) -> str | None:
    """Print an instant."""
    return None if at is None else iso(at)[:-1] + ".0000000+00:00"


def inventory_ids(records: Records) -> dict[str, int]:
    """Return the operator's number of each SKU; a new SKU takes the next one."""
    connection = records.connection()
    connection.execute("CREATE TABLE IF NOT EXISTS tp_items (inventory_id INTEGER PRIMARY KEY, sku TEXT UNIQUE)")
    marks = ", ".join("?" * len(CENTERS))
    new = records.rows(
        f"SELECT DISTINCT sku FROM tp_movements WHERE site IN ({marks}) AND sku NOT IN (SELECT sku FROM tp_items)"
        " ORDER BY sku",
        *(site.code for site in CENTERS),
    )
    if new:
        with records.transaction() as writer:
            for (sku,) in new:
                writer.execute(
                    "INSERT OR IGNORE INTO tp_items SELECT coalesce(max(inventory_id), 20100000) + 1, ? FROM tp_items",
                    (sku,),
                )
    return {sku: number for number, sku in records.rows("SELECT inventory_id, sku FROM tp_items")}


def order(row: Doc, updated: int, items: dict[str, int]) -> Doc:
    """Return an order with its shipments."""
    shipments = [_shipment(row, parcel, updated, items) for parcel in row["state"]]
    statuses = {parcel["status"] for parcel in row["state"]}
    if statuses == {"shipped"}:
        status = "Fulfilled"
    elif "shipped" in statuses:
        status = "PartiallyFulfilled"
    elif statuses == {"cancelled"}:
        status = "Cancelled"
    else:
        status = "Exception" if statuses == {"on_hold"} else "Processing"
    address = row["recipient"]
    return {
        "id": row["state"][0]["parcel_id"],
        "reference_id": str(row["order_id"]),
        "order_number": row["name"],
        "created_date": instant(row["created_at"]),
        "purchase_date": instant(row["purchased_at"]),
        "status": status,
        "type": "B2B" if row["b2b"] else "DTC",
        "channel": CHANNEL,
        "shipping_method": "Standard",
        "recipient": {
            "name": address.get("name") or "",
            "email": row["email"],
            "phone_number": None,
            "address": {
                "address1": address.get("address1"),
                "address2": None,
                "city": address.get("city"),
                "state": address.get("provinceCode"),
                "country": address.get("countryCodeV2"),
                "zip_code": address.get("zip"),
                "company_name": address.get("company"),
            },
        },
        "products": [
            {
                "id": items.get(line["sku"]),
                "reference_id": line["sku"],
                "external_line_id": line["line_id"],
                "sku": line["sku"],
                "gtin": None,
                "upc": None,
                "quantity": line["quantity"],
                "quantity_unit_of_measure_code": "EA",
                "unit_price": line["price"] / 100,
            }
            for line in row["lines"]
        ],
        "tags": [],
        "shipments": shipments,
        "gift_message": None,
        "shipping_terms": {"carrier_type": "Parcel", "payment_term": "Prepaid"},
        "retailer_program_data": None,
        "financials": {"total_price": None},
    }


def _shipment(row: Doc, parcel: Doc, updated: int, items: dict[str, int]) -> Doc:
    site = site_by_code(parcel["site"])
    open_yet = parcel["status"] in ("processing", "on_hold")
    details = [{"id": 201, "name": "OnHoldByShipBob", "description": "Address cannot be confirmed"}]
    return {
        "id": parcel["parcel_id"],
        "order_id": row["state"][0]["parcel_id"],
        "reference_id": str(row["order_id"]),
        "status": _STATUS[parcel["status"]],
        "status_details": details if parcel["status"] == "on_hold" else [],
        "created_date": instant(parcel["created_at"]),
        "last_update_at": instant(updated),
        "last_tracking_update_at": instant(updated) if parcel["tracking"] else None,
        "estimated_fulfillment_date": None,
        "estimated_fulfillment_date_status": "PendingOnTime" if open_yet else "FulfilledOnTime",
        "actual_fulfillment_date": instant(parcel["labeled_at"]),
        "delivery_date": None,
        "location": {"id": int(site.code), "name": site.name},
        "tracking": {
            "carrier": parcel["carrier"],
            "carrier_service": f"{parcel['carrier']} Ground",
            "tracking_number": parcel["tracking"],
            "tracking_url": None,
            "shipping_date": instant(parcel["shipped_at"]),
            "bol": None,
            "pro_number": None,
            "scac": None,
        }
        if parcel["tracking"]
        else None,
        "is_tracking_uploaded": parcel["status"] == "shipped",
        "ship_option": "Standard",
        "require_signature": False,
        "measurements": {"total_weight_oz": 24, "length_in": 12, "width_in": 9, "depth_in": 4},
        "package_material_type": "Box",
        "products": [
            {
                "id": items.get(line["sku"], 0),
                "reference_id": line["sku"],
                "name": line["sku"],
                "sku": line["sku"],
                "inventory_items": [
                    {
                        "id": items.get(line["sku"], 0),
                        "name": line["sku"],
                        "quantity": line["quantity"],
                        "quantity_committed": 0 if parcel["status"] in ("shipped", "cancelled") else line["quantity"],
                        "lot": None,
                        "expiration_date": None,
                        "serial_numbers": [],
                        "is_dangerous_goods": False,
                    }
                ],
            }
            for line in parcel["lines"]
        ],
        "parent_cartons": [],
        "insurance_value": None,
        "gift_message": None,
        "invoice_amount": None,
        "invoice_currency_code": None,
        "recipient": None,
    }


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
        "increment": change if units >= 0 else None,
        "decrement": None if units >= 0 else change,
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
        "invoice": None,
        "transactions": [],
        "status_history": [{"status": name, "timestamp": instant(at)} for name, at in history if at],
        "inventory": [
            {
                "id": items.get(line["sku"], 0),
                "name": line["sku"],
                "sku": line["sku"],
                "quantity": line["expected"],
                "barcodes": [],
                "lot_information": None,
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
