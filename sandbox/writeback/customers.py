"""`customerUpdate`: the fields given replace the old ones, tags as a whole."""

from __future__ import annotations

from typing import Any

from sandbox.graph.session import Session
from sandbox.writeback.metafields import set_values
from sandbox.writeback.payload import user_error
from sandbox.writeback.tags import merge_tags, split_tags, tag_errors
from sandbox.writeback.touch import save

Args = dict[str, Any]
_PLAIN = ("firstName", "lastName", "note", "locale", "taxExempt")


def update(session: Session, args: Args) -> Args:
    """Answer `customerUpdate`."""
    given = args["input"]
    gid = given.get("id")
    doc = session.store.get(session.shop, gid) if gid else None
    if doc is None or doc["__typename"] != "Customer":
        return {"customer": None, "userErrors": [user_error(["id"], "Customer does not exist")]}
    injected = session.shopify.faults.user_error(session.shop, doc["id"])
    if injected:
        return {"customer": None, "userErrors": [user_error(["id"], injected["message"])]}
    changed = {name: given[name] for name in _PLAIN if name in given}
    if given.get("tags") is not None:
        changed["tags"] = merge_tags([], split_tags(given["tags"]))
        errors = tag_errors("Customer", changed["tags"], ["tags"])
        if errors:
            return {"customer": None, "userErrors": errors}
    if given.get("metafields"):
        entries = [{**entry, "ownerId": doc["id"]} for entry in given["metafields"]]
        result = set_values(session, {"metafields": entries})
        if result["userErrors"]:
            return {"customer": None, "userErrors": result["userErrors"]}
        doc = session.store.get(session.shop, doc["id"]) or doc
    if given.get("email"):
        changed["defaultEmailAddress"] = {**(doc.get("defaultEmailAddress") or {}), "emailAddress": given["email"]}
    if given.get("phone"):
        changed["defaultPhoneNumber"] = {**(doc.get("defaultPhoneNumber") or {}), "phoneNumber": given["phone"]}
    if any(doc.get(name) != value for name, value in changed.items()):
        doc = save(session, {**doc, **changed})
    return {"customer": doc, "userErrors": []}
