"""How a field's value is found when it is more than an entry of the document: the same for replies and bulk files.

A getter takes the session, the document, the field's arguments and its name. For a connection it returns a Source.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.graph.session import Doc, Session
from sandbox.graph.sources import ListSource, StoreSource

Args = dict[str, Any]
Getter = Callable[[Session, Doc, Args, str], Any]
GETTERS: dict[tuple[str, str], Getter] = {}
ANY = "*"


def getter(*names: str) -> Callable[[Getter], Getter]:
    """Register a function for `Type.field` names; `*.field` is every type."""

    def register(function: Getter) -> Getter:
        for name in names:
            owner, _, field = name.partition(".")
            GETTERS[owner, field] = function
        return function

    return register


def find_getter(kind: str, field: str) -> Getter | None:
    """Return the special getter of a field, or None when it is read straight off the document."""
    found = GETTERS.get((kind, field))
    # A payload holds what its mutation returned; the rules for objects do not apply to it.
    return found if found or kind.endswith("Payload") else GETTERS.get((ANY, field))


def is_reference(doc: Any) -> bool:
    """Tell whether a value only points to an object kept elsewhere."""
    return isinstance(doc, dict) and len(doc) == 2 and "id" in doc and "__typename" in doc


def follow(session: Session, value: Any) -> Any:
    """Return the object behind a reference; anything else as it is."""
    return session.load(value["id"]) if is_reference(value) else value


def listed(session: Session, nodes: list[Doc] | None) -> ListSource:
    """Return nodes that stand inside a document."""
    return ListSource(nodes or [], lambda node: follow(session, node))


def owned(session: Session, kind: str, owner: Doc) -> StoreSource:
    """Return the documents of a type that belong to an object."""
    bounds = {"created_from": session.horizon()} if kind == "Order" and session.horizon() else {}
    return StoreSource(session.store, session.shop, (kind,), owner["id"], bounds)


@getter("*.legacyResourceId")
def _legacy_id(session: Session, doc: Doc, args: Args, field: str) -> str:
    return str(doc["id"]).rsplit("/", 1)[-1].split("?")[0]


@getter("*.defaultCursor")
def _default_cursor(session: Session, doc: Doc, args: Args, field: str) -> str:
    return ListSource([]).place(doc, "ID")


@getter("Order.refunds", "Order.fulfillments", "LineItem.taxLines", "Fulfillment.trackingInfo")
def _first_of(session: Session, doc: Doc, args: Args, field: str) -> list[Doc]:
    values: list[Doc] = doc.get(field) or []
    return values[: args["first"]] if args.get("first") is not None else values


@getter("Order.transactions")
def _transactions(session: Session, doc: Doc, args: Args, field: str) -> list[Doc]:
    values = _first_of(session, doc, args, field)
    wanted = args.get("manuallyResolvable")
    return values if wanted is None else [v for v in values if bool(v.get("manuallyResolvable")) is wanted]


@getter("Order.shippingLine")
def _shipping_line(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    return next(iter(doc.get("shippingLines") or []), None)


@getter("Order.fulfillmentsCount", "Order.transactionsCount", "Product.variantsCount", "Company.contactsCount",
        "Company.locationsCount", "Company.ordersCount", "InventoryItem.locationsCount",
        "CompanyLocation.ordersCount")  # fmt: skip
def _count(session: Session, doc: Doc, args: Args, field: str) -> Doc:
    below = {"variantsCount": "ProductVariant", "contactsCount": "CompanyContact"}
    if field in below:
        number = session.store.count(session.shop, below[field], owner=doc["id"])
    elif (doc["__typename"], field) == ("Company", "locationsCount"):
        number = session.store.count(session.shop, "CompanyLocation", owner=doc["id"])
    elif (doc["__typename"], field) == ("InventoryItem", "locationsCount"):
        number = len(doc.get("inventoryLevels") or [])
    else:
        number = len(doc.get(field.removesuffix("Count")) or [])
    return {"__typename": "Count", "count": number, "precision": "EXACT"}


@getter("LineItem.discountedTotalSet")
def _discounted_total(session: Session, doc: Doc, args: Args, field: str) -> Any:
    name = "priceAfterAllDiscountsBeforeTaxesSet" if args.get("withCodeDiscounts") else field
    return doc.get(name) or doc.get(field)


@getter("Fulfillment.order", "FulfillmentOrder.order", "Refund.order", "Return.order", "OrderTransaction.order")
def _order_of(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    known: Doc | None = doc.get("order")
    if known is None:
        root = session.store.root_of(session.shop, doc["id"])
        known = {"__typename": "Order", "id": root} if root else None
    return known


@getter("FulfillmentOrder.fulfillments")
def _fulfillments_of(session: Session, doc: Doc, args: Args, field: str) -> ListSource:
    return listed(session, doc.get("fulfillments"))


@getter("Customer.orders", "Customer.events", "Product.variants", "Company.locations", "Company.contacts",
        "Order.events", "Product.events", "Company.events", "Company.orders", "Company.draftOrders",
        "InventoryItem.variants", "ProductVariant.events")  # fmt: skip
def _owned(session: Session, doc: Doc, args: Args, field: str) -> Any:
    kinds = {
        "orders": "Order", "events": "BasicEvent", "variants": "ProductVariant", "locations": "CompanyLocation",
        "contacts": "CompanyContact", "draftOrders": "DraftOrder",
    }  # fmt: skip
    if doc["__typename"] == "InventoryItem":
        return listed(session, doc.get("variants") or ([doc["variant"]] if doc.get("variant") else []))
    if field in doc:
        return listed(session, doc[field])
    return owned(session, kinds[field], doc)


@getter("Customer.lastOrder")
def _last_order(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    if field in doc:
        return doc[field]  # type: ignore[no-any-return]
    return next(owned(session, "Order", doc).walk("PROCESSED_AT", reverse=True), None)


@getter("Customer.addresses")
def _addresses(session: Session, doc: Doc, args: Args, field: str) -> list[Doc]:
    return (doc.get("addressesV2") or [])[: args.get("first") or 250]


@getter("Customer.email", "Customer.phone")
def _contact(session: Session, doc: Doc, args: Args, field: str) -> Any:
    source = {"email": ("defaultEmailAddress", "emailAddress"), "phone": ("defaultPhoneNumber", "phoneNumber")}[field]
    return (doc.get(source[0]) or {}).get(source[1])


@getter("InventoryItem.inventoryLevels", "Location.inventoryLevels")
def _levels(session: Session, doc: Doc, args: Args, field: str) -> ListSource:
    if doc["__typename"] == "Location":
        scan = session.store.scan(session.shop, "InventoryLevel")
        levels = [level for level in scan if (level.get("location") or {}).get("id") == doc["id"]]
    else:
        levels = [level for level in doc.get("inventoryLevels") or []]
    if not args.get("includeInactive"):
        levels = [level for level in levels if level.get("isActive", True)]
    return ListSource(levels)


@getter("InventoryItem.inventoryLevel", "Location.inventoryLevel")
def _level(session: Session, doc: Doc, args: Args, field: str) -> Doc | None:
    side, wanted = ("location", "locationId") if "locationId" in args else ("item", "inventoryItemId")
    levels = _levels(session, doc, args, field).nodes
    return next((level for level in levels if (level.get(side) or {}).get("id") == args[wanted]), None)


@getter("InventoryLevel.quantities")
def _quantities(session: Session, doc: Doc, args: Args, field: str) -> list[Doc]:
    known = {quantity["name"]: quantity for quantity in doc.get("quantities") or []}
    names: list[str] = args["names"]
    empty: Doc = {"__typename": "InventoryQuantity", "quantity": 0, "updatedAt": None}
    return [known.get(name) or {**empty, "name": name, "id": f"{doc['id']}#{name}"} for name in names]


@getter("CodeDiscountNode.codeDiscount", "DiscountCodeNode.codeDiscount", "DiscountAutomaticNode.automaticDiscount")
def _discount(session: Session, doc: Doc, args: Args, field: str) -> Any:
    return doc.get(field) or doc.get("discount")


@getter("ShopifyPaymentsAccount.payouts", "ShopifyPaymentsAccount.disputes",
        "ShopifyPaymentsAccount.balanceTransactions")  # fmt: skip
def _of_account(session: Session, doc: Doc, args: Args, field: str) -> StoreSource:
    kinds = {"payouts": "Payout", "disputes": "Dispute", "balanceTransactions": "BalanceTransaction"}
    wanted, hides = args.get("transactionType"), bool(args.get("hideTransfers"))
    return StoreSource(
        session.store,
        session.shop,
        (f"ShopifyPayments{kinds[field]}",),
        only=lambda doc: (
            not (hides and doc["type"] == "TRANSFER") and (wanted is None or doc["transactionType"] == wanted)
        ),
    )


@getter("Order.disputes")
def _disputes(session: Session, doc: Doc, args: Args, field: str) -> list[Doc]:
    return [
        {
            "__typename": "OrderDisputeSummary",
            "id": dispute["id"].replace("ShopifyPaymentsDispute", "OrderDisputeSummary"),
            "initiatedAs": dispute["type"],
            "status": dispute["status"],
        }
        for dispute in session.store.scan(session.shop, "ShopifyPaymentsDispute", owner=doc["id"])
    ]


@getter("PriceList.prices")
def _prices(session: Session, doc: Doc, args: Args, field: str) -> ListSource:
    wanted = args.get("originType")
    prices = [price for price in doc["prices"] if wanted in (None, price["originType"])]
    return ListSource(prices)
