"""All dbt models as assets, all dbt tests as checks; blocking when the test is an error."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from orchestration.lib.concurrency import pool
from orchestration.lib.dbt_artifacts import forget_old_invocations
from orchestration.lib.dbt_events import events_with_costs
from orchestration.lib.dbt_project import BUILD, in_words
from orchestration.lib.dbt_translator import BoomerangTranslator
from orchestration.lib.failures import as_step_failure
from orchestration.lib.model_trust import record_results
from pipelines.config import Settings
from pipelines.progress import Progress

STAGE = "dbt"
RESULTS = "run_results.json"


def build_dbt_assets(settings: Settings, manifest: Mapping[str, Any], arguments: Sequence[str]) -> dg.AssetsDefinition:
    """One subsettable op over the project; `arguments` go with every dbt command.

    Dagster runs it twice, before and after the scores, and never more often: dbt costs seconds an invocation whatever
    it builds, so a step per model would be twenty times slower. Not retried as a whole: a failed test fails again, and
    dbt waits for a locked warehouse by itself.
    """

    @dbt_assets(
        name="dbt",
        manifest=manifest,
        dagster_dbt_translator=BoomerangTranslator(unread(settings)),
        pool=pool(settings, "models"),
    )
    def dbt(
        context: dg.AssetExecutionContext, dbt: DbtCliResource, progress: dg.ResourceParam[Progress]
    ) -> Iterator[Any]:
        item = "before the scores" if _feeds_scores(context) else "after the scores"
        forget_old_invocations(settings)
        nodes = len(context.selected_asset_keys) + len(context.selected_asset_check_keys)
        progress.start(STAGE, item, nodes, "nodes")
        failed = warned = 0
        invocation = dbt.cli([*BUILD, *arguments], context=context)
        try:
            for event in events_with_costs(invocation):
                progress.advance(STAGE, item, 1)
                if isinstance(event, dg.AssetCheckResult) and not event.passed:
                    failed += event.severity == dg.AssetCheckSeverity.ERROR
                    warned += event.severity == dg.AssetCheckSeverity.WARN
                yield event
        except DagsterDbtCliRuntimeError as error:
            record_results(settings, manifest, invocation.target_path / RESULTS)
            raise as_step_failure(in_words(error, invocation.target_path)) from None
        record_results(settings, manifest, invocation.target_path / RESULTS)
        progress.finish(STAGE, item, f"{nodes} nodes, {warned} warnings, {failed} failures")

    return dbt


def unread(settings: Settings) -> set[str]:
    """Sources of dbt that no raw asset fills with these settings."""
    absent = {"erp": not settings.erp, "threepl": not settings.threepl}
    return {"ops", *(source for source, is_absent in absent.items() if is_absent)}


def _feeds_scores(context: dg.AssetExecutionContext) -> bool:
    return any("purchase_history" in key.path[-1] for key in context.selected_asset_keys)
