"""What belongs into a file: the records of a warehouse between two cuts, as the operator spells and counts them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sandbox.backoffice.threepl import ThreePL
from sandbox.backoffice.threepl_sites import NORDLAGER, Site, external_item

Doc = dict[str, Any]

KINDS = ("shp", "rcv", "ret", "mov", "inv")


@dataclass(frozen=True)
class Cutting:
    """A file to be: its kind, the warehouse, the cuts that it lies between, and its records.

    A record of `shp`, `rcv` or `ret` is a document with lines, one of `mov` a document of movements at one instant,
    one of `inv` a SKU.
    """

    kind: str
    site: Site
    after: int
    cut: int
    written: int
    number: int
    records: list[Doc]


def cutting(part: ThreePL, kind: str, site: Site, after: int, cut: int, written: int, number: int) -> Cutting:
    """Collect the records of a file."""
    found = {"shp": _shipments, "rcv": _receipts, "ret": _returns, "mov": _movements}
    records = _stock(part, site, cut) if kind == "inv" else found[kind](part, site, after, cut)
    return Cutting(kind, site, after, cut, written, number, records)


def spelled(sku: str, units: int) -> tuple[str, int]:
    """Return the operator's spelling of a SKU and its number of its units."""
    name, factor = external_item(NORDLAGER, sku)
    return name, round(units / factor)


def _shipments(part: ThreePL, site: Site, after: int, cut: int) -> list[Doc]:
    rows = part.records.rows(
        "SELECT p.body, o.body FROM tp_parcels p JOIN tp_orders o ON o.order_id = p.order_id"
        " WHERE p.site = ? AND p.shipped > ? AND p.shipped <= ? ORDER BY p.shipped, p.parcel_id",
        site.code, after, cut,
    )  # fmt: skip
    found = []
    for body, order in rows:
        parcel = json.loads(body)
        found.append({
            **parcel,
            "shipment_id": f"NL{parcel['parcel_id']}",
            "order_ref": json.loads(order)["name"],
            "lines": [
                {
                    "line_id": line["line_id"],
                    "sku": spelled(line["sku"], 1)[0],
                    "ordered": spelled(line["sku"], line["ordered"])[1],
                    "shipped": spelled(line["sku"], line["quantity"])[1],
                }
                for line in parcel["lines"]
            ],
        })  # fmt: skip
    return found


def _receipts(part: ThreePL, site: Site, after: int, cut: int) -> list[Doc]:
    rows = part.records.rows(
        "SELECT receipt_id, po_number, sku, expected, received, received_at, closed_at FROM tp_receipts"
        " WHERE site = ? AND closed_at > ? AND closed_at <= ? ORDER BY closed_at, receipt_id",
        site.code, after, cut,
    )  # fmt: skip
    return [
        {
            "receipt_id": f"W{number}",
            "po_number": po_number,
            "sku": spelled(sku, 1)[0],
            "expected": spelled(sku, expected)[1],
            "received": spelled(sku, received)[1],
            "received_at": received_at,
            "closed_at": closed_at,
        }
        for number, po_number, sku, expected, received, received_at, closed_at in rows
    ]


def _returns(part: ThreePL, site: Site, after: int, cut: int) -> list[Doc]:
    rows = part.records.rows(
        "SELECT body FROM tp_backs WHERE site = ? AND completed > ? AND completed <= ? ORDER BY completed, back_id",
        site.code, after, cut,
    )  # fmt: skip
    found = []
    for (body,) in rows:
        back = json.loads(body)
        lines = [
            {
                **line,
                "sku": spelled(line["sku"], 1)[0],
                **{name: spelled(line["sku"], line[name])[1] for name in ("expected", "received", "processed")},
            }
            for line in back["lines"]
        ]
        found.append({**back, "return_id": f"R{back['back_id']}", "lines": lines})
    return found


def _movements(part: ThreePL, site: Site, after: int, cut: int) -> list[Doc]:
    rows = part.records.rows(
        "SELECT movement_id, sku, kind, quantity, reason, reference, at FROM tp_movements"
        " WHERE site = ? AND at > ? AND at <= ? ORDER BY at, reference, movement_id",
        site.code, after, cut,
    )  # fmt: skip
    found: list[Doc] = []
    for number, sku, kind, quantity, reason, reference, at in rows:
        if not found or (found[-1]["at"], found[-1]["reference"]) != (at, reference):
            found.append({"number": f"M{number}", "at": at, "reference": reference, "lines": []})
        name, units = spelled(sku, quantity)
        found[-1]["lines"].append(
            {"movement_id": f"M{number}", "sku": name, "kind": kind, "units": units, "reason": reason}
        )
    return found


def _stock(part: ThreePL, site: Site, cut: int) -> list[Doc]:
    return [
        {
            "sku": spelled(entry.sku, 1)[0],
            **{
                name: spelled(entry.sku, getattr(entry, name))[1]
                for name in ("on_hand", "available", "committed", "damaged", "inspection")
            },
        }
        for entry in part.warehouses.at(site.code, cut)
    ]
