"""Leipzig's files: comma-separated, a heading line, and a last line with the number of rows. Clocks are local."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from sandbox.backoffice.threepl_cuts import wall
from sandbox.backoffice.threepl_sites import Site
from sandbox.sftp.cuttings import Cutting

COLUMNS = {
    "shp": (
        "order_ref", "shipment_id", "line_no", "sku", "qty_ordered", "qty_shipped", "carrier", "tracking",
        "created_at", "shipped_at",
    ),
    "inv": (
        "warehouse_code", "sku", "qty_on_hand", "qty_available", "qty_committed", "qty_damaged", "qty_inspection",
        "lot", "as_of",
    ),
    "rcv": (
        "po_number", "receipt_id", "sku", "qty_expected", "qty_received", "qty_damaged", "received_at", "closed_at",
    ),
    "ret": (
        "return_id", "rma", "order_ref", "line_no", "sku", "qty_expected", "qty_received", "qty_processed",
        "disposition", "reason", "received_at", "completed_at",
    ),
    "mov": ("movement_id", "warehouse_code", "sku", "kind", "quantity", "reason", "reference", "occurred_at"),
}  # fmt: skip
TRAILER = "TRAILER"


def name_of(cut: Cutting) -> str:
    """Return the file's name: unique, and no promise about what is in it."""
    return f"{cut.kind}_{wall(cut.site, cut.written):%Y%m%d%H%M%S}_{cut.number:06d}.csv"


def text_of(cut: Cutting) -> str:
    """Return the file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[cut.kind])
    rows = list(_ROWS[cut.kind](cut))
    writer.writerows(rows)
    writer.writerow((TRAILER, len(rows)))
    return out.getvalue()


def _clock(site: Site, at: int | None) -> str:
    return "" if at is None else f"{wall(site, at):%Y-%m-%d %H:%M:%S}"


def _shipments(cut: Cutting) -> Iterator[tuple[Any, ...]]:
    for parcel in cut.records:
        for place, line in enumerate(parcel["lines"], start=1):
            yield (
                parcel["order_ref"], parcel["shipment_id"], place, line["sku"], line["ordered"], line["shipped"],
                parcel["carrier"], parcel["tracking"], _clock(cut.site, parcel["created_at"]),
                _clock(cut.site, parcel["shipped_at"]),
            )  # fmt: skip


def _stock(cut: Cutting) -> Iterator[tuple[Any, ...]]:
    for row in cut.records:
        units = (row[name] for name in ("on_hand", "available", "committed", "damaged", "inspection"))
        yield (cut.site.code, row["sku"], *units, "", _clock(cut.site, cut.cut))


def _receipts(cut: Cutting) -> Iterator[tuple[Any, ...]]:
    for row in cut.records:
        yield (
            row["po_number"], row["receipt_id"], row["sku"], row["expected"], row["received"], 0,
            _clock(cut.site, row["received_at"]), _clock(cut.site, row["closed_at"]),
        )  # fmt: skip


def _returns(cut: Cutting) -> Iterator[tuple[Any, ...]]:
    for back in cut.records:
        for place, line in enumerate(back["lines"], start=1):
            yield (
                back["return_id"], back["rma"], back["name"], place, line["sku"], line["expected"], line["received"],
                line["processed"], (line["disposition"] or "").upper(), line["reason"],
                _clock(cut.site, back["received_at"]), _clock(cut.site, back["completed_at"]),
            )  # fmt: skip


def _movements(cut: Cutting) -> Iterator[tuple[Any, ...]]:
    for document in cut.records:
        for line in document["lines"]:
            yield (
                line["movement_id"], cut.site.code, line["sku"], line["kind"], line["units"], line["reason"],
                document["reference"], _clock(cut.site, document["at"]),
            )  # fmt: skip


_ROWS = {"shp": _shipments, "inv": _stock, "rcv": _receipts, "ret": _returns, "mov": _movements}
