"""Windows and the ledger that the next one follows from."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.intake import ledger
from pipelines.intake.ledger import Window, ensure_ledger
from pipelines.shopify.bulk_query import load_entity_queries
from pipelines.shopify.windows import Moment, plan_window, search_filter
from pipelines.warehouse import Session, Warehouse
from tests.pipelines.shopify.exports import NOON, settings_in

QUERIES = load_entity_queries()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    reading = {"history_start": "2015-01-01T00:00:00Z", "overlap_minutes": 30, "settle_minutes": 2}
    return settings_in(tmp_path, extraction=reading)


def next_window(session: Session, settings: Settings, entity: str, now: datetime = NOON) -> Window:
    return plan_window(session, settings, "us", QUERIES[entity], Moment(now, now), "run-1")


def note(session: Session, window: Window, state: str) -> None:
    ledger.plan(session, window)
    session.execute(f"update {ledger.WINDOWS} set state = ? where window_id = ?", (state, window.window_id))


def test_the_first_window_begins_with_the_history_and_ends_before_now(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        window = next_window(session, settings, "orders")
    assert window.mode == "incremental"
    assert search_filter(window) == "updated_at:>='2015-01-01T00:00:00Z' updated_at:<'2026-03-01T11:58:00Z'"
    assert window.extracted_at == NOON


def test_the_next_window_begins_before_the_last_loaded_one_ended(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        note(session, next_window(session, settings, "orders"), "loaded")
        for hours, state in ((1, "failed"), (2, "submitted"), (3, "downloaded"), (4, "planned")):
            note(session, next_window(session, settings, "orders", NOON + timedelta(hours=hours)), state)
        window = next_window(session, settings, "orders", NOON + timedelta(days=1))
        assert ledger.cursor(session, "us", "orders") == NOON - timedelta(minutes=2)
        assert ledger.cursor(session, "eu", "orders") is None
    assert window.window_from == datetime(2026, 3, 1, 11, 28, tzinfo=UTC)


def test_events_are_found_by_when_they_happened(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        window = next_window(session, settings, "events")
    assert (search_filter(window) or "").startswith("created_at:>=")


@pytest.mark.parametrize("entity", ["inventory", "locations", "segments", "gift_cards", "shop"])
def test_what_cannot_be_filtered_is_read_whole(settings: Settings, entity: str) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        window = next_window(session, settings, entity)
    assert (window.mode, window.window_from, search_filter(window)) == ("full", None, None)


def test_a_history_start_that_is_no_instant_is_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, extraction={"history_start": "the beginning"})
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        with pytest.raises(ConfigurationError, match=r"history_start is 'the beg"):
            next_window(session, settings, "orders")


def test_open_windows_are_those_of_the_shop_that_were_neither_loaded_nor_given_up(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        for state in ("loaded", "failed", "submitted", "downloaded", "planned"):
            window = next_window(session, settings, "orders")
            window.path, window.expected_rows = f"/tmp/{state}", 7
            note(session, window, state)
            if state == "downloaded":
                ledger.downloaded(session, window)
        found = {window.state: window for window in ledger.open_windows(session, "us")}
        assert set(found) == {"submitted", "downloaded", "planned"}
        assert (found["downloaded"].path, found["downloaded"].expected_rows) == ("/tmp/downloaded", 7)
        assert found["downloaded"].window_to == NOON - timedelta(minutes=2)
        assert ledger.open_windows(session, "eu") == []


def test_what_is_read_later_is_marked_later_even_if_the_source_s_clock_stands(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        assert ledger.next_instant(session, "us", NOON) == NOON
        note(session, next_window(session, settings, "orders"), "loaded")
        assert ledger.next_instant(session, "us", NOON) == NOON + timedelta(milliseconds=1)
        assert ledger.next_instant(session, "us", None) == NOON + timedelta(milliseconds=1)
        assert ledger.next_instant(session, "us", NOON + timedelta(days=1)) == NOON + timedelta(days=1)
