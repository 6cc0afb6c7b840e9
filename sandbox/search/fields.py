"""The search fields of each connection, as far as the sandbox knows them; any other field earns a warning."""

from __future__ import annotations

from typing import Any

from sandbox.search.filters import Field, Getter


def _of(*path: str) -> Getter:
    def get(doc: dict[str, Any]) -> Any:
        value: Any = doc
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        return value

    return get


def _order_status(doc: dict[str, Any]) -> list[str]:
    if doc.get("cancelledAt"):
        return ["cancelled"]
    return ["closed", "not_open"] if doc.get("closedAt") else ["open", "not_closed"]


def _discount(name: str) -> Getter:
    return lambda doc: (doc.get("discount") or {}).get(name)


def _codes(doc: dict[str, Any]) -> list[str]:
    return [code.get("code", "") for code in (doc.get("discount") or {}).get("codes") or []]


def _method(doc: dict[str, Any]) -> str:
    return "automatic" if "Automatic" in (doc.get("discount") or {}).get("__typename", "") else "code"


def _choice(get: Getter, *values: str) -> Field:
    return Field("choice", get, frozenset(values))


_TIMES = {"created_at": Field("time", _of("createdAt")), "updated_at": Field("time", _of("updatedAt"))}
_ID = {"id": Field("id", _of("id"))}
_TAGS = {"tag": Field("text", _of("tags"))}

_FINANCIAL = [
    "any",
    "paid",
    "pending",
    "authorized",
    "partially_paid",
    "partially_refunded",
    "refunded",
    "voided",
    "expired",
    "unpaid",
]
_FULFILLMENT = [
    "fulfilled",
    "unfulfilled",
    "partial",
    "shipped",
    "unshipped",
    "restocked",
    "scheduled",
    "on_hold",
    "in_progress",
    "any",
]

