"""Writes X12 files as a partner would, so that a test can say which segment it wants to be otherwise."""

from collections.abc import Iterable, Sequence

Segments = Sequence[str]


def interchange(*sets: tuple[str, Iterable[str]], control: int = 1, made: str = "261123*0915") -> str:
    """A file of one interchange; a set is its code and its segments without ST and SE. Every count is right."""
    sender, receiver = "NORDLAGER".ljust(15), "BOOMERANG".ljust(15)
    segments = [f"ISA*00*{' ' * 10}*00*{' ' * 10}*ZZ*{sender}*ZZ*{receiver}*{made}*U*00401*{control:09}*0*P*>"]
    segments.append(f"GS*SW*NORDLAGER*BOOMERANG*20{made}*{control}*X*004010")
    for number, (code, body) in enumerate(sets, start=1):
        body = list(body)
        segments += [f"ST*{code}*{number:04}", *body, f"SE*{len(body) + 2}*{number:04}"]
    segments += [f"GE*{len(sets)}*{control}", f"IEA*1*{control:09}"]
    return "".join(f"{segment}~\n" for segment in segments)


def shipped(
    shipment: str = "SHP-1",
    *,
    order: str = "1001",
    lines: Sequence[tuple[str, int, int]] = (("SKU-A", 2, 2),),
    at: str = "20261123*W*0830*LT",
    warehouse: str = "HAM",
    tracking: str = "TRK1",
) -> tuple[str, list[str]]:
    """A shipping advice; a line is SKU, ordered, shipped."""
    body = [f"W06*F*{order}*20261123*{shipment}**PO-{order}", f"N1*SF*Nordlager*92*{warehouse}", f"N9*CN*{tracking}"]
    body += [f"G62*11*{at}", "W27*M*DHL"]
    for number, (sku, ordered, sent) in enumerate(lines, start=1):
        status = "CC" if ordered == sent else "PR"
        body += [f"LX*{number}", "MAN*GM*00340123450000000018"]
        body += [f"W12*{status}*{ordered}*{sent}*{ordered - sent}*EA**VN*{sku}", f"N9*LI*line-{number}"]
    return "945", [*body, f"W03*{sum(line[2] for line in lines)}"]


def stock(
    levels: Sequence[tuple[str, int]] = (("SKU-A", 10), ("SKU-B", 0)),
    *,
    date: str = "20261123",
    time: str = "0600",
    warehouse: str = "HAM",
    qualifier: str = "33",
) -> tuple[str, list[str]]:
    """An inventory advice; a level is SKU and units on hand."""
    body = [f"BIA*00*MM*INV-{date}*{date}*{time}", f"N1*WH*Nordlager*92*{warehouse}"]
    for number, (sku, units) in enumerate(levels, start=1):
        body += [f"LIN*{number}*VN*{sku}", f"QTY*{qualifier}*{units}*EA"]
    return "846", [*body, f"CTT*{len(levels)}"]


def received(
    receipt: str = "R-1", *, order: str = "PO-7", lines: Sequence[tuple[str, int]] = (("SKU-A", 5),), rma: str = ""
) -> tuple[str, list[str]]:
    """A receipt advice, of a return when it has an RMA; a line is SKU and units."""
    body = [f"W17*F*20261122*{receipt}*{order}", "N1*WH*Nordlager*92*HAM"]
    body += [f"N9*RZ*{rma}"] if rma else []
    body += [f"W07*{units}*EA**VN*{sku}" for sku, units in lines]
    return "944", [*body, f"W14*{sum(line[1] for line in lines)}"]


def adjusted(
    number: str = "ADJ-1", *, sku: str = "SKU-A", units: int = -2, reason: str = "05"
) -> tuple[str, list[str]]:
    """An adjustment advice of one line."""
    return "947", [f"W15*20261122*{number}", "N1*WH*Nordlager*92*HAM", f"W19*{reason}*{units}*EA**VN*{sku}"]
