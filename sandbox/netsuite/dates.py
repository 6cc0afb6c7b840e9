"""Oracle's date formats, as far as SuiteQL is asked for them: printing and reading instants and days.

An instant is epoch seconds, a day ISO text. Instants are printed in the account's zone; a text without an offset is
read in it, also one that ends in a literal "Z", as Oracle does.
"""

from __future__ import annotations

import re
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
def _local(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC).astimezone(ACCOUNT_ZONE)


@lru_cache(maxsize=262_144)
def print_instant(moment: int | float | None, form: str = DEFAULT_DATE) -> str | None:
    """Return an instant in the account's zone, as the format says."""
    return None if moment is None else _print(_local(int(moment)), form)


@lru_cache(maxsize=65_536)
def print_day(day: str | None, form: str = DEFAULT_DATE) -> str | None:
    """Return a day as the format says; its time is midnight."""
    return None if day is None else _print(datetime.fromisoformat(day).replace(tzinfo=ACCOUNT_ZONE), form)


def _print(at: datetime, form: str) -> str:
    return "".join(printed(at) for printed in _printers(form))


def _minutes(at: datetime) -> int:
    return int((at.utcoffset() or timedelta()).total_seconds()) // 60


_SHOWN: dict[str, Callable[[datetime], str]] = {
    "YYYY": lambda at: f"{at.year:04d}",
    "YY": lambda at: f"{at.year % 100:02d}",
    "MM": lambda at: f"{at.month:02d}",
    "DD": lambda at: f"{at.day:02d}",
    "HH24": lambda at: f"{at.hour:02d}",
    "HH": lambda at: f"{(at.hour - 1) % 12 + 1:02d}",
    "HH12": lambda at: f"{(at.hour - 1) % 12 + 1:02d}",
    "MI": lambda at: f"{at.minute:02d}",
    "SS": lambda at: f"{at.second:02d}",
    "MON": lambda at: f"{at:%b}".upper(),
    "MONTH": lambda at: f"{at:%B}".upper(),
    "TZH": lambda at: f"{'-' if _minutes(at) < 0 else '+'}{abs(_minutes(at)) // 60:02d}",
    "TZM": lambda at: f"{abs(_minutes(at)) % 60:02d}",
    "TZR": lambda at: str(ACCOUNT_ZONE),
    "AM": lambda at: f"{at:%p}",
    "PM": lambda at: f"{at:%p}",
    "Q": lambda at: str((at.month + 2) // 3),
    "DDD": lambda at: f"{at:%j}",
    "DY": lambda at: f"{at:%a}".upper(),
    "DAY": lambda at: f"{at:%A}".upper(),
    "FM": lambda at: "",
}


@lru_cache(maxsize=256)
def _printers(form: str) -> tuple[Callable[[datetime], str], ...]:
    """What prints each part of a format: found once, for a query prints thousands of instants."""
    return tuple(_printer(token) for token in _tokens(form))


def _printer(token: str) -> Callable[[datetime], str]:
    name = token.upper()
    if token.startswith('"'):
        return lambda at: token[1:-1]
    if name.startswith("FF"):
        return lambda at: "0" * int(name[2:] or 6)
    return _SHOWN.get(name, lambda at: token)


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
