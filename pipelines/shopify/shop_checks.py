"""Start-up checks of a shop: what would otherwise fail late, or silently give half the data.

Sources: shopify.dev, "API access scopes" (which fields need which scope; orders older than 60 days need one more) and
"About Shopify API versioning" (an unsupported version is answered by another one, with HTTP 200).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from graphql import FieldNode, SelectionSetNode

from pipelines.failures import AccessDenied, VersionMismatch
from pipelines.shopify.bulk_query import EntityQuery
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.documents import fields_of, operation_of

CHECK = """
query CheckShop {
  currentAppInstallation { accessScopes { handle } }
  publicApiVersions { handle supported }
}
"""

# Alternatives: any one of them is enough.
AnyOf = tuple[str, ...]
OLD_ORDERS = "read_all_orders"
# Fields that need a scope, wherever they are selected. An entity that is not listed is checked by Shopify itself: its
# refusal ends the extraction with the scope it names.
FIELD_SCOPES: dict[str, tuple[AnyOf, ...]] = {
    "abandonedCheckouts": (("read_orders",),),
    "addressesV2": (("read_customers",),),
    "agreements": (("read_orders",),),
    "catalogs": (("read_products",),),
    "collections": (("read_products",),),
    "companies": (("read_customers", "read_companies"),),
    "customers": (("read_customers",),),
    "discountNodes": (("read_discounts",),),
    "disputes": (("read_shopify_payments_disputes",),),
    "draftOrders": (("read_draft_orders",),),
    "fulfillmentOrders": (
        (
            "read_merchant_managed_fulfillment_orders",
            "read_assigned_fulfillment_orders",
            "read_third_party_fulfillment_orders",
        ),
    ),
    "giftCards": (("read_gift_cards",),),
    "inventoryItems": (("read_inventory", "read_products"),),
    "inventoryLevels": (("read_inventory",),),
    "locations": (("read_locations", "read_inventory"),),
    "orders": (("read_orders",), (OLD_ORDERS,)),
    "priceLists": (("read_products",),),
    "products": (("read_products",),),
    "refundLineItems": (("read_orders",),),
    "returns": (("read_returns",),),
    "segments": (("read_customers",),),
    "shopifyPaymentsAccount": (("read_shopify_payments", "read_shopify_payments_accounts"),),
    "tenderTransactions": (("read_orders",),),
}


@dataclass(frozen=True)
class ShopAccess:
    """What the app may do in the shop, which API versions Shopify supports today, and what its clock says (UTC)."""

    scopes: frozenset[str]
    versions: tuple[str, ...]
    served_at: datetime | None = None


def needed_scopes(queries: Iterable[EntityQuery]) -> frozenset[AnyOf]:
    """The scopes that these queries need; each element lists alternatives."""
    needed: set[AnyOf] = set()
    for query in queries:
        operation = operation_of(query.document)
        for field in _all_fields(operation.selection_set if operation else None):
            # `locations` is a root connection, and also a list of a company, which comes with the company's scope.
            if field.name.value != "locations" or field is query.root_field:
                needed.update(FIELD_SCOPES.get(field.name.value, ()))
    return frozenset(needed)


async def check_shop(client: ShopifyClient, needed: Iterable[str | AnyOf]) -> ShopAccess:
    """Check token, API version and scopes of a shop with one cheap request, and return what was found.

    Raises AuthenticationFailed, SourceUnavailable, VersionMismatch when the configured version is not supported, and
    AccessDenied with all missing scopes. A missing read_all_orders is refused too: without it, orders older than 60
    days are absent without any error.
    """
    shop = client.shop
    reply = await client.execute(CHECK, operation="start-up check", any_version=True)
    scopes = frozenset(scope["handle"] for scope in reply.data["currentAppInstallation"]["accessScopes"])
    versions = tuple(sorted(version["handle"] for version in reply.data["publicApiVersions"] if version["supported"]))
    if shop.api_version not in versions:
        raise VersionMismatch(
            f"Shopify does not support API version {shop.api_version} of shop {shop.name}; set "
            f"shops.{shop.name}.api_version to one of {', '.join(versions)}."
        )
    alternatives = [(scope,) if isinstance(scope, str) else scope for scope in needed]
    missing = sorted({" or ".join(any_of) for any_of in alternatives if not _granted(any_of, scopes)})
    if missing == [OLD_ORDERS]:
        raise AccessDenied(
            f"The app of shop {shop.name} lacks the scope {OLD_ORDERS}: Shopify would leave out all orders older than "
            f"60 days without an error; request it for the app, install that version, then run again."
        )
    if missing:
        raise AccessDenied(
            f"The app of shop {shop.name} lacks the access scopes {', '.join(missing)}; grant them in the app's "
            f"configuration, release and install that version, then run again."
        )
    return ShopAccess(scopes, versions, reply.served_at)


def _granted(any_of: AnyOf, scopes: frozenset[str]) -> bool:
    # write_x includes read_x.
    return any(scope in scopes or scope.replace("read_", "write_", 1) in scopes for scope in any_of)


def _all_fields(selections: SelectionSetNode | None) -> Iterable[FieldNode]:
    for field in fields_of(selections):
        yield field
        yield from _all_fields(field.selection_set)