FIELDS: dict[str, dict[str, Field]] = {
    "Order": _ID
    | _TIMES
    | _TAGS
    | {
        "processed_at": Field("time", _of("processedAt")),
        "name": Field("text", _of("name")),
        "email": Field("text", _of("email")),
        "test": Field("boolean", _of("test")),
        "status": _choice(_order_status, "open", "closed", "cancelled", "not_closed", "any"),
        "financial_status": _choice(_of("displayFinancialStatus"), *_FINANCIAL),
        "fulfillment_status": _choice(_of("displayFulfillmentStatus"), *_FULFILLMENT),
        "return_status": _choice(_of("returnStatus")),
        "source_name": Field("text", _of("sourceName")),
        "discount_code": Field("text", _of("discountCodes")),
        "sku": Field("text", lambda doc: [line.get("sku") or "" for line in doc.get("lineItems") or []]),
        "customer_id": Field("id", _of("customer", "id")),
        "confirmation_number": Field("text", _of("confirmationNumber")),
        "po_number": Field("text", _of("poNumber")),
        "gateway": Field("text", _of("paymentGatewayNames")),
        "tag_not": Field("without", _of("tags")),
    },
    "Customer": _ID
    | _TAGS
    | {
        "tag_not": Field("without", _of("tags")),
        "updated_at": _TIMES["updated_at"],
        "customer_date": Field("time", _of("createdAt")),
        "email": Field("text", _of("defaultEmailAddress", "emailAddress")),
        "phone": Field("text", _of("defaultPhoneNumber", "phoneNumber")),
        "first_name": Field("text", _of("firstName")),
        "last_name": Field("text", _of("lastName")),
        "state": _choice(_of("state"), "enabled", "disabled", "invited", "declined"),
        "orders_count": Field("number", _of("numberOfOrders")),
        "total_spent": Field("number", _of("amountSpent", "amount")),
        "country": Field("text", lambda doc: [a.get("country") or "" for a in doc.get("addressesV2") or []]),
        "accepts_marketing": Field(
            "boolean", lambda doc: _of("defaultEmailAddress", "marketingState")(doc) == "SUBSCRIBED"
        ),
    },
    "Product": _ID
    | _TIMES
    | _TAGS
    | {
        "title": Field("text", _of("title")),
        "handle": Field("text", _of("handle")),
        "status": _choice(_of("status"), "active", "archived", "draft", "unlisted"),
        "vendor": Field("text", _of("vendor")),
        "product_type": Field("text", _of("productType")),
        "gift_card": Field("boolean", _of("isGiftCard")),
    },
    "ProductVariant": _ID
    | {
        "updated_at": _TIMES["updated_at"],
        "sku": Field("text", _of("sku")),
        "barcode": Field("text", _of("barcode")),
        "title": Field("text", _of("title")),
        "product_id": Field("id", _of("product", "id")),
    },
    "InventoryItem": _ID | _TIMES | {"sku": Field("text", _of("sku"))},
    "InventoryLevel": _ID | _TIMES | {"inventory_item_id": Field("id", _of("item", "id"))},
    "Location": _ID
    | {
        "name": Field("text", _of("name")),
        "active": Field("boolean", _of("isActive")),
        "location_id": Field("id", _of("id")),
        "created_at": _TIMES["created_at"],
    },
    "FulfillmentOrder": _ID
    | {
        "updated_at": _TIMES["updated_at"],
        "status": _choice(_of("status")),
        "assigned_location_id": Field("id", _of("assignedLocation", "location", "id")),
    },
    "Return": _ID | _TIMES | {"name": Field("text", _of("name")), "status": _choice(_of("status"))},
    "Fulfillment": {"status": _choice(_of("status"))},
    "Collection": _ID
    | {
        "updated_at": _TIMES["updated_at"],
        "title": Field("text", _of("title")),
        "handle": Field("text", _of("handle")),
        "collection_type": _choice(lambda doc: "smart" if doc.get("ruleSet") else "custom", "smart", "custom"),
    },
    "DiscountNode": _ID
    | {
        "created_at": Field("time", _discount("createdAt")),
        "updated_at": Field("time", _discount("updatedAt")),
        "starts_at": Field("time", _discount("startsAt")),
        "ends_at": Field("time", _discount("endsAt")),
        "title": Field("text", _discount("title")),
        "status": _choice(_discount("status"), "active", "expired", "scheduled"),
        "method": _choice(_method, "automatic", "code"),
        "code": Field("text", _codes),
    },
    "GiftCard": _ID
    | {
        "created_at": _TIMES["created_at"],
        "balance_status": _choice(
            lambda doc: "empty" if float(_of("balance", "amount")(doc) or 0) == 0 else "full_or_partial"
        ),
        "status": _choice(lambda doc: "enabled" if doc.get("enabled") else "disabled", "enabled", "disabled"),
        "last_characters": Field("text", _of("lastCharacters")),
    },
    "DraftOrder": _ID
    | _TIMES
    | _TAGS
    | {
        "status": _choice(_of("status"), "open", "invoice_sent", "completed"),
        "customer_id": Field("id", _of("customer", "id")),
    },
    "AbandonedCheckout": _ID | _TIMES | {"status": _choice(lambda doc: "closed" if doc.get("completedAt") else "open")},
    "Company": _ID | _TIMES | {"name": Field("text", _of("name")), "external_id": Field("text", _of("externalId"))},
    "CompanyLocation": _ID
    | _TIMES
    | {
        "name": Field("text", _of("name")),
        "company_id": Field("id", _of("company", "id")),
        "external_id": Field("text", _of("externalId")),
    },
    "CompanyContact": _ID | _TIMES | {"company_id": Field("id", _of("company", "id"))},
    "Catalog": _ID | {"title": Field("text", _of("title")), "status": _choice(_of("status"))},
    "Segment": _ID | {"name": Field("text", _of("name"))},
    "Event": _ID
    | {
        "created_at": _TIMES["created_at"],
        "action": _choice(_of("action")),
        "subject_type": _choice(_of("subjectType")),
        "subject_id": Field("id", _of("subjectId")),
    },
    "MetafieldDefinition": {
        "key": Field("text", _of("key")),
        "namespace": Field("text", _of("namespace")),
        "type": Field("text", _of("type", "name")),
        "owner_type": _choice(_of("ownerType")),
        "id": Field("id", _of("id")),
        "created_at": _TIMES["created_at"],
        "updated_at": _TIMES["updated_at"],
    },
    "BulkOperation": _ID
    | {
        "created_at": _TIMES["created_at"],
        "operation_type": _choice(_of("type"), "query", "mutation"),
        "status": _choice(_of("status"), "canceled", "canceling", "completed", "created", "failed", "running"),
    },
    "WebhookSubscription": _ID | _TIMES | {"topic": _choice(_of("topic"))},
    "ShopifyPaymentsPayout": _ID
    | {
        "issued_at": Field("time", _of("issuedAt")),
        "status": _choice(_of("status")),
        "amount": Field("number", _of("net", "amount")),
        "currency": Field("text", _of("net", "currencyCode")),
    },
    "ShopifyPaymentsBalanceTransaction": _ID
    | {
        "processed_at": Field("time", _of("transactionDate")),
        "currency": Field("text", _of("amount", "currencyCode")),
        "payments_transfer_id": Field("id", _of("associatedPayout", "id")),
        "payout_status": _choice(_of("associatedPayout", "status")),
        "transaction_type": _choice(_of("type")),
    },
    "ShopifyPaymentsDispute": _ID
    | {"initiated_at": Field("time", _of("initiatedAt")), "status": _choice(_of("status"))},
    "PriceListPrice": {
        "product_id": Field("id", _of("variant", "product", "id")),
        "variant_id": Field("id", _of("variant", "id")),
    },
    "TenderTransaction": _ID
    | {"processed_at": Field("time", _of("processedAt")), "test": Field("boolean", _of("test"))},
}

# Where words without a field name are looked for.
DEFAULT_FIELDS: dict[str, tuple[str, ...]] = {
    "Order": ("name", "email"),
    "Customer": ("email", "first_name", "last_name", "phone"),
    "Product": ("title", "vendor", "product_type"),
    "ProductVariant": ("title", "sku"),
    "InventoryItem": ("sku",),
    "Location": ("name",),
    "Collection": ("title",),
    "DiscountNode": ("title",),
    "GiftCard": ("last_characters",),
    "Company": ("name",),
    "CompanyLocation": ("name",),
    "Segment": ("name",),
    "Catalog": ("title",),
}

_SAME = {
    "CodeDiscountNode": "DiscountNode",
    "DiscountCodeNode": "DiscountNode",
    "DiscountAutomaticNode": "DiscountNode",
}


def fields_of(kind: str) -> dict[str, Field]:
    """Return the search fields of nodes of a type."""
    return FIELDS.get(_SAME.get(kind, kind), _ID)
