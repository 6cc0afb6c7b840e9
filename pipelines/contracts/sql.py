"""Quoting of names and texts in SQL that is composed from a contract."""


def identifier(name: str) -> str:
    """A quoted name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def texts(values: tuple[str, ...] | list[str]) -> str:
    """A comma-separated list of quoted texts."""
    return ", ".join(text(value) for value in values)
