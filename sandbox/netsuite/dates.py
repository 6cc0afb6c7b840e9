"""Oracle's date formats, as far as SuiteQL is asked for them: printing and reading instants and days.

An instant is epoch seconds, a day ISO text. Instants are printed in the account's zone; a text without an offset is
read in it, also one that ends in a literal "Z", as Oracle does.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ACCOUNT_ZONE = ZoneInfo("America/New_York")
# How a day is shown when a query does not say.
DEFAULT_DATE = "MM/DD/YYYY"

_TOKEN = re.compile(
    r'"[^"]*"|YYYY|YY|MONTH|MON|MM|DDD|DD|DY|DAY|HH24|HH12|HH|MI|SS|FF[1-9]?|TZH|TZM|TZR|AM|PM|FM|Q|[-/:., ;T]', re.I
)
_READ = {
    "YYYY": r"(?P<Y>\d{4})", "MM": r"(?P<M>\d{1,2})", "DD": r"(?P<D>\d{1,2})", "HH24": r"(?P<h>\d{1,2})",
    "MI": r"(?P<m>\d{1,2})", "SS": r"(?P<s>\d{1,2})", "FF": r"(?P<f>\d{1,9})", "TZH": r"(?P<zh>[+-]\d{1,2})",
    "TZM": r"(?P<zm>\d{2})",
}  # fmt: skip


class BadFormat(ValueError):
    """A format or a text that Oracle would not read."""


@lru_cache(maxsize=256)
def _tokens(form: str) -> tuple[str, ...]:
    tokens, at = [], 0
    while at < len(form):
        match = _TOKEN.match(form, at)
        if match is None:
            raise BadFormat(f"ORA-01821: date format not recognized: {form}")
        tokens.append(match[0])
        at = match.end()
    return tuple(tokens)


def check_format(form: str) -> None:
    """Raise BadFormat unless Oracle knows the format; formats of numbers pass."""
    if not set(form) <= set("09,.$L-"):
        _tokens(form)


@lru_cache(maxsize=65_536)
def _offset(hour: int) -> int:
    """Seconds east of UTC in the account's zone; it changes at full hours only."""
    offset = datetime.fromtimestamp(hour * 3600, UTC).astimezone(ACCOUNT_ZONE).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone(ACCOUNT_ZONE)


