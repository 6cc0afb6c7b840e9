"""Raw assets tell per shop what arrived; a failing shop or entity does not hide what was loaded."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import dagster as dg
import pytest

from orchestration.lib.raw_assets import RawSource, build_raw_assets
from orchestration.lib.shops import all_shops
from pipelines.config import Settings
from pipelines.contracts.arrivals import TableCount
from pipelines.failures import AccessDenied, SourceUnavailable
from pipelines.intake.report import EntityResult, ExtractionFailed, ExtractionReport
from pipelines.progress import Progress, SilentProgress
from pipelines.shopify.contract import shopify_contract

Extract = Callable[[Settings, str, Sequence[str], str, Progress], ExtractionReport]
NOW = datetime(2026, 3, 1, tzinfo=UTC)
ORDERS, LINES, CUSTOMERS = (dg.AssetKey(["shopify", name]) for name in ("orders", "order_lines", "customers"))


def result(shop: str, entity: str, tables: Mapping[str, TableCount]) -> EntityResult:
    arrived, rejected = (sum(getattr(count, name) for count in tables.values()) for name in ("arrived", "rejected"))
    return EntityResult(
        shop, entity, "full", "w", None, NOW, arrived, arrived, rejected, arrived - rejected, 0.1, dict(tables)
    )


def report(shop: str, **entities: Mapping[str, TableCount]) -> ExtractionReport:
    return ExtractionReport(shop, "run", [result(shop, entity, tables) for entity, tables in entities.items()])


def run(settings: Settings, extract: Extract, *keys: dg.AssetKey) -> dg.ExecuteInProcessResult:
    contract = shopify_contract(settings)
    tables = [table for table in contract.tables if table.name in ("orders", "order_lines", "customers")]
    assets = build_raw_assets(settings, RawSource("shopify", tables, extract))
    definitions = dg.Definitions(
        assets=[assets],
        jobs=[dg.define_asset_job("raw", selection=list(keys) or "*")],
        resources={"progress": SilentProgress()},
    )
    job = definitions.resolve_job_def("raw")
    return job.execute_in_process(tags=all_shops(settings), raise_on_error=False)


def materialized(outcome: dg.ExecuteInProcessResult) -> dict[tuple[str, str], int]:
    """{(asset, shop): rows}."""
    found = {}
    for event in outcome.get_asset_materialization_events():
        materialization = event.step_materialization_data.materialization
        rows = materialization.metadata["dagster/partition_row_count"].value
        found[(materialization.asset_key.path[-1], materialization.partition or "")] = rows
    return found


def checks(outcome: dg.ExecuteInProcessResult) -> dict[tuple[str, str], bool]:
    return {(e.asset_key.path[-1], e.check_name): e.passed for e in outcome.get_asset_check_evaluations()}


def counted(shop: str, entities: Sequence[str]) -> ExtractionReport:
    rows = {"us": 100, "eu": 40}[shop]
    every = {
        "orders": {"orders": TableCount(rows, 1, 0, rows - 1), "order_lines": TableCount(3 * rows, 0, 0, 3 * rows)},
        "customers": {"customers": TableCount(rows, 0, 0, rows)},
    }
    return report(shop, **{entity: every[entity] for entity in entities})


def test_each_shop_is_a_partition_with_its_own_rows(settings: Settings) -> None:
    outcome = run(settings, lambda _, shop, entities, *rest: counted(shop, entities))
    assert outcome.success
    assert materialized(outcome)[("orders", "us")] == 99
    assert materialized(outcome)[("orders", "eu")] == 39
    assert materialized(outcome)[("order_lines", "us")] == 300
    assert len(materialized(outcome)) == 6


def test_shops_are_extracted_at_the_same_time(settings: Settings) -> None:
    both_there = threading.Barrier(2, timeout=20)

    def extract(_: Settings, shop: str, entities: Sequence[str], *rest: object) -> ExtractionReport:
        both_there.wait()
        return counted(shop, entities)

    assert run(settings, extract).success


def test_a_child_table_alone_extracts_its_entity_and_no_other(settings: Settings) -> None:
    asked: list[tuple[str, list[str]]] = []

    def extract(_: Settings, shop: str, entities: Sequence[str], *rest: object) -> ExtractionReport:
        asked.append((shop, list(entities)))
        return counted(shop, entities)

    outcome = run(settings, extract, LINES)
    assert sorted(asked) == [("eu", ["orders"]), ("us", ["orders"])]
    assert {asset for asset, _ in materialized(outcome)} == {"order_lines"}


def test_dead_letters_warn_and_do_not_stop_what_follows(settings: Settings) -> None:
    outcome = run(settings, lambda _, shop, entities, *rest: counted(shop, entities))
    assert checks(outcome)[("orders", "contract_holds")] is False
    assert checks(outcome)[("order_lines", "contract_holds")] is True
    assert checks(outcome)[("orders", "is_complete")] is True


def test_a_row_that_went_missing_fails_the_completeness_check(settings: Settings) -> None:
    short = {"orders": TableCount(10, 1, 0, 8), "order_lines": TableCount(5, 0, 0, 5)}
    outcome = run(settings, lambda _, shop, entities, *rest: report(shop, orders=short), ORDERS, LINES)
    assert checks(outcome)[("orders", "is_complete")] is False
    assert checks(outcome)[("order_lines", "is_complete")] is True


def test_windows_of_one_entity_are_added_up(settings: Settings) -> None:
    def extract(_: Settings, shop: str, entities: Sequence[str], *rest: object) -> ExtractionReport:
        twice = counted(shop, ["customers"])
        twice.entities.append(result(shop, "customers", {"customers": TableCount(2, 0, 0, 2)}))
        return twice

    assert materialized(run(settings, extract, CUSTOMERS))[("customers", "us")] == 102


def test_a_shop_that_is_refused_leaves_the_other_one_materialized(settings: Settings) -> None:
    def extract(_: Settings, shop: str, entities: Sequence[str], *rest: object) -> ExtractionReport:
        if shop == "eu":
            raise AccessDenied("Shop eu lacks the scope read_orders; add it in the app's settings.")
        return counted(shop, entities)

    outcome = run(settings, extract)
    assert not outcome.success
    assert {shop for _, shop in materialized(outcome)} == {"us"}
    [failure] = [event for event in outcome.all_events if event.is_step_failure]
    data = failure.step_failure_data.user_failure_data
    assert data is not None
    assert data.description == "Shop eu lacks the scope read_orders; add it in the app's settings."


def test_an_entity_that_fails_leaves_the_others_of_its_shop_materialized(settings: Settings) -> None:
    def extract(_: Settings, shop: str, entities: Sequence[str], *rest: object) -> ExtractionReport:
        if shop == "us":
            return counted(shop, entities)
        reason = AccessDenied("no customers")
        raise ExtractionFailed("Extraction of shop eu failed", counted("eu", ["orders"]), {"customers": reason})

    outcome = run(settings, extract)
    assert not outcome.success
    assert ("orders", "eu") in materialized(outcome)
    assert ("customers", "eu") not in materialized(outcome)
    assert ("customers", "us") in materialized(outcome)


def retries(settings: Settings, error: Exception) -> bool:
    def extract(*_: object) -> ExtractionReport:
        raise ExtractionFailed("Extraction failed", report("us"), {"orders": error})

    outcome = run(settings, extract)
    return any(event.is_step_up_for_retry for event in outcome.all_events)


def test_a_refused_scope_is_not_retried(settings: Settings) -> None:
    assert not retries(settings, AccessDenied("no"))


def test_a_shop_that_does_not_answer_is_retried(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestration.lib.failures.RETRY_AFTER_SECONDS", 0.01)
    assert retries(settings, SourceUnavailable("no answer"))
