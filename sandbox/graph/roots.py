"""The fields of the query root: objects by id, connections over the store, counts, and the app itself."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, get_named_type

from sandbox.graph.connections import warn
from sandbox.graph.documents import GID
from sandbox.graph.errors import AccessDenied, bad_request, not_found
from sandbox.graph.metafield_fields import definition_doc
from sandbox.graph.session import Doc, Session
from sandbox.graph.sources import ListSource, Source, StoreSource
from sandbox.graph.versions import access_of, published
from sandbox.search.compile import compile_search
from sandbox.search.filters import number_of

# Connections over an interface: the concrete types that the store keeps.
_MEMBERS = {
    "Event": ("BasicEvent", "CommentEvent"),
    "Catalog": ("AppCatalog", "CompanyLocationCatalog", "MarketCatalog"),
    "DiscountCodeNode": ("DiscountNode",),
    "DiscountAutomaticNode": ("DiscountNode",),
}
_COUNTED = {
    "abandonedCheckoutsCount": "AbandonedCheckout", "collectionsCount": "Collection", "companiesCount": "Company",
    "customersCount": "Customer", "discountNodesCount": "DiscountNode", "eventsCount": "Event",
    "giftCardsCount": "GiftCard",
    "locationsCount": "Location", "ordersCount": "Order", "productsCount": "Product",
    "productVariantsCount": "ProductVariant",
    "segmentsCount": "Segment", "webhookSubscriptionsCount": "WebhookSubscription",
}  # fmt: skip
QUANTITY_NAMES = [
    "available",
    "on_hand",
    "committed",
    "incoming",
    "reserved",
    "damaged",
    "safety_stock",
    "quality_control",
]


def root_value(session: Session, name: str, kind: Any, args: dict[str, Any]) -> Any:
    """Return the value of a field of the query root; a Source for a connection."""
    if name in _COUNTED:
        return _count(session, name, _COUNTED[name], args)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(session, args)
    target: Any = get_named_type(kind)
    if target.name.endswith("Connection"):
        return connection_source(session, name, get_named_type(target.fields["nodes"].type).name, args)
    return by_id(session, args["id"], target.name)


def connection_source(session: Session, name: str, kind: str, args: dict[str, Any]) -> Source:
    """Return the nodes of a root connection, without the `query` filter."""
    special = _SPECIAL.get(name)
    if special is not None:
        found: Source = special(session, args)
        return found
    bounds: dict[str, Any] = {}
    if kind == "Order" and session.horizon():
        bounds["created_from"] = session.horizon()
    return StoreSource(session.store, session.shop, _MEMBERS.get(kind, (kind,)), None, bounds, _only(name, kind, args))


def _only(name: str, kind: str, args: dict[str, Any]) -> Callable[[Doc], bool] | None:
    if name == "fulfillmentOrders" and not args.get("includeClosed"):
        return lambda doc: doc.get("status") not in ("CLOSED", "CANCELLED")
    if name == "locations" and not args.get("includeInactive"):
        return lambda doc: bool(doc.get("isActive", True))
    if name in ("codeDiscountNodes", "automaticDiscountNodes"):
        return lambda doc: f"/{kind}/" in doc["id"]
    return None


def by_id(session: Session, gid: str, kind: str) -> Doc | None:
    """Return the object of a gid, None when there is none; RESOURCE_NOT_FOUND when the gid is of another type."""
    if not GID.fullmatch(gid):
        raise GraphQLError(f"Invalid global id '{gid}'", extensions={"code": "argumentLiteralsIncompatible"})
    found = gid.split("/")[-2]
    members = _MEMBERS.get(kind, (kind,))
    if found != kind and found not in members and not (kind == "DiscountNode" and found.startswith("Discount")):
        raise not_found(f"Invalid id: {gid}")
    if kind == "MetafieldDefinition":
        rows = session.store.metafields.definitions(session.shop)
        return next((definition_doc(row) for row in rows if row["id"] == number_of(gid)), None)
    return session.load(gid)


def any_node(session: Session, gid: str) -> Doc | None:
    """Return an object of any type by its gid, if the app may read its type."""
    if not re.fullmatch(r"gid://shopify/\w+/\S+", gid):
        raise GraphQLError(f"Invalid global id '{gid}'", extensions={"code": "argumentLiteralsIncompatible"})
    kind = gid.split("/")[3]
    scopes = access_of(session.version).get(kind)
    if scopes and not session.app.allows(scopes):
        raise AccessDenied("node", scopes)
    if kind == "BulkOperation":
        return session.shopify.operations(session).find(gid)
    if kind == "Shop":
        return session.shop_doc
    if kind == "MetafieldDefinition":
        return by_id(session, gid, kind)
    return session.load(gid)


def _count(session: Session, name: str, kind: str, args: dict[str, Any]) -> Doc:
    limit = args.get("limit")
    search = compile_search(kind, args.get("query"), session.zone)
    warn(session, [name], args.get("query"), search.warnings)
    source = connection_source(session, name, kind, {})
    if isinstance(source, StoreSource) and search.matches is None and source.only is None:
        number = sum(session.store.count(session.shop, k, **source.bounds) for k in source.kinds)
    else:
        source = source.within(search.bounds) if isinstance(source, StoreSource) else source
        nodes = source.walk("ID")
        matching = filter(search.matches, nodes) if search.matches else nodes
        number = sum(1 for _ in itertools.islice(matching, None if limit is None else limit + 1))
    exact = limit is None or number <= limit
    return {"__typename": "Count", "count": number if exact else limit, "precision": "EXACT" if exact else "AT_LEAST"}


def _definitions(session: Session, args: dict[str, Any]) -> ListSource:
    rows = session.store.metafields.definitions(session.shop, args.get("ownerType"))
    for name in ("namespace", "key"):
        if args.get(name):
            wanted = session.app.namespace(args[name]) if name == "namespace" else args[name]
            rows = [row for row in rows if row[name] == wanted]
    pinned = args.get("pinnedStatus")
    if pinned in ("PINNED", "UNPINNED"):
        rows = [row for row in rows if (row.get("pinnedPosition") is not None) is (pinned == "PINNED")]
    return ListSource([definition_doc(row) for row in rows])


def _definition(session: Session, args: dict[str, Any]) -> Doc | None:
    identifier = args.get("identifier")
    if identifier:
        namespace = session.app.namespace(identifier.get("namespace"))
        row = session.store.metafields.definition(session.shop, identifier["ownerType"], namespace, identifier["key"])
        return definition_doc(row) if row else None
    return by_id(session, args["id"], "MetafieldDefinition") if args.get("id") else None


def _installation(session: Session, args: dict[str, Any]) -> Doc:
    scopes = [
        {"__typename": "AccessScope", "handle": scope, "description": scope} for scope in sorted(session.app.scopes)
    ]
    app = {
        "__typename": "App", "id": f"gid://shopify/App/{session.app.number}", "title": session.app.title,
        "apiKey": session.app.client_id, "handle": session.app.title.lower(),
    }  # fmt: skip
    return {
        "__typename": "AppInstallation", "id": f"gid://shopify/AppInstallation/{session.app.number}",
        "accessScopes": scopes, "app": app,
    }  # fmt: skip


def _bulk_operations(session: Session, args: dict[str, Any]) -> ListSource:
    if args.get("first") is None and args.get("last") is None:
        raise bad_request("you must provide one of first or last")
    return ListSource(session.shopify.operations(session).documents())


def _payments_account(session: Session, args: dict[str, Any]) -> Doc | None:
    return next(session.store.scan(session.shop, "ShopifyPaymentsAccount", limit=1), None)


_SPECIAL: dict[str, Any] = {
    "shop": lambda session, args: session.shop_doc,
    "node": lambda session, args: any_node(session, args["id"]),
    "nodes": lambda session, args: [any_node(session, gid) for gid in args["ids"]],
    "shopifyPaymentsAccount": _payments_account,
    "publicApiVersions": lambda session, args: published(),
    "currentAppInstallation": _installation,
    "metafieldDefinitions": _definitions,
    "metafieldDefinition": _definition,
    "bulkOperation": lambda session, args: (
        session.shopify.operations(session).find(args["id"])
        if args["id"].startswith("gid://shopify/BulkOperation/")
        else _raise(not_found(f"Invalid id: {args['id']}"))
    ),
    "bulkOperations": _bulk_operations,
    "currentBulkOperation": lambda session, args: session.shopify.operations(session).latest(
        args.get("type") or "QUERY"
    ),
    "inventoryProperties": lambda session, args: {
        "quantityNames": [{"name": name, "displayName": name.replace("_", " ").capitalize()} for name in QUANTITY_NAMES]
    },
}


def _raise(error: GraphQLError) -> Any:
    raise error
