"""When Nordlager's files are cut and lie in the folder. Instants are epoch seconds; the cuts follow Berlin's clock."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sandbox.backoffice.lags import MINUTE
from sandbox.backoffice.threepl_sites import NORDLAGER, Site

# Shipments are told at two and at midnight, everything else at midnight.
NOON_CUT = 14
# From the cut to the moment at which the file lies in the folder.
WRITTEN_AFTER = 7 * MINUTE
# From the cut to the instant that a file bears; those of one cut are written one after the other.
SHIPMENTS_AFTER, RETURNS_AFTER = 360, 384
# So many days before the history's end come as daily files; what lies before, month by month.
DAILY_DAYS = 14


def midnight(zone: str, at: int) -> int:
    """Return the first local midnight at or after an instant."""
    local = datetime.fromtimestamp(at, ZoneInfo(zone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if start == local:
        return at
    day = start.date() + timedelta(days=1)
    return int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())


@lru_cache(maxsize=1024)
def _cuts(zone: str, after: int, until: int, twice: bool) -> tuple[int, ...]:
    clock = ZoneInfo(zone)
    day = datetime.fromtimestamp(after, clock).date()
    cuts = []
    while True:
        for hour in (0, NOON_CUT) if twice else (0,):
            cut = int(datetime(day.year, day.month, day.day, hour, tzinfo=clock).timestamp())
            if cut > until:
                return tuple(cuts)
            if cut > after:
                cuts.append(cut)
        day += timedelta(days=1)


def cuts(site: Site, after: int, until: int, *, twice: bool) -> tuple[int, ...]:
    """Return the cuts after an instant up to another: `twice` a day for shipments, once for the rest."""
    return _cuts(site.zone, after, until, twice)


def told_at(site: Site, at: int, *, daily: bool = False) -> int:
    """Return when the merchant can know of something: at once over the API, with the next file otherwise."""
    if site.partner != NORDLAGER:
        return at
    start = at - 1
    found = _cuts(site.zone, start - start % 86_400 - 86_400, start + 3 * 86_400 - start % 86_400, not daily)
    return found[bisect_left(found, at)] + WRITTEN_AFTER


def missed_at(site: Site, at: int, *, daily: bool = False) -> int:
    """Return when the merchant can miss something: with the first file that is written after it."""
    if site.partner != NORDLAGER:
        return at
    return told_at(site, at - (RETURNS_AFTER if daily else SHIPMENTS_AFTER), daily=daily)


def counted_at(site: Site, now: int) -> int:
    """Return the instant of the latest count of stock that the merchant can know of."""
    if site.partner != NORDLAGER:
        return now
    return _cuts(site.zone, now - 3 * 86_400, now - WRITTEN_AFTER, False)[-1]


def months(site: Site, after: int, until: int) -> tuple[int, ...]:
    """Return the local beginnings of months after an instant up to another."""
    zone = ZoneInfo(site.zone)
    return tuple(cut for cut in _cuts(site.zone, after, until, False) if datetime.fromtimestamp(cut, zone).day == 1)


def wall(site: Site, at: int) -> datetime:
    """Return what the warehouse's clock shows, without a zone."""
    return datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(site.zone)).replace(tzinfo=None)
