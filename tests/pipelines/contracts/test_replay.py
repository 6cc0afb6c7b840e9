"""Dead letters after the fix: through the same door, loaded or kept, and never over newer data."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings
from pipelines.contracts import replay as replaying
from pipelines.contracts.dead_letters import count_dead_letters, dismiss, list_dead_letters
from pipelines.contracts.odcs import Contract, read_contract
from pipelines.contracts.replay import StillBroken, replay
from pipelines.failures import ConfigurationError, WarehouseConflict
from pipelines.shopify import contract as shopify
from pipelines.warehouse import conflicts
from tests.pipelines.shopify.exports import NOON, line_item, load_lines, order, rows, settings_in, transaction, write

BARTER = transaction(91, kind="BARTER")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def fixed_contract(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From here on, the contract allows the currency 'usd' and the transaction kind BARTER."""
    path = tmp_path / "shopify.odcs.yaml"
    text = shopify.CONTRACT_FILE.read_text()
    text = text.replace('pattern: "^[A-Z]{3}$"', 'pattern: "^[A-Za-z]{3}$"').replace(
        "[AUTHORIZATION,", "[BARTER, AUTHORIZATION,"
    )
    path.write_text(text)

    def fixed(_: Settings) -> Contract:
        return read_contract(path)

    monkeypatch.setattr(shopify, "shopify_contract", fixed)


def order_ids(settings: Settings) -> list[int]:
    return [row[0] for row in rows(settings, "select order_id from raw_shopify.orders order by 1")]


def test_what_passes_after_the_fix_is_loaded_with_its_children(settings: Settings, fixed_contract: None) -> None:
    load_lines(settings, [order(1), line_item(11, 1), order(9, currencyCode="usd"), line_item(91, 9)])
    assert (order_ids(settings), len(list_dead_letters(settings))) == ([1], 2)
    report = replay(settings, run_id="run-2")
    assert (report.replayed, report.still_open) == (2, 0)
    assert order_ids(settings) == [1, 9]
    assert rows(settings, "select order_line_id from raw_shopify.order_lines order by 1") == [(11,), (91,)]
    assert rows(settings, "select count(*) from raw_shopify.order_transactions where order_id = 9") == [(1,)]
    assert count_dead_letters(settings) == {}
    states = rows(settings, "select distinct state, attempts from ops.dead_letters")
    assert states == [("replayed", 2)]


def test_replayed_rows_are_newer_than_all_that_was_read_before(settings: Settings, fixed_contract: None) -> None:
    load_lines(settings, [order(1), order(9, currencyCode="usd")])
    replay(settings, run_id="run-2")
    (first,), (second,) = rows(settings, "select _extracted_at from raw_shopify.orders order by order_id")
    assert first < second < first + timedelta(seconds=1)


