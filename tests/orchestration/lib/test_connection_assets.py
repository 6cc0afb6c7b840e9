"""ERPs and 3PL partners as raw assets: one that cannot be read is told, and holds nobody else back."""

from collections.abc import Sequence
from datetime import UTC, datetime

import dagster as dg

from orchestration.lib.connection_assets import WAS_READ, build_connection_assets
from orchestration.lib.raw_assets import RawSource
from orchestration.lib.raw_specs import COMPLETE, CONTRACT_HOLDS
from pipelines.config import Settings
from pipelines.contracts.arrivals import TableCount
from pipelines.failures import AccessDenied
from pipelines.intake.report import EntityResult, ExtractionFailed, ExtractionReport
from pipelines.progress import Progress, SilentProgress
from pipelines.shopify.contract import shopify_contract

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DENIED = "Partner b refused the token (HTTP 401); renew it and run again."


def loaded(connection: str, entities: Sequence[str], rows: int) -> ExtractionReport:
    tables = {"orders": TableCount(rows, 1, 0, rows - 1)}
    results = [
        EntityResult(connection, entity, "full", "w", None, NOW, rows, rows, 1, rows - 1, 0.1, tables)
        for entity in entities
        if entity == "orders"
    ]
    return ExtractionReport(connection, "run", results)


def outcome_of(settings: Settings, extract: object) -> dg.ExecuteInProcessResult:
    tables = [table for table in shopify_contract(settings).tables if table.name in ("orders", "customers")]
    source = RawSource("threepl", tables, extract)  # type: ignore[arg-type]  # each test has its own way to fail

    @dg.asset(deps=[["threepl", "orders"], ["threepl", "customers"]])
    def models() -> None:
        """What dbt builds from them."""

    definitions = dg.Definitions(
        assets=[build_connection_assets(settings, source, ["a", "b"], "partner"), models],
        jobs=[dg.define_asset_job("everything")],
        resources={"progress": SilentProgress()},
    )
    return definitions.resolve_job_def("everything").execute_in_process(raise_on_error=False)


def judged(outcome: dg.ExecuteInProcessResult, check: str) -> dict[str, dg.AssetCheckEvaluation]:
    return {e.asset_key.path[-1]: e for e in outcome.get_asset_check_evaluations() if e.check_name == check}


def test_a_partner_that_refuses_is_told_on_its_tables_and_the_models_are_built(settings: Settings) -> None:
    def extract(_: Settings, name: str, entities: Sequence[str], run_id: str, progress: Progress) -> ExtractionReport:
        if name == "b":
            raise AccessDenied(DENIED)
        return loaded(name, entities, 100)

    outcome = outcome_of(settings, extract)
    assert outcome.success
    assert len(outcome.asset_materializations_for_node("models")) == 1
    was_read = judged(outcome, WAS_READ)
    assert [was_read[name].passed for name in ("orders", "customers")] == [False, False]
    assert was_read["orders"].description == f"b: {DENIED}"
    assert was_read["orders"].severity == dg.AssetCheckSeverity.ERROR
    assert judged(outcome, COMPLETE)["orders"].passed
    assert not judged(outcome, CONTRACT_HOLDS)["orders"].passed


def test_an_entity_that_failed_is_told_and_the_others_of_its_partner_count_as_read(settings: Settings) -> None:
    def extract(_: Settings, name: str, entities: Sequence[str], run_id: str, progress: Progress) -> ExtractionReport:
        report = loaded(name, entities, 10)
        if name == "b":
            raise ExtractionFailed("Customers failed.", report, {"customers": AccessDenied("No scope for customers.")})
        return report

    outcome = outcome_of(settings, extract)
    was_read = judged(outcome, WAS_READ)
    assert was_read["orders"].passed
    assert not was_read["customers"].passed
    (orders,) = [
        event.step_materialization_data.materialization
        for event in outcome.get_asset_materialization_events()
        if event.asset_key and event.asset_key.path == ["threepl", "orders"]
    ]
    assert orders.metadata["dagster/row_count"].value == 18, "rows of both partners"
