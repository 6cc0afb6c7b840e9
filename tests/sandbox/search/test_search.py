"""The search syntax, without a server."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.search.compile import compile_search

NEW_YORK = ZoneInfo("America/New_York")
ORDER: dict[str, Any] = {
    "id": "gid://shopify/Order/42", "name": "#1042", "email": "ada@example.com", "createdAt": "2026-09-30T23:30:00Z",
    "updatedAt": "2026-10-01T03:59:59Z", "processedAt": "2026-09-30T23:30:00Z", "test": False, "tags": ["vip",
    "Early Bird"],
    "displayFinancialStatus": "PARTIALLY_REFUNDED", "closedAt": None, "cancelledAt": None,
}  # fmt: skip


def matches(query: str) -> bool:
    search = compile_search("Order", query, NEW_YORK)
    return search.matches is None or search.matches(ORDER)


@pytest.mark.parametrize(
    "query",
    [
        "", "id:42", "id:>=42", "id:gid://shopify/Order/42", "tag:vip", "tag:'early bird'", "-tag:gold",
        "NOT tag:gold", "test:false",
        "financial_status:partially_refunded", "financial_status:paid OR financial_status:partially_refunded",
        "financial_status:paid,partially_refunded", "status:open", "email:ada*", "name:#1042", "ada", "tag:*",
        "updated_at:>='2026-10-01T00:00:00Z' updated_at:<'2026-10-02T00:00:00Z'",
        "(tag:gold OR tag:vip) AND test:false",
        "id:7 OR tag:vip test:false", "updated_at:'2026-10-01T03:59:59Z'", 'updated_at:"2026-10-01T03:59:59Z"',
    ],
)  # fmt: skip
def test_a_search_that_matches(query: str) -> None:
    assert matches(query)


@pytest.mark.parametrize(
    "query",
    [
        "id:<42", "tag:gold", "-tag:vip", "test:true", "financial_status:paid", "status:cancelled", "email:grace*",
        "updated_at:>'2026-10-01T03:59:59Z'", "(tag:gold OR tag:silver) test:false", "tag:vip test:true", "nobody",
    ],
)  # fmt: skip
def test_a_search_that_does_not_match(query: str) -> None:
    assert not matches(query)


def test_a_bare_date_is_a_business_day_of_the_shop() -> None:
    # 03:59:59 UTC on October 1st is still September 30th in New York.
    assert matches("updated_at:2026-09-30")
    assert not matches("updated_at:2026-10-01")
    assert not matches("updated_at:>=2026-10-01")
    assert matches("updated_at:<=2026-09-30")


def test_an_unknown_field_is_ignored_with_a_warning_so_that_everything_matches() -> None:
    search = compile_search("Order", "colour:red", NEW_YORK)
    assert search.matches is None
    assert search.warnings[0]["field"] == "colour"
    assert search.warnings[0]["code"] == "invalid_field"


def test_an_unknown_field_does_not_hide_the_known_one_beside_it() -> None:
    search = compile_search("Order", "colour:red tag:gold", NEW_YORK)
    assert search.matches is not None
    assert not search.matches(ORDER)


def test_a_value_that_is_not_accepted_matches_nothing_and_warns() -> None:
    search = compile_search("BulkOperation", "status:expired", NEW_YORK)
    assert search.matches is not None
    assert not search.matches({"status": "EXPIRED"})
    assert search.warnings[0]["code"] == "invalid_value"


def test_ranges_reach_the_store_as_bounds() -> None:
    query = "updated_at:>='2026-10-01T00:00:00Z' updated_at:<'2026-10-02T00:00:00+02:00' test:false"
    assert compile_search("Order", query, NEW_YORK).bounds == {
        "updated_from": "2026-10-01T00:00:00Z",
        "updated_to": "2026-10-01T22:00:00Z",
    }


def test_a_range_inside_a_choice_is_no_bound() -> None:
    assert compile_search("Order", "updated_at:>'2026-10-01' OR tag:vip", NEW_YORK).bounds == {}
