"""What a field of a bulk result holds, by its name: JSON text with places for what differs between rows.

This is not Shopify: no field is more than its name says. Values are such that no program finds fault with them.
"""

LINES_PER_ORDER = 3
# How many nodes a connection has (they become lines of their own) and how many elements a list (it stays in its line).
CHILDREN = {"lineItems": LINES_PER_ORDER, "agreements": 1, "sales": 3, "metafields": 2}
LISTS = {"transactions": 1, "fulfillments": 1, "trackingInfo": 1, "taxLines": 1, "addresses": 1}
EMPTY_LISTS = ("fees", "disputes", "additionalFees", "duties", "suggestedAddresses", "customAttributes")
# Lists that one in so many rows has an element of.
SOME = {"refunds": 20, "discountAllocations": 5}
NO_OBJECT = ("parentTransaction", "retailLocation", "lineItemGroup", "cancellation", "return")

# The type of an object, where it is not the name of its field in capitals; of interfaces and unions, one for all rows.
TYPES = {
    "orders": "Order",
    "lineItems": "LineItem",
    "agreements": "OrderAgreement",
    "sales": "ProductSale",
    "metafields": "Metafield",
    "discountApplication": "DiscountCodeApplication",
    "discountApplications": "DiscountCodeApplication",
    "value": "PricingPercentageValue",
    "paymentDetails": "CardPaymentDetails",
    "purchasingEntity": "Customer",
    "transactions": "OrderTransaction",
    "refunds": "Refund",
    "fulfillments": "Fulfillment",
    "variant": "ProductVariant",
}
# Which number stands in the global id of a type, if not the row's own, and types whose ids carry another name.
ID_PLACES = {"Customer": "customer", "Product": "variant", "ProductVariant": "variant"}
ID_TYPES = {"OrderAgreement": "SalesAgreement", "ProductSale": "Sale"}

_SHARED = {
    "null": "cancelReason cancelledAt closedAt deactivatedAt deliveredAt errorCode inTransitAt note poNumber staffNote",
    "true": "confirmed taxable requiresShipping fulfillsOnlineOrders isActive closed fullyPaid",
    "false": "activatable addressVerified billingAddressMatchesShippingAddress canMarkAsPaid canNotifyCustomer "
    "capturable channelLiable coordinatesValidated custom customerAcceptsMarketing deactivatable deletable "
    "dutiesIncluded edited estimatedTaxes fulfillable hasActiveInventory hasTimelineComment hasUnfulfilledOrders "
    "inventoryManagement isFulfillmentService isGiftCard isRemoved manuallyCapturable permitsSkuSharing primary "
    "refundable restockable shipsInventory taxExempt taxesIncluded test trackingSupport unpaid verifiedEmail",
    "[]": "discountCodes taxExemptions",
    '"US"': "countryCode countryCodeV2 countryCodeOfOrigin",
    '"USD"': "currencyCode presentmentCurrencyCode",
    '"SUCCESS"': "status",
    '"ORDER"': "actionType reason",
    "0": "index",
    "1": "count",
    "3": "currentSubtotalLineItemsQuantity subtotalLineItemsQuantity totalQuantity",
    "1200": "currentTotalWeight totalWeight",
    "%(quantity)d": "quantity currentQuantity",
    "%(n)d": "number",
}
LEAVES = {name: text for text, names in _SHARED.items() for name in names.split()} | {
    "allocationMethod": '"ACROSS"',
    "amount": '"%(amount)s"',
    "company": '"UPS"',
    "displayFinancialStatus": '"PAID"',
    "displayFulfillmentStatus": '"FULFILLED"',
    "displayStatus": '"DELIVERED"',
    "email": '"customer%(customer)d@example.com"',
    "expirationMonth": "4",
    "expirationYear": "2029",
    "kind": '"SALE"',
    "latitude": "40.7",
    "lineType": '"PRODUCT"',
    "longitude": "-74.0",
    "paymentGatewayNames": '["shopify_payments"]',
    "percentage": "10.0",
    "provinceCode": '"NY"',
    "rate": "0.08",
    "ratePercentage": "8.0",
    "returnStatus": '"NO_RETURN"',
    "sku": '"SKU-%(variant)05d"',
    "sourceName": '"web"',
    "tags": '["web","tag-%(tag)d"]',
    "targetSelection": '"ALL"',
    "targetType": '"LINE_ITEM"',
    "updatedAt": '"%(updated)s"',
    "url": r'"https:\/\/example.com\/track\/%(n)d"',
    "zip": '"1%(tag)04d"',
    "Order.name": '"#%(n)d"',
    "TrackingInfo.number": '"1Z%(n)09d"',
}


def leaf(name: str, type_name: str) -> str:
    """JSON text of a field of a type; a field that nobody has words for says its name."""
    if name == "__typename":
        return f'"{type_name}"'
    if name == "id":
        return rf'"gid:\/\/shopify\/{ID_TYPES.get(type_name, type_name)}\/%({ID_PLACES.get(type_name, "id")})d"'
    for known in (f"{type_name}.{name}", name):
        if known in LEAVES:
            return LEAVES[known]
    return '"%(created)s"' if name.endswith("At") else f'"{name} of %(tag)d"'
