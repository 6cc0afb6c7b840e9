"""Freshness by shop, from the ledger: a quiet shop is fresh, a shop that was not read is not."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.lib.raw_freshness import judge, last_read
from pipelines.config import Settings
from pipelines.intake.ledger import ensure_ledger
from pipelines.warehouse import Warehouse

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = dg.AssetKey(["shopify", "orders"])


def test_every_shop_read_within_three_hours_is_fresh() -> None:
    assert judge({"us": NOW - timedelta(minutes=10), "eu": NOW - timedelta(hours=2)}, NOW, KEY).passed


def test_one_stale_shop_is_not_hidden_by_a_fresh_one() -> None:
    result = judge({"us": NOW, "eu": NOW - timedelta(hours=5)}, NOW, KEY)
    assert not result.passed
    assert result.severity == dg.AssetCheckSeverity.WARN
    assert result.metadata["minutes since eu was read"].value == "300"


def test_a_shop_that_was_never_read_is_an_error() -> None:
    result = judge({"us": NOW, "eu": None}, NOW, KEY)
    assert (result.passed, result.severity) == (False, dg.AssetCheckSeverity.ERROR)


def test_before_the_first_extraction_no_shop_was_read(settings: Settings) -> None:
    assert last_read(settings, "orders") == {"eu": None, "us": None}


def test_only_loaded_windows_of_the_entity_count(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        ensure_ledger(session)
        for shop, entity, state in (
            ("us", "orders", "loaded"),
            ("eu", "orders", "failed"),
            ("eu", "customers", "loaded"),
        ):
            session.execute(
                "insert into ops.extraction_windows by name select ? as window_id, ? as shop, ? as entity, ? as state, "
                "'full' as mode, now() as window_to, now() as extracted_at, 'r' as run_id, now() as started_at, "
                "cast(? as timestamptz) as finished_at",
                (f"{shop}.{entity}", shop, entity, state, NOW),
            )
    found = last_read(settings, "orders")
    assert found["eu"] is None
    assert found["us"] is not None
    assert found["us"].astimezone(UTC) == NOW
