import asyncio
from typing import Any

import pytest

from pipelines.failures import AccessDenied, AuthenticationFailed, VersionMismatch
from pipelines.shopify.bulk_query import load_entity_queries
from pipelines.shopify.shop_checks import ShopAccess, check_shop, needed_scopes
from tests.pipelines.shopify.admin import Script, connected
from tests.pipelines.shopify.loopback import Response

QUERIES = load_entity_queries()


def check(scopes: list[str], needed: Any, version: str = "2026-10", served: str = "2026-10") -> ShopAccess:
    versions = [
        {"handle": "2026-04", "supported": True},
        {"handle": "2026-10", "supported": True},
        {"handle": "2027-01", "supported": False},
    ]
    body = {
        "data": {
            "currentAppInstallation": {"accessScopes": [{"handle": scope} for scope in scopes]},
            "publicApiVersions": versions,
        }
    }
    answer = Response(body, headers={"x-shopify-api-version": served})

    async def run() -> ShopAccess:
        async with connected(Script([answer]), settings={"api_version": version}) as client:
            return await check_shop(client, needed)

    return asyncio.run(run())


def test_a_shop_with_everything_is_passed_with_what_it_grants() -> None:
    access = check(["read_orders", "read_all_orders"], needed_scopes([QUERIES["orders"]]))
    assert access == ShopAccess(frozenset({"read_orders", "read_all_orders"}), ("2026-04", "2026-10"))


def test_write_access_includes_read_access() -> None:
    check(["write_customers"], needed_scopes([QUERIES["customers"]]))


def test_one_of_several_alternatives_is_enough() -> None:
    check(["read_third_party_fulfillment_orders"], needed_scopes([QUERIES["fulfillment_orders"]]))


def test_missing_scopes_are_all_named() -> None:
    needed = needed_scopes([QUERIES["returns"], QUERIES["locations"]])
    with pytest.raises(AccessDenied) as caught:
        check(["read_all_orders"], needed)
    assert "shop us lacks the access scopes read_locations or read_inventory, read_orders, read_returns;" in str(
        caught.value
    )


def test_the_silent_sixty_day_limit_is_refused() -> None:
    with pytest.raises(AccessDenied, match="would leave out all orders older than 60 days without an error"):
        check(["read_orders"], needed_scopes([QUERIES["orders"]]))


def test_scopes_can_be_asked_for_by_name() -> None:
    with pytest.raises(AccessDenied, match="lacks the access scopes write_customers"):
        check(["read_customers"], ["write_customers"])


@pytest.mark.parametrize("version", ["2025-10", "2027-01"])
def test_a_version_that_shopify_does_not_support_is_refused_with_those_it_does(version: str) -> None:
    with pytest.raises(VersionMismatch, match=rf"version {version} of shop us; set .* to one of 2026-04, 2026-10"):
        check([], [], version=version, served="2026-04")


def test_a_wrong_token_is_found_at_start_up() -> None:
    async def run() -> None:
        async with connected(Script([Response({"errors": "[API] Invalid API key"}, status=401)])) as client:
            await check_shop(client, [])

    with pytest.raises(AuthenticationFailed, match="refused the access token"):
        asyncio.run(run())


def test_the_scopes_of_an_entity_follow_from_its_query() -> None:
    assert needed_scopes([QUERIES["shop"]]) == frozenset()
    assert ("read_returns",) in needed_scopes([QUERIES["returns"]])
    assert needed_scopes([QUERIES["companies"]]) == {("read_customers", "read_companies"), ("read_products",)}