def test_a_replay_whose_transaction_is_undone_counts_its_letters_once(
    settings: Settings, fixed_contract: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_lines(settings, [order(1), order(9, currencyCode="usd")])
    closed, tries = replaying._close, []

    def undone_at_first(*given: Any) -> int:
        open_still = closed(*given)
        tries.append(open_still)
        if len(tries) < 3:
            raise WarehouseConflict("Another transaction changed the table; nothing was written.")
        return open_still

    monkeypatch.setattr(replaying, "_close", undone_at_first)
    monkeypatch.setattr(conflicts, "PAUSE_SECONDS", 0.0)
    report = replay(settings, run_id="run-2")
    assert (report.replayed, report.still_open, len(report.windows), len(tries)) == (1, 0, 1, 3)
    assert order_ids(settings) == [1, 9]


def test_what_fails_again_stays_open_with_one_more_attempt(settings: Settings) -> None:
    load_lines(settings, [order(1), order(9, currencyCode="usd")])
    report = replay(settings, shop="us", run_id="run-2")
    assert (report.replayed, report.still_open) == (0, 1)
    (letter,) = list_dead_letters(settings)
    assert (letter.state, letter.attempts, letter.rule, letter.replayed_at) == ("open", 2, "currency_pattern", None)
    assert order_ids(settings) == [1]


def test_one_letter_brings_back_the_children_that_fell_with_it(settings: Settings, fixed_contract: None) -> None:
    load_lines(settings, [order(8, currencyCode="usd"), order(9, currencyCode="usd"), line_item(91, 9)])
    (letter,) = [one for one in list_dead_letters(settings) if one.row_key == "9"]
    report = replay(settings, ids=[letter.dead_letter_id], run_id="run-2")
    assert report.replayed == 2
    assert order_ids(settings) == [9]
    assert rows(settings, "select order_line_id from raw_shopify.order_lines") == [(91,)]
    assert [one.row_key for one in list_dead_letters(settings)] == ["8"]


def test_a_bad_row_in_a_list_comes_back_and_the_lines_of_its_order_stay(
    settings: Settings, fixed_contract: None
) -> None:
    load_lines(settings, [order(9, transactions=[transaction(90), BARTER]), line_item(91, 9)])
    assert rows(settings, "select transaction_id from raw_shopify.order_transactions") == [(90,)]
    assert replay(settings, run_id="run-2").replayed == 1
    assert rows(settings, "select transaction_id from raw_shopify.order_transactions order by 1") == [(90,), (91,)]
    assert rows(settings, "select order_line_id from raw_shopify.order_lines") == [(91,)]


def test_a_row_that_was_read_again_since_is_not_set_back(settings: Settings, fixed_contract: None) -> None:
    load_lines(settings, [order(9, transactions=[BARTER], note="old")])
    load_lines(settings, [order(9, note="new")], window_id="w2", at=NOON + timedelta(hours=1))
    assert replay(settings, run_id="run-2").replayed == 1
    assert rows(settings, "select note from raw_shopify.orders") == [("new",)]
    assert rows(settings, "select transaction_id from raw_shopify.order_transactions") == [(90,)]


def test_corrected_lines_take_the_place_of_the_payload(settings: Settings, tmp_path: Path) -> None:
    load_lines(settings, [order(1), '{"__typename":"Order", broken', order(2)])
    (letter,) = list_dead_letters(settings)
    file = write(tmp_path / "corrected.jsonl", [order(9)])
    report = replay(settings, ids=[letter.dead_letter_id], corrected=file, run_id="run-2")
    assert (report.replayed, report.still_open) == (1, 0)
    assert order_ids(settings) == [1, 2, 9]


def test_corrected_lines_that_are_still_wrong_change_nothing(settings: Settings, tmp_path: Path) -> None:
    load_lines(settings, [order(1), "not json"])
    (letter,) = list_dead_letters(settings)
    file = write(tmp_path / "corrected.jsonl", [order(8), order(9, currencyCode="usd")])
    with pytest.raises(StillBroken, match=r"Line 2 of .*corrected\.jsonl breaks the contract \(currency usd does not"):
        replay(settings, ids=[letter.dead_letter_id], corrected=file, run_id="run-2")
    assert order_ids(settings) == [1]
    assert [one.attempts for one in list_dead_letters(settings)] == [1]
    assert rows(settings, "select state from ops.extraction_windows where mode = 'replay'") == [("failed",)]


def test_dismissed_letters_are_not_replayed(settings: Settings) -> None:
    load_lines(settings, ["not json", order(1)])
    assert dismiss(settings, [letter.dead_letter_id for letter in list_dead_letters(settings)]) == 1
    with pytest.raises(ConfigurationError, match="No open dead letter matches"):
        replay(settings, run_id="run-2")


def test_letters_are_listed_by_shop_entity_and_state(settings: Settings) -> None:
    load_lines(settings, [order(1, currencyCode="usd"), "not json", order(2)])
    assert len(list_dead_letters(settings, shop="us", entity="orders")) == 2
    assert list_dead_letters(settings, shop="eu") == []
    assert list_dead_letters(settings, state="replayed") == []
    assert count_dead_letters(settings) == {("us", "orders", "currency_pattern"): 1, ("us", "orders", "not_json"): 1}
