"""Pages of a connection: filtered, ordered, cut at `first` or `last`, with cursors."""

from __future__ import annotations

import itertools
from typing import Any

from graphql import GraphQLError

from sandbox.graph.errors import bad_request
from sandbox.graph.session import Session
from sandbox.graph.sources import Source, StoreSource
from sandbox.search.compile import compile_search

MAX_PAGE = 250
_LARGER_PAGES = {"customerSegmentMembers": 1_000}


def page(session: Session, source: Source, kind: str, path: list[str | int], args: dict[str, Any]) -> dict[str, Any]:
    """Return a connection object with `edges`, `nodes` and `pageInfo`.

    Raises BAD_REQUEST without `first` or `last`, with more than the page limit, or with a cursor of another order.
    """
    first, last = args.get("first"), args.get("last")
    _check(first, last, str(path[-1]) if path else "")
    search = compile_search(kind, args.get("query"), session.zone)
    warn(session, path, args.get("query"), search.warnings)
    if isinstance(source, StoreSource):
        source = source.within(search.bounds)
    order = args.get("sortKey") or ""
    backward = first is None
    after = args.get("before") if backward else args.get("after")
    nodes = source.walk(order, reverse=bool(args.get("reverse")) != backward, after=after)
    if search.matches:
        nodes = filter(search.matches, nodes)
    size = int((last if first is None else first) or 0)
    found = list(itertools.islice(nodes, size + 1))
    more = len(found) > size
    found = found[:size]
    if backward:
        found.reverse()
    cursors = [source.place(node, order) for node in found]
    return {
        "edges": [{"node": node, "cursor": cursor} for node, cursor in zip(found, cursors, strict=True)],
        "nodes": found,
        "pageInfo": {
            "hasNextPage": after is not None if backward else more,
            "hasPreviousPage": more if backward else after is not None,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _check(first: int | None, last: int | None, name: str) -> None:
    if first is None and last is None:
        raise bad_request("you must provide one of first or last")
    if first is not None and last is not None:
        raise bad_request("providing both first and last is not supported")
    size = first if first is not None else last
    limit = _LARGER_PAGES.get(name, MAX_PAGE)
    if size is not None and not 0 <= size <= limit:
        raise GraphQLError(
            f"Page size must be between 0 and {limit}, got {size}", extensions={"code": "MAX_PAGE_SIZE_EXCEEDED"}
        )


def warn(session: Session, path: list[str | int], query: str | None, warnings: list[dict[str, Any]]) -> None:
    """Keep the warnings of a search for `extensions.search`."""
    if not warnings:
        return
    first = warnings[0]
    session.warnings.append(
        {
            "path": [str(part) for part in path],
            "query": query,
            "parsed": {"field": first["field"], "match_all": first["value"]},
            "warnings": [{key: w[key] for key in ("field", "message", "code")} for w in warnings],
        }
    )
