"""Quoting of names and values in SQL that is composed from a contract."""

from collections.abc import Iterable
from datetime import UTC, datetime


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: tuple[str, ...] | list[str]) -> str:
    """A comma-separated list of quoted texts."""
    return ", ".join(text(value) for value in values)


def instant(value: datetime) -> str:
    """An instant as a literal, in UTC."""
    return f"cast({text(value.astimezone(UTC).isoformat(sep=' '))} as timestamptz)"


def same_keys(names: Iterable[str], one: str, other: str) -> str:
    """Condition that two rows have the same values in these columns; null is equal to nothing."""
    return " and ".join(f"{one}.{identifier(name)} = {other}.{identifier(name)}" for name in names)
