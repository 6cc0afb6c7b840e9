"""Webhook subscriptions: kept, checked, not delivered here."""

from __future__ import annotations

import re
from typing import Any

from sandbox.graph.session import Doc, Session
from sandbox.writeback.payload import UserError, user_error

Args = dict[str, Any]
_URI = re.compile(r"https://\S+|pubsub://[\w-]+:[\w-]+|arn:aws:events:\S+")


def _errors(session: Session, topic: str, given: Args, own: str | None = None) -> list[UserError]:
    address = given.get("uri") or given.get("callbackUrl") or ""
    field = ["webhookSubscription", "callbackUrl"]
    if address.startswith("http://"):
        return [user_error(field, "Address protocol http:// is not supported")]
    if not _URI.fullmatch(address):
        return [user_error(field, "Address is invalid")]
    if given.get("format") == "XML" and not address.startswith("https://"):
        return [user_error(["webhookSubscription", "format"], "Format can only be used with format: 'json'")]
    if given.get("name") and not re.fullmatch(r"[\w-]+", given["name"]):
        return [
            user_error(["webhookSubscription", "name"], "Name may hold letters, digits, underscores and hyphens only")
        ]
    for doc in session.store.scan(session.shop, "WebhookSubscription"):
        if (doc["topic"], doc["uri"], doc.get("filter")) == (topic, address, given.get("filter")) and doc["id"] != own:
            return [user_error(field, "Address for this topic has already been taken")]
    return []


def _doc(session: Session, topic: str, given: Args, gid: str, created: str) -> Doc:
    address = given.get("uri") or given.get("callbackUrl")
    return {
        "__typename": "WebhookSubscription", "id": gid, "topic": topic, "uri": address, "callbackUrl": address,
        "filter": given.get("filter"), "format": given.get("format") or "JSON", "name": given.get("name"),
        "includeFields": given.get("includeFields") or [],
        "metafieldNamespaces": given.get("metafieldNamespaces") or [],
        "metafields": given.get("metafields") or [], "createdAt": created, "updatedAt": session.now(),
        "apiVersion": {"__typename": "ApiVersion", "handle": session.version, "displayName": session.version,
        "supported": True},
        "endpoint": {"__typename": "WebhookHttpEndpoint", "callbackUrl": address},
    }  # fmt: skip


def create(session: Session, args: Args) -> Args:
    """Answer `webhookSubscriptionCreate`."""
    given, topic = args["webhookSubscription"], args["topic"]
    errors = _errors(session, topic, given)
    if errors:
        return {"webhookSubscription": None, "userErrors": errors}
    number = session.store.next_number("WebhookSubscription", 1_400_000_000_001)
    doc = _doc(session, topic, given, f"gid://shopify/WebhookSubscription/{number}", session.now())
    session.store.put(session.shop, doc)
    return {"webhookSubscription": doc, "userErrors": []}


def update(session: Session, args: Args) -> Args:
    """Answer `webhookSubscriptionUpdate`."""
    doc = session.store.get(session.shop, args["id"])
    if doc is None:
        return {"webhookSubscription": None, "userErrors": [user_error(["id"], "Webhook subscription does not exist")]}
    given = {**doc, **args["webhookSubscription"]}
    errors = _errors(session, doc["topic"], given, doc["id"])
    if errors:
        return {"webhookSubscription": None, "userErrors": errors}
    changed = _doc(session, doc["topic"], given, doc["id"], doc["createdAt"])
    session.store.put(session.shop, changed)
    return {"webhookSubscription": changed, "userErrors": []}


def delete(session: Session, args: Args) -> Args:
    """Answer `webhookSubscriptionDelete`."""
    gone = session.store.delete(session.shop, args["id"])
    errors = [] if gone else [user_error(["id"], "Webhook subscription does not exist")]
    return {"deletedWebhookSubscriptionId": args["id"] if gone else None, "userErrors": errors}
