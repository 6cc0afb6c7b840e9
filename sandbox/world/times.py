"""Instants as epoch seconds, printed as the Admin API prints them, and the clocks on the walls of the shops."""

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np

from sandbox.world.streams import Floats, Ints

HOUR = 3600
DAY = 86400

_SECONDS = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z" for s in range(DAY)]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Days(dict[int, str]):
    def __missing__(self, day: int) -> str:
        text = (_EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")
        self[day] = text
        return text


_DAYS = _Days()

# Share of a day's purchases by local hour: quiet nights, a lunch break, busy evenings.
_HOURLY = np.array([8, 4, 2, 1, 1, 2, 5, 12, 22, 32, 40, 45, 48, 44, 42, 42, 44, 46, 50, 58, 62, 55, 38, 20], float)
_CUMULATIVE = np.concatenate([[0.0], np.cumsum(_HOURLY)]) / _HOURLY.sum()


def iso(moment: int) -> str:
    """Epoch seconds as ``YYYY-MM-DDTHH:MM:SSZ``."""
    return _DAYS[moment // DAY] + _SECONDS[moment % DAY]


def iso_date(moment: int) -> str:
    """The UTC date of an instant, ``YYYY-MM-DD``."""
    return _DAYS[moment // DAY]


def epoch(text: str) -> int:
    """Epoch seconds of ``YYYY-MM-DDTHH:MM:SSZ``."""
    return int(datetime.fromisoformat(text).timestamp())


def noon_offsets(zone: str, days: Ints) -> Ints:
    """Seconds east of UTC that the zone's clocks show at noon of each day (days since 1970-01-01)."""
    wanted, positions = np.unique(days, return_inverse=True)
    return np.array([_noon_offset(zone, day) for day in wanted.tolist()], dtype=np.int64)[positions]


@cache
def _noon_offset(zone: str, day: int) -> int:
    offset = (_EPOCH + timedelta(days=day, hours=12)).astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def at_local_hours(zone: str, moments: Floats, draws: Floats) -> Ints:
    """Move each instant within its local day to an hour at which people buy."""
    days = np.floor((moments + noon_offsets(zone, np.floor(moments / DAY).astype(np.int64))) / DAY).astype(np.int64)
    seconds = np.interp(draws, _CUMULATIVE, np.arange(25) * HOUR).astype(np.int64)
    return days * DAY + np.minimum(seconds, DAY - 1) - noon_offsets(zone, days)


def at_office_hours(zone: str, days: Ints, draws: Floats) -> Ints:
    """Instants between 09:00 and 18:00 local time on the given local days."""
    return days * DAY + 9 * HOUR + (draws * 9 * HOUR).astype(np.int64) - noon_offsets(zone, days)