def print_instant(moment: int | float | None, form: str = DEFAULT_DATE) -> str | None:
    """Return an instant in the account's zone, as the format says."""
    if moment is None:
        return None
    whole = int(moment)
    offset = _offset(whole // 3600)
    return _print(form, time.gmtime(whole + offset), offset)


@lru_cache(maxsize=65_536)
def print_day(day: str | None, form: str = DEFAULT_DATE) -> str | None:
    """Return a day as the format says; its time is midnight."""
    return None if day is None else _print(form, time.strptime(day, "%Y-%m-%d"), _offset((midnight(day) or 0) // 3600))


def _print(form: str, at: time.struct_time, offset: int) -> str:
    pattern, names = _layout(form)
    return pattern % tuple([_PARTS[name](at, offset) for name in names])


def _zone_hour(at: time.struct_time, offset: int) -> str:
    return f"{'-' if offset < 0 else '+'}{abs(offset) // 3600:02d}"


_PARTS: dict[str, Callable[[time.struct_time, int], object]] = {
    "YYYY": lambda at, _: f"{at.tm_year:04d}", "YY": lambda at, _: f"{at.tm_year % 100:02d}",
    "MM": lambda at, _: f"{at.tm_mon:02d}", "DD": lambda at, _: f"{at.tm_mday:02d}",
    "HH24": lambda at, _: f"{at.tm_hour:02d}", "HH": lambda at, _: f"{(at.tm_hour - 1) % 12 + 1:02d}",
    "HH12": lambda at, _: f"{(at.tm_hour - 1) % 12 + 1:02d}", "MI": lambda at, _: f"{at.tm_min:02d}",
    "SS": lambda at, _: f"{at.tm_sec:02d}", "MON": lambda at, _: time.strftime("%b", at).upper(),
    "MONTH": lambda at, _: time.strftime("%B", at).upper(), "TZH": _zone_hour,
    "TZM": lambda _, offset: f"{abs(offset) // 60 % 60:02d}", "TZR": lambda _, __: str(ACCOUNT_ZONE),
    "AM": lambda at, _: time.strftime("%p", at), "PM": lambda at, _: time.strftime("%p", at),
    "Q": lambda at, _: (at.tm_mon + 2) // 3, "DDD": lambda at, _: f"{at.tm_yday:03d}",
    "DY": lambda at, _: time.strftime("%a", at).upper(), "DAY": lambda at, _: time.strftime("%A", at).upper(),
    "FM": lambda _, __: "",
}  # fmt: skip


@lru_cache(maxsize=256)
def _layout(form: str) -> tuple[str, tuple[str, ...]]:
    """A pattern to fill in, and the parts that fill it."""
    pattern, names = "", []
    for token in _tokens(form):
        name = token.upper()
        if token.startswith('"'):
            pattern += token[1:-1].replace("%", "%%")
        elif name.startswith("FF"):
            pattern += "0" * int(name[2:] or 6)
        elif name in _PARTS:
            pattern += "%s"
            names.append(name)
        else:
            pattern += token
    return pattern, tuple(names)


@lru_cache(maxsize=256)
def _pattern(form: str) -> re.Pattern[str]:
    parts = []
    for token in _tokens(form):
        name = token.upper()
        if token.startswith('"'):
            parts.append(re.escape(token[1:-1]))
        elif name.startswith("FF"):
            parts.append(_READ["FF"])
        elif name in _READ:
            parts.append(_READ[name])
        elif len(token) == 1:
            parts.append(re.escape(token))
        else:
            raise BadFormat(f"ORA-01821: date format not recognized: {form}")
    return re.compile("".join(parts))


@lru_cache(maxsize=4_096)
def read_instant(text: str | None, form: str) -> int | None:
    """Return the instant of a text; without an offset it is a time in the account's zone."""
    if text is None:
        return None
    match = _pattern(form).fullmatch(text)
    if match is None:
        raise BadFormat(f"ORA-01861: literal does not match format string: '{text}' and '{form}'")
    found = match.groupdict()
    clock = datetime(
        int(found["Y"]), int(found.get("M") or 1), int(found.get("D") or 1), int(found.get("h") or 0),
        int(found.get("m") or 0), int(found.get("s") or 0), tzinfo=UTC,
    )  # fmt: skip
    if found.get("zh"):
        hours = int(found["zh"])
        minutes = int(found.get("zm") or 0)
        offset = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
        return int((clock - offset).timestamp())
    return int(clock.replace(tzinfo=ACCOUNT_ZONE).timestamp())


def read_day(text: str | None, form: str) -> str | None:
    """Return the day of a text, ISO."""
    moment = read_instant(text, form)
    return None if moment is None else _local(moment).date().isoformat()


def midnight(day: str | None) -> int | None:
    """Return the instant at which a day begins in the account's zone."""
    return None if day is None else int(datetime.fromisoformat(day).replace(tzinfo=ACCOUNT_ZONE).timestamp())


def day_of(moment: int | None) -> str | None:
    """Return the day of an instant in the account's zone."""
    return None if moment is None else _local(int(moment)).date().isoformat()


def add_days(day: str | None, days: float | None) -> str | None:
    """Return a day moved by whole days."""
    if day is None or days is None:
        return None
    return (date.fromisoformat(day) + timedelta(days=int(days))).isoformat()


def month_of(day: str | None) -> str | None:
    """Return the first day of a day's month."""
    return None if day is None else day[:8] + "01"
