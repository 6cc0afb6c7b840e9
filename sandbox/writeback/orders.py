"""`orderClose` and `orderOpen`: an order is archived, or brought back; neither changes what was sold."""

from __future__ import annotations

from typing import Any

from sandbox.graph.session import Session
from sandbox.writeback.payload import user_error
from sandbox.writeback.touch import save

Args = dict[str, Any]


def close(session: Session, args: Args) -> Args:
    """Answer `orderClose`."""
    return _moved(session, args["input"]["id"], closed=True)


def reopen(session: Session, args: Args) -> Args:
    """Answer `orderOpen`."""
    return _moved(session, args["input"]["id"], closed=False)


def _moved(session: Session, gid: str, *, closed: bool) -> Args:
    doc = session.store.get(session.shop, gid)
    if doc is None or doc["__typename"] != "Order":
        return {"order": None, "userErrors": [user_error(["id"], "Order does not exist")]}
    if doc["closed"] != closed:
        doc["closed"], doc["closedAt"] = closed, session.now() if closed else None
        doc = save(session, doc)
    return {"order": doc, "userErrors": []}
