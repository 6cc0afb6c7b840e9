"""A write moves the owner's `updatedAt`, so that the next increment sees it."""

from __future__ import annotations

from sandbox.graph.session import Doc, Session


def touch(session: Session, gid: str) -> None:
    """Set `updatedAt` of an object to the present instant; an object without one stays as it is."""
    doc = session.store.get(session.shop, gid)
    if doc is not None and "updatedAt" in doc and doc.get("id") == gid:
        save(session, doc)


def save(session: Session, doc: Doc) -> Doc:
    """Write a changed object with a new `updatedAt` and return it."""
    doc["updatedAt"] = session.now()
    session.store.put(session.shop, doc)
    session.loaded.pop(doc["id"], None)
    return doc
