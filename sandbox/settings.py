"""What can be set about the sandbox: at start on the command line, later through `/__meta/settings`."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

# Restore rate in points a second; the bucket is twenty times as large.
PLANS = {"standard": 100, "advanced": 200, "plus": 1_000, "enterprise": 2_000}
BUCKET_FACTOR = 20

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"  # noqa: S105 - a public dummy, good for the sandbox only
ALL_SCOPES = frozenset(
    [
        "read_all_orders",
        "read_orders",
        "write_orders",
        "read_customers",
        "write_customers",
        "read_products",
        "write_products",
        "read_inventory",
        "write_inventory",
        "read_locations",
        "write_locations",
        "read_returns",
        "read_fulfillments",
        "read_publications",
        "read_assigned_fulfillment_orders",
        "read_merchant_managed_fulfillment_orders",
        "read_third_party_fulfillment_orders",
        "read_discounts",
        "write_discounts",
        "read_gift_cards",
        "read_draft_orders",
        "read_payment_terms",
        "write_draft_orders",
        "read_companies",
        "write_companies",
        "read_customer_merge",
        "read_gift_card_transactions",
        "read_product_listings",
        "read_markets",
        "read_price_rules",
        "read_reports",
        "read_shopify_payments",
        "read_shopify_payments_accounts",
        "read_shopify_payments_payouts",
        "read_shopify_payments_disputes",
        "read_content",
        "read_shipping",
        "read_translations",
    ]
)


@dataclass(frozen=True)
class Settings:
    """The sandbox's knobs. Times in seconds unless the name says otherwise."""

    plan: str = "standard"
    latency_ms: float = 0
    bulk_seconds: float = 0.1
    cancel_seconds: float = 0.2
    token_seconds: int = 86_399
    scopes: frozenset[str] = ALL_SCOPES
    gzip_results: bool = False
    result_seconds: int = 604_800
    # Requests at a time to the ERP's account; an account of the lowest tier has 15, a developer's 5.
    netsuite_concurrency: int = 5
    # The world's clock jumps with `advance` only. Read at start and when the world starts over.
    frozen_clock: bool = False

    def changed(self, values: dict[str, Any]) -> Settings:
        """Return the settings with some of them changed; raises ValueError for an unknown name or plan."""
        known = {field.name for field in fields(self)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}; there are {', '.join(sorted(known))}")
        if values.get("plan", self.plan) not in PLANS:
            raise ValueError(f"no such plan: {values['plan']}; there are {', '.join(PLANS)}")
        if "scopes" in values:
            scopes = values["scopes"]
            values = {
                **values,
                "scopes": frozenset(scopes.replace(",", " ").split() if isinstance(scopes, str) else scopes),
            }
        return replace(self, **values)

    @property
    def restore_rate(self) -> int:
        """Return the points that a bucket regains each second."""
        return PLANS[self.plan]

    @property
    def bucket_size(self) -> int:
        """Return the points that a full bucket holds."""
        return BUCKET_FACTOR * PLANS[self.plan]
