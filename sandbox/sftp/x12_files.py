"""Hamburg's files: X12 004010 interchanges 945 (shipped), 944 (received, also returns), 846 (stock), 947 (movements).

Control numbers of interchange and group go on from file to file; sets are numbered within their group. Times are the
warehouse's clock without a zone.
"""

from __future__ import annotations

from sandbox.backoffice.threepl_cuts import wall
from sandbox.backoffice.threepl_sites import Site
from sandbox.sftp.cuttings import Cutting

DOCUMENTS = {"shp": "945", "rcv": "944", "ret": "944", "inv": "846", "mov": "947"}
_GROUPS = {"945": "SW", "944": "RE", "846": "IB", "947": "AW"}
# Reasons of a movement (W1901) as the partners agreed on them.
REASONS = {
    "receipt": "01",
    "shipment": "02",
    "return": "03",
    "adjustment": "05",
    "transfer_in": "06",
    "transfer_out": "07",
    "damage": "08",
}
SENDER, RECEIVER = "NORDLAGERHAM", "BOOMERANGEU"

Segments = list[str]


def name_of(cut: Cutting) -> str:
    """Return the file's name."""
    return f"{DOCUMENTS[cut.kind]}_{cut.number:09d}.edi"


def text_of(cut: Cutting) -> str:
    """Return the interchange, a segment a line."""
    document = DOCUMENTS[cut.kind]
    local = wall(cut.site, cut.written)
    sets = {"shp": _shipments, "rcv": _receipts, "ret": _returns, "inv": _stock, "mov": _movements}[cut.kind](cut)
    segments = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{SENDER:15}*ZZ*{RECEIVER:15}*{local:%y%m%d}*{local:%H%M}*U*00401"
        f"*{cut.number:09d}*0*P*>",
        f"GS*{_GROUPS[document]}*{SENDER}*{RECEIVER}*{local:%Y%m%d}*{local:%H%M}*{cut.number}*X*004010",
    ]
    for place, body in enumerate(sets, start=1):
        segments += [f"ST*{document}*{place:04d}", *body, f"SE*{len(body) + 2}*{place:04d}"]
    segments += [f"GE*{len(sets)}*{cut.number}", f"IEA*1*{cut.number:09d}"]
    return "".join(f"{segment}~\n" for segment in segments)


def _day(site: Site, at: int) -> str:
    return f"{wall(site, at):%Y%m%d}"


def _moment(site: Site, qualifier: str, at: int) -> str:
    return f"G62*{qualifier}*{wall(site, at):%Y%m%d}*W*{wall(site, at):%H%M%S}"


def _warehouse(site: Site, role: str) -> str:
    return f"N1*{role}*{site.name}*92*{site.code}"


def _shipments(cut: Cutting) -> list[Segments]:
    sets = []
    for parcel in cut.records:
        body = [
            f"W06*F*{parcel['order_ref']}*{_day(cut.site, parcel['shipped_at'])}*{parcel['shipment_id']}",
            _warehouse(cut.site, "SF"),
            f"N9*CN*{parcel['tracking']}",
            _moment(cut.site, "11", parcel["shipped_at"]),
            f"W27*U*{parcel['carrier']}",
        ]
        for place, line in enumerate(parcel["lines"], start=1):
            missing = line["ordered"] - line["shipped"]
            state = "PR" if missing > 0 else "CC"
            body += [
                f"LX*{place}",
                f"W12*{state}*{line['ordered']}*{line['shipped']}*{missing}*EA**VN*{line['sku']}",
                f"N9*LI*{line['line_id']}",
            ]
        body.append(f"W03*{sum(line['shipped'] for line in parcel['lines'])}")
        sets.append(body)
    return sets


def _receipts(cut: Cutting) -> list[Segments]:
    sets = []
    for row in cut.records:
        body = [
            f"W17*F*{_day(cut.site, row['received_at'])}*{row['receipt_id']}*{row['po_number']}",
            _warehouse(cut.site, "WH"),
            _moment(cut.site, "50", row["received_at"]),
            f"W07*{row['received']}*EA**VN*{row['sku']}",
        ]
        off = row["expected"] - row["received"]
        if off:
            body.append(f"W13*{abs(off)}*EA*{'02' if off > 0 else '03'}")
        sets.append([*body, f"W14*{row['received']}"])
    return sets


def _returns(cut: Cutting) -> list[Segments]:
    sets = []
    for back in cut.records:
        body = [
            f"W17*F*{_day(cut.site, back['received_at'])}*{back['return_id']}*{back['name']}",
            _warehouse(cut.site, "WH"),
            f"N9*RZ*{back['rma']}",
            _moment(cut.site, "50", back["received_at"]),
        ]
        for line in back["lines"]:
            body.append(f"W07*{line['received']}*EA**VN*{line['sku']}")
            off = line["expected"] - line["received"]
            if off:
                body.append(f"W13*{abs(off)}*EA*{'02' if off > 0 else '03'}")
            if line["disposition"] == "dispose":
                body.append(f"W13*{line['received']}*EA*01")
        sets.append([*body, f"W14*{sum(line['received'] for line in back['lines'])}"])
    return sets


def _stock(cut: Cutting) -> list[Segments]:
    local = wall(cut.site, cut.cut)
    body = [
        f"BIA*00*DD*{cut.number}*{local:%Y%m%d}*{local:%H%M%S}",
        f"DTM*007*{local:%Y%m%d}*{local:%H%M%S}",
        _warehouse(cut.site, "WH"),
    ]
    for place, row in enumerate(cut.records, start=1):
        body.append(f"LIN*{place}*VN*{row['sku']}")
        for qualifier, name in (
            ("33", "on_hand"), ("QA", "available"), ("QC", "committed"), ("QD", "damaged"), ("QI", "inspection"),
        ):  # fmt: skip
            body.append(f"QTY*{qualifier}*{row[name]}*EA")
    return [[*body, f"CTT*{len(cut.records)}"]]


def _movements(cut: Cutting) -> list[Segments]:
    sets = []
    for document in cut.records:
        body = [
            f"W15*{_day(cut.site, document['at'])}*{document['number']}",
            _warehouse(cut.site, "WH"),
            _moment(cut.site, "11", document["at"]),
            f"N9*OR*{document['reference']}",
        ]
        for line in document["lines"]:
            body.append(f"W19*{REASONS[line['kind']]}*{line['units']}*EA**VN*{line['sku']}")
            if line["reason"]:
                body.append(f"NTE**{line['reason']}")
        sets.append(body)
    return sets
