"""The door: what keeps the contract goes through, everything else is named and kept."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.failures import IncompleteExtraction
from tests.pipelines.shopify.exports import (
    good_orders,
    letters,
    line_item,
    money,
    order,
    read,
    settings_in,
    through_the_door,
    transaction,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def adds_up(admitted: Admitted, settings: Settings) -> None:
    """Every line and every row is accounted for, and the files hold what the counts say."""
    mains = sum(admitted.tables[name].accepted for name in ("orders", "order_lines"))
    assert admitted.lines == mains + admitted.rejected_lines + admitted.duplicate_lines + admitted.parent_lines
    for name, count in admitted.tables.items():
        stored = len(read(admitted.files[name])) if name in admitted.files else 0
        assert count.arrived == stored + count.rejected, name


def test_good_lines_become_typed_rows_in_one_strict_pass(settings: Settings) -> None:
    admitted = through_the_door(settings, good_orders())
    assert admitted.dead_letters is None
    assert {name: count.arrived for name, count in admitted.tables.items()} == {
        "orders": 3,
        "order_transactions": 3,
        "refunds": 0,
        "fulfillments": 0,
        "order_lines": 6,
        "order_line_discounts": 0,
        "order_line_taxes": 6,
    }
    adds_up(admitted, settings)
    first = min(read(admitted.files["orders"]), key=lambda row: row["order_id"])
    assert (first["order_id"], first["customer_id"], first["tags"], first["discount_codes"]) == (1, 7, "vip,web", "")
    assert str(first["total_amount"]) == "20.0000"
    assert first["created_at"].isoformat() == "2026-02-01T10:00:00+00:00"
    assert (first["shop"], first["_window_id"], first["deleted_at"]) == ("us", "w1", None)
    tax = read(admitted.files["order_line_taxes"])[0]
    assert (tax["position"], str(tax["rate"]), str(tax["tax_amount"])) == (1, "0.080000", "1.6000")


@pytest.mark.parametrize("tolerant", [False, True])
def test_both_passes_read_the_same_rows(settings: Settings, tolerant: bool) -> None:
    lines = good_orders()
    lines[0] = order(
        1,
        transactions=[transaction(1), transaction(2)],
        refunds=[
            {
                "id": "gid://shopify/Refund/5",
                "createdAt": None,
                "processedAt": "2026-02-03T00:00:00+01:00",
                "updatedAt": "2026-02-03T00:00:00Z",
                "totalRefundedSet": money("5.0"),
            }
        ],
        purchasingEntity={"__typename": "PurchasingCompany", "company": {"id": "gid://shopify/Company/8"}},
        tags=None,
    )
    admitted = through_the_door(settings, [*lines, *(["not json"] if tolerant else [])])
    assert (admitted.dead_letters is not None) == tolerant
    first = min(read(admitted.files["orders"]), key=lambda row: row["order_id"])
    assert (first["company_id"], first["company_location_id"], first["tags"]) == (8, None, None)
    refund = read(admitted.files["refunds"])[0]
    assert refund["processed_at"].isoformat() == "2026-02-02T23:00:00+00:00"
    assert refund["order_created_at"].isoformat() == "2026-02-01T10:00:00+00:00"
    assert sorted(row["transaction_id"] for row in read(admitted.files["order_transactions"])) == [1, 2, 20, 30]
    adds_up(admitted, settings)


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        ("not json", (None, None, "not_json", "the line is not a JSON object")),
        ('["a", "list"]', (None, None, "not_json", "the line is not a JSON object")),
        (
            {"id": "gid://shopify/Order/9"},
            (None, "gid://shopify/Order/9", "typename_required", "__typename is missing"),
        ),
        (order(9, id=None), ("orders", None, "order_id_required", "order_id is missing")),
        (order(9, currencyCode="usd"), ("orders", "9", "currency_pattern", "currency usd does not match ^[A-Z]{3}$")),
        (
            order(9, createdAt="yesterday"),
            ("orders", "9", "created_at_type", "created_at yesterday is not a timestamptz"),
        ),
        (order(9, number=1.5), ("orders", "9", "order_number_type", "order_number 1.5 is not a bigint")),
        (order(9, test="maybe"), ("orders", "9", "is_test_type", "is_test maybe is not a boolean")),
        (
            order(9, totalRefundedSet=money("-1.0")),
            ("orders", "9", "refunded_not_negative", "Money refunded is never negative"),
        ),
        (
            order(9, updatedAt="2026-01-01T00:00:00Z"),
            ("orders", "9", "updated_after_created", "An order is never updated before it was created"),
        ),
        (
            order(9, customer={"id": "gid://shopify/Customer/abc"}),
            ("orders", "9", "customer_id_type", "customer_id gid://shopify/Customer/abc is not a global id"),
        ),
        (
            order(9, shippingAddress="New York"),
            ("orders", "gid://shopify/Order/9", "shape", "shippingAddress is not an object"),
        ),
        (
            order(9, transactions=[{**transaction(1), "amountSet": 5}]),
            ("orders", "gid://shopify/Order/9", "shape", "transactions.amountSet is not an object"),
        ),
        (
            order(9, transactions=[transaction(90, kind="BARTER")]),
            (
                "order_transactions",
                "90",
                "kind_allowed",
                "kind BARTER is not one of AUTHORIZATION, CAPTURE, CHANGE, EMV_AUTHORIZATION, REFUND, SALE, "
                "SUGGESTED_REFUND, VOID",
            ),
        ),
        (line_item(91, 1, quantity=-1, currentQuantity=-1), ("order_lines", "91", "quantity_minimum, current", "")),
    ],
)
def test_a_bad_line_goes_to_the_dead_letters_and_the_rest_flows_on(
    settings: Settings, bad: Any, expected: tuple[Any, ...]
) -> None:
    admitted = through_the_door(settings, [*good_orders(), bad, line_item(33, 3)])
    (found,) = letters(admitted)
    if expected[3]:
        assert found == expected
    else:
        assert found[:2] == expected[:2]
        assert found[2].startswith(expected[2])
    assert admitted.tables["order_lines"].accepted == 7
    adds_up(admitted, settings)


def test_a_dead_letter_keeps_the_exact_line_and_its_number(settings: Settings) -> None:
    bad = '{"__typename":"Order",  "id":"gid:\\/\\/shopify\\/Order\\/9", "name": "Ünïcode"}'
    admitted = through_the_door(settings, [*good_orders(), bad])
    assert admitted.dead_letters is not None
    (letter,) = read(admitted.dead_letters)
    assert (letter["payload"], letter["line_number"]) == (bad, 10)
    assert (letter["state"], letter["attempts"], letter["run_id"], letter["window_id"]) == ("open", 1, "run-1", "w1")


def test_all_broken_rules_of_a_row_are_named(settings: Settings) -> None:
    admitted = through_the_door(settings, [order(1, currencyCode="x", displayFinancialStatus="GONE", name=None)])
    ((_, _, rule, message),) = letters(admitted)
    assert rule == "name_required, currency_pattern, financial_status_allowed"
    assert message.startswith("name is missing; currency x does not match ^[A-Z]{3}$; financial_status GONE is not one")


def test_children_fall_with_their_parent(settings: Settings) -> None:
    lines = good_orders()
    lines[1] = order(2, currencyCode="usd")
    admitted = through_the_door(settings, [*lines, line_item(99, 77)])
    assert [row[:3] for row in letters(admitted)] == [
        ("order_lines", "21", "parent_rejected"),
        ("order_lines", "22", "parent_rejected"),
        ("order_lines", "99", "parent_missing"),
        ("orders", "2", "currency_pattern"),
    ]
    assert admitted.tables["order_transactions"].rejected == 1
    assert admitted.tables["order_line_taxes"].rejected == 3
    adds_up(admitted, settings)


def test_an_unknown_type_is_not_dropped_silently(settings: Settings) -> None:
    admitted = through_the_door(settings, [*good_orders(), {"__typename": "Wombat", "id": "gid://shopify/Wombat/1"}])
    ((table, key, rule, message),) = letters(admitted)
    assert (table, key, rule) == (None, "gid://shopify/Wombat/1", "unknown_type")
    assert message == "no table is read from lines of this type, only from Order, LineItem"


def test_bytes_that_are_no_text_are_rejected_and_stay_readable(settings: Settings, tmp_path: Path) -> None:
    lines = good_orders()
    admitted = through_the_door(settings, [*lines, '{"__typename":"Order","name":"MARK"}'])
    path = settings.data_dir / "export.jsonl"
    path.write_bytes(path.read_bytes().replace(b"MARK", b"\xff\xfe"))
    admitted = _again(settings, path, len(lines) + 1)
    assert admitted.dead_letters is not None
    (letter,) = read(admitted.dead_letters)
    assert (letter["rule"], letter["payload"]) == ("not_json", '{"__typename":"Order","name":"\\xff\\xfe"}')


def _again(settings: Settings, path: Path, lines: int) -> Admitted:
    from pipelines.door.admission import admit
    from pipelines.shopify.contract import shopify_contract
    from tests.pipelines.shopify.exports import arrival

    return admit(settings, shopify_contract(settings), arrival(), path, settings.data_dir / "rows", lines=lines)


@pytest.mark.parametrize("tolerant", [False, True])
def test_the_latest_of_rows_that_repeat_a_key_stays(settings: Settings, tolerant: bool) -> None:
    newer = order(1, updatedAt="2026-02-09T00:00:00Z", note="newer", transactions=[transaction(10), transaction(11)])
    lines = [*good_orders(), newer, line_item(11, 1), *(["not json"] if tolerant else [])]
    admitted = through_the_door(settings, lines)
    assert (admitted.tables["orders"].arrived, admitted.tables["orders"].duplicate) == (3, 1)
    assert (admitted.tables["order_lines"].arrived, admitted.tables["order_lines"].duplicate) == (6, 1)
    first = min(read(admitted.files["orders"]), key=lambda row: row["order_id"])
    assert first["note"] == "newer"
    assert sorted(row["transaction_id"] for row in read(admitted.files["order_transactions"])) == [10, 11, 20, 30]
    adds_up(admitted, settings)


@pytest.mark.parametrize("bad", [[], ["not json"]])
def test_a_compressed_export_is_read_as_downloaded(settings: Settings, bad: list[str]) -> None:
    admitted = through_the_door(settings, [*good_orders(), *bad], compressed=True)
    assert admitted.tables["orders"].accepted == 3
    assert admitted.rejected_lines == len(bad)


def test_blank_lines_are_no_rows(settings: Settings) -> None:
    admitted = through_the_door(settings, [*good_orders(), "", order(4)], announced=10)
    assert (admitted.tables["orders"].accepted, admitted.dead_letters) == (4, None)


def test_an_export_with_fewer_lines_than_announced_is_refused(settings: Settings) -> None:
    with pytest.raises(
        IncompleteExtraction, match=r"orders of shop us .* has 9 lines instead of 10; nothing was loaded"
    ):
        through_the_door(settings, good_orders(), announced=10)


def test_an_export_that_ends_within_a_line_is_refused(settings: Settings) -> None:
    with pytest.raises(IncompleteExtraction, match=r"ends in the middle of line 10; nothing was loaded"):
        through_the_door(settings, [*good_orders(), '{"__typename":"Order","id":"gid:'], end="")
