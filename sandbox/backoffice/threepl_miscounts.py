"""Stock that is wrong: which SKUs of which warehouse, and how. Chosen once, when the books are opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sandbox.backoffice.lags import DAY, HOUR, chance
from sandbox.backoffice.office import BackOffice
from sandbox.backoffice.records import Records
from sandbox.backoffice.stock import Level
from sandbox.backoffice.threepl_sites import NORDLAGER, site_by_code, site_of

Key = tuple[str, str]

# Numbers of adjustments begin here, among those of all movements.
ADJUSTED = 3_000_000_000
_CODES = ("INV-01", "INV-02", "INV-03", "INV-04", "INV-10")
# Fewer units for sale leave too little to miscount.
_ENOUGH = 12


def miscount(office: BackOffice, levels: Sequence[tuple[str, Level]], wanted: Counter[Key], now: int) -> None:
    """Choose the SKUs whose stock is wrong and tell so; `wanted` is what the books will be opened with."""
    planter, records = office.planter, office.records
    plain = {(site_of(v.shop, v.place).code, sku): v for sku, v in levels if sku == v.sku}
    known = {f"{code}/{sku}": (code, sku) for code, sku in plain}
    # A SKU with a delivery may have a break of that.
    delivered = set(records.rows("SELECT site, sku FROM tp_receipts"))
    clean = {key for key in wanted if key not in delivered and not _touched(records, key)}
    stocked = sorted(k for k, v in known.items() if v in clean and plain[v].available >= _ENOUGH)
    empty = sorted(k for k, v in known.items() if v in clean and plain[v].on_hand == 0)
    for code in _CODES:
        candidates = empty if code == "INV-03" else stocked
        if code == "INV-04":
            # Two counts a day apart show it: only files bring one for each day.
            candidates = [key for key in stocked if site_by_code(known[key][0]).partner == NORDLAGER]
        for key in sorted(planter.pick(code, candidates)):
            site, sku = known[key]
            draw = chance(office.seed, code, key)
            # Files may be a day old, and an adjustment may be explained for a day.
            since = now - 2 * DAY - 8 * HOUR - int(draw * 5 * DAY)
            units = _spoil(records, code, (site, sku), plain[site, sku], wanted, draw, since)
            planter.tell(code, site_by_code(site).shop, key, since, f"threepl:{key}", units=units)


def _spoil(records: Records, code: str, key: Key, level: Level, wanted: Counter[Key], draw: float, since: int) -> int:
    """Make one SKU wrong; returns by how many units."""
    units = 5 + int(draw * 8) + level.on_hand // 20
    inspection = extra = jump = 0
    if code == "INV-01":
        extra = units = units if draw < 0.6 else -min(units, level.available)
    elif code == "INV-03":
        extra = units
    elif code == "INV-02":
        promised = records.rows(
            "SELECT sum(quantity) FROM tp_commitments WHERE site = ? AND sku = ? AND until IS NULL", *key
        )[0][0]
        spare = level.on_hand - (promised or 0) - level.damaged - level.available
        inspection = max(spare, 0) + units
    elif code == "INV-04":
        jump = units
    else:
        units = -2 - int(draw * 3)
        number = next_adjustment(records)
        records.connection().execute(
            "INSERT INTO tp_movements VALUES (?, NULL, ?, ?, 'adjustment', ?, '', ?, ?, 1)",
            (number, *key, units, f"ADJ-{number - ADJUSTED:05d}", since),
        )
    wanted[key] += extra - jump
    records.connection().execute(
        "INSERT OR REPLACE INTO tp_levels (site, sku, inspection, extra, jump, jump_at) VALUES (?, ?, ?, ?, ?, ?)",
        (*key, inspection, extra, jump, since if jump else None),
    )
    return units


def recount(office: BackOffice, levels: Sequence[tuple[str, Level]]) -> None:
    """What the shop had none of is missing from its stock once it has some: the same units by another name."""
    rows = office.records.rows(
        "SELECT p.key, l.site, l.sku FROM bo_plants p JOIN tp_levels l ON p.key = l.site || '/' || l.sku"
        " WHERE p.code = 'INV-03' AND l.extra <> 0"
    )
    shown = {(site_of(v.shop, v.place).code, sku): v.on_hand for sku, v in levels}
    for key, site, sku in rows:
        office.records.connection().execute(
            "UPDATE bo_truth SET code = ? WHERE source = ?",
            ("INV-01" if shown.get((site, sku), 0) else "INV-03", f"threepl:{key}"),
        )


def _touched(records: Records, key: Key) -> bool:
    return bool(records.rows("SELECT 1 FROM tp_unknown WHERE site = ? AND sku = ? LIMIT 1", *key))


def next_adjustment(records: Records) -> int:
    """Return the number of the next adjustment."""
    rows = records.rows(
        "SELECT max(movement_id) FROM tp_movements WHERE movement_id BETWEEN ? AND ?", ADJUSTED, ADJUSTED + 999_999_999
    )
    return int(rows[0][0] or ADJUSTED) + 1
