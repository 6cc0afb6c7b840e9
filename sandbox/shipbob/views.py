"""Orders and parcels of the operator as ShipBob's API prints them. Instants are UTC with seven digits of a second."""

from __future__ import annotations

from typing import Any

from sandbox.backoffice.records import Records
from sandbox.backoffice.threepl_sites import SHIPBOB, SITES, site_by_code
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
            "carrier_service": f"{parcel['carrier']} Ground" if parcel["carrier"] else None,
            "tracking_number": parcel["tracking"],
            "tracking_url": None,
            "shipping_date": instant(parcel["shipped_at"]),
            "bol": None,
            "pro_number": None,
            "scac": None,
        },
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
    }
