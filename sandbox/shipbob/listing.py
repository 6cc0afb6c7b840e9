"""Query parameters and paging as ShipBob does them: pages of bare arrays, and links in the body."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

MOST = 250
USUAL = 50


class BadParameter(ValueError):
    """A parameter that cannot be read; the answer is 400."""


def whole(values: Mapping[str, str], name: str, usual: int, most: int | None = None) -> int:
    """Return a number from 1 on; raises BadParameter."""
    text = values.get(name)
    if text in (None, ""):
        return usual
    if not str(text).isdigit() or int(str(text)) < 1:
        raise BadParameter(f"The value '{text}' is not valid for {name}.")
    number = int(str(text))
    if most is not None and number > most:
        raise BadParameter(f"The field {name} must be between 1 and {most}.")
    return number


def moment(values: Mapping[str, Any], name: str) -> int | None:
    """Return an instant as epoch seconds, None when it is left out; raises BadParameter."""
    text = values.get(name)
    if text in (None, ""):
        return None
    try:
        read = datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError as problem:
        raise BadParameter(f"The value '{text}' is not valid for {name}.") from problem
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp())


def listed(values: Mapping[str, str], name: str) -> set[str] | None:
    """Return the values of a comma-separated parameter, None when it is left out."""
    text = values.get(name)
    return {part.strip() for part in text.split(",") if part.strip()} if text else None


def page_of(rows: list[Any], page: int, limit: int) -> tuple[list[Any], dict[str, str]]:
    """Return a page of a bare array, and its headers."""
    pages = max(1, -(-len(rows) // limit))
    headers = {"Total-Pages": str(pages), "Total-Count": str(len(rows)), "Page": str(page)}
    if page < pages:
        headers["Next-Page"] = str(page + 1)
    return rows[(page - 1) * limit : page * limit], headers


def linked(request: Request, rows: list[Any], page: int, limit: int, name: str, key: str) -> dict[str, Any]:
    """Return a page with links to the first, last, previous and next one; `name` is the parameter that counts pages."""
    pages = max(1, -(-len(rows) // limit))

    def link(number: int) -> str:
        query = {**dict(request.query_params), name: str(number)}
        return f"{request.url.path}?{urlencode(query)}"

    return {
        key: rows[(page - 1) * limit : page * limit],
        "first": link(1) if page > 1 else None,
        "last": link(pages) if page < pages else None,
        "prev": link(page - 1) if page > 1 else None,
        "next": link(page + 1) if page < pages else None,
    }
