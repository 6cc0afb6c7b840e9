"""Tags: additive, subtractive, kept sorted, with Shopify's rules about commas and case."""

from __future__ import annotations

from typing import Any

from sandbox.graph.errors import not_found
from sandbox.graph.session import Doc, Session
from sandbox.writeback.payload import UserError, user_error
from sandbox.writeback.touch import save

Args = dict[str, Any]
MAX_TAGS = 250
MAX_LENGTH = {"DraftOrder": 40}
DEFAULT_MAX_LENGTH = 255
WRITE_SCOPES = {
    "Customer": "write_customers",
    "Order": "write_orders",
    "Product": "write_products",
    "DraftOrder": "write_draft_orders",
}


def split_tags(tags: list[str]) -> list[str]:
    """Return tags without blanks; a comma inside an element splits it."""
    return [tag for element in tags for part in element.split(",") if (tag := part.strip())]


def merge_tags(present: list[str], added: list[str]) -> list[str]:
    """Return both, sorted without regard to case; a case variant of a present tag changes nothing."""
    found = {tag.lower(): tag for tag in reversed(present)}
    for tag in added:
        found.setdefault(tag.lower(), tag)
    return sorted(found.values(), key=lambda tag: (tag.lower(), tag))


def tag_errors(kind: str, tags: list[str], field: list[str]) -> list[UserError]:
    """Return what is wrong with a complete list of tags."""
    limit = MAX_LENGTH.get(kind, DEFAULT_MAX_LENGTH)
    if any(len(tag) > limit for tag in tags):
        return [user_error(field, f"Tags is too long (maximum is {limit} characters)")]
    if len(tags) > MAX_TAGS:
        return [user_error(field, f"Tags cannot be more than {MAX_TAGS}")]
    return []


def add(session: Session, args: Args) -> Args:
    """Answer `tagsAdd`."""
    doc, errors = _target(session, args["id"], "tagsAdd")
    if doc is None:
        return {"node": None, "userErrors": errors}
    tags = merge_tags(doc.get("tags") or [], split_tags(args["tags"]))
    return _store(session, doc, tags, tag_errors(doc["__typename"], tags, ["tags"]))


def remove(session: Session, args: Args) -> Args:
    """Answer `tagsRemove`: without regard to case, save for orders. An absent tag is no error."""
    doc, errors = _target(session, args["id"], "tagsRemove")
    if doc is None:
        return {"node": None, "userErrors": errors}
    exact = doc["__typename"] == "Order"
    gone = {tag if exact else tag.lower() for tag in split_tags(args["tags"])}
    tags = [tag for tag in doc.get("tags") or [] if (tag if exact else tag.lower()) not in gone]
    return _store(session, doc, tags, [])


def _target(session: Session, gid: str, field: str) -> tuple[Doc | None, list[UserError]]:
    kind = gid.split("/")[3]
    if kind not in WRITE_SCOPES:
        raise not_found("invalid id")
    session.require_scopes(field, WRITE_SCOPES[kind])
    injected = session.shopify.faults.user_error(session.shop, gid)
    if injected:
        return None, [user_error(["id"], injected["message"])]
    doc = session.store.get(session.shop, gid)
    if doc is None or session.hidden(doc):
        return None, [user_error(["id"], f"{kind} does not exist")]
    return doc, []


def _store(session: Session, doc: Doc, tags: list[str], errors: list[UserError]) -> Args:
    if errors:
        return {"node": None, "userErrors": errors}
    if tags != (doc.get("tags") or []):
        doc["tags"] = tags
        save(session, doc)
    return {"node": doc, "userErrors": []}
