"""What an operator has on file about an order: parcels, open or gone, and goods that came back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sandbox.backoffice.goods import components
from sandbox.backoffice.lags import lag
from sandbox.backoffice.story import Shipment, Story
from sandbox.backoffice.threepl_sites import SITES, Site, site_of
from sandbox.world.parameters import SHOPS

_ZONES = {shop.key: ZoneInfo(shop.zone) for shop in SHOPS}
_CARRIER = {"us": "UPS", "eu": "DHL"}
# A parcel's number is its place among the parcels of its order; the second half is for what should not be there.
NUMBERS = 16
EXTRA = 8


@dataclass(slots=True)
class ParcelLine:
    """Units of a SKU (as the merchant spells it) of one line of the order.

    `held` is what really left for it, where the parcel names something else: (SKU, units).
    """

    line_id: int
    sku: str
    ordered: int
    quantity: int
    kit: str | None = None
    held: list[tuple[str, int]] | None = None


@dataclass(slots=True)
class Parcel:
    """A parcel. `status` is processing, labeled, shipped, on_hold or cancelled; instants are None until they come.

    `shop_at` is when the shop knew that it was gone, None while it does not.
    """

    parcel_id: int
    number: int
    site: Site
    status: str
    created_at: int
    labeled_at: int | None
    shipped_at: int | None
    shop_at: int | None
    tracking: str | None
    lines: list[ParcelLine] = field(default_factory=list)
    held_at: int | None = None
    cancelled_at: int | None = None


@dataclass(slots=True)
class BackLine:
    """Units that came back of a SKU, and what became of them: restock, quarantine or dispose."""

    sku: str
    expected: int
    received: int
    disposition: str | None
    processed: int
    reason: str


@dataclass(slots=True)
class Back:
    """Goods that are announced (`received_at` is None) or came back."""

    back_id: int
    site: Site
    rma: str
    created_at: int
    received_at: int | None
    completed_at: int | None
    parcel_id: int | None
    lines: list[BackLine]
    refund_id: int | None = None
    refunded_at: int | None = None


def local_day(shop: str, at: int) -> date:
    """Return the shop's day of an instant."""
    return datetime.fromtimestamp(at, UTC).astimezone(_ZONES[shop]).date()


def parcel_id(story: Story, number: int) -> int:
    """Return the id of the parcel of this number; ids of both operators never meet."""
    return (1 if story.shop == "us" else 3) * 100_000_000 + story.number * NUMBERS + number


def expected_tracking(story: Story, number: int) -> str:
    """Return the tracking number under which the carrier will know the parcel of this number."""
    return f"{_CARRIER[story.shop]}{(story.number - 1001) * NUMBERS + number - 1:012d}"


def parcels_of(story: Story) -> list[Parcel]:
    """Return all parcels of an order as they should be: those that left, and one for what each place has still to ship.

    An order that was called off keeps its open parcels, cancelled.
    """
    day = local_day(story.shop, story.created_at)
    parcels = [_gone(story, shipment, day) for shipment in story.shipments if shipment.partner]
    shipped: dict[int, int] = {}
    for shipment in story.shipments:
        for line_id, _, units in shipment.lines:
            shipped[line_id] = shipped.get(line_id, 0) + units
    number = len(story.shipments)
    for place, received in story.partner_at.items():
        left = [
            part
            for line in story.goods
            if line.place == place and (units := line.quantity - shipped.get(line.line_id, 0)) > 0
            for part in _exploded(line.line_id, line.sku or "", units, day)
        ]
        if not left:
            continue
        number += 1
        called_off = story.cancelled_at
        parcels.append(
            Parcel(
                parcel_id(story, number), number, site_of(story.shop, place),
                "processing" if called_off is None else "cancelled", received, None, None, None, None, left,
                cancelled_at=None if called_off is None else called_off + lag(1, 5, 20, "called-off", story.order_id),
            )
        )  # fmt: skip
    return parcels


def _gone(story: Story, shipment: Shipment, day: date) -> Parcel:
    created = min(story.partner_at.get(shipment.place, shipment.labeled_at), shipment.labeled_at)
    lines = [part for line_id, sku, units in shipment.lines for part in _exploded(line_id, sku, units, day) if sku]
    kinds = {line.line_id: line.kind for line in story.lines}
    return Parcel(
        parcel_id(story, shipment.number), shipment.number, site_of(story.shop, shipment.place), "shipped", created,
        shipment.labeled_at, shipment.shipped_at, shipment.at, shipment.tracking,
        [line for line in lines if kinds[line.line_id] == "item"],
    )  # fmt: skip


def _exploded(line_id: int, sku: str, units: int, day: date) -> list[ParcelLine]:
    parts = components(sku, day)
    kit = sku if len(parts) > 1 else None
    return [ParcelLine(line_id, part, units * count, units * count, kit) for part, count in parts]


def backs_of(story: Story) -> list[Back]:
    """Return what came back as it should be, and what is announced to a partner and has not come."""
    day = local_day(story.shop, story.created_at)
    found: list[Back] = []
    places = {back.return_id: number for number, back in enumerate(story.returns)}
    came = set()
    for number, comeback in enumerate(story.comebacks):
        if comeback.partner is None:
            continue
        came.add(comeback.return_id)
        back_id = parcel_id(story, places[comeback.return_id] if comeback.return_id in places else EXTRA + number)
        lines = [
            BackLine(part.sku, part.ordered, part.ordered, "restock", part.ordered, "")
            for line_id, sku, units in comeback.lines
            for part in _exploded(line_id, sku, units, day)
        ]
        found.append(
            Back(
                back_id, site_of(story.shop, comeback.place), comeback.rma or f"BLIND-{back_id}",
                min(comeback.received_at, comeback.visible_at), comeback.received_at, comeback.completed_at,
                _parcel_of(story, comeback.lines), lines, comeback.refund_id, comeback.visible_at,
            )
        )  # fmt: skip
    for told in story.returns:
        if told.status != "OPEN" or told.return_id in came or not told.lines or story.partner is None:
            continue
        place = story.line(told.lines[0][0]).place
        if (story.shop, place) not in {(site.shop, site.place) for site in SITES}:
            continue
        lines = [
            BackLine(part.sku, part.ordered, 0, None, 0, "")
            for line_id, sku, units in told.lines
            for part in _exploded(line_id, sku, units, day)
        ]
        found.append(
            Back(
                parcel_id(story, places[told.return_id]), site_of(story.shop, place), told.name,
                told.created_at + 300, None, None, _parcel_of(story, told.lines), lines,
            )
        )  # fmt: skip
    return found


def _parcel_of(story: Story, lines: list[tuple[int, str, int]]) -> int | None:
    wanted = {line_id for line_id, _, _ in lines}
    for shipment in story.shipments:
        if shipment.partner and wanted & {line_id for line_id, _, _ in shipment.lines}:
            return parcel_id(story, shipment.number)
    return None
