"""Raw tables as assets: one op a source, one partition a shop, one asset a table of the source's contract.

The key of an asset is the key of the dbt source it feeds (`shopify/orders`), so lineage joins without a mapping. Tables
of one entity come from one query: asking for any of them extracts the entity. Shops are extracted at the same time.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dagster as dg

from orchestration.lib.concurrency import backfill_policy, pool
from orchestration.lib.failures import as_step_failure, is_transient
from orchestration.lib.raw_counts import Counts, by_table, evaluate, row_metadata
from orchestration.lib.raw_specs import BY_SHOP, table_checks, table_spec
from orchestration.lib.shops import shop_partitions
from pipelines.config import Settings
from pipelines.contracts.odcs import Table
from pipelines.failures import BoomerangError
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import Progress

Outcome = dg.MaterializeResult[None] | dg.AssetMaterialization | dg.AssetCheckResult
PARTITION_ROWS = "dagster/partition_row_count"


@dataclass(frozen=True)
class RawSource:
    """What the factory needs to know of a source."""

    name: str
    tables: Sequence[Table]
    # (settings, shop, entities, run_id, progress) -> report; raises BoomerangError
    extract: Callable[[Settings, str, Sequence[str], str, Progress], ExtractionReport]


def build_raw_assets(settings: Settings, source: RawSource) -> dg.AssetsDefinition:
    """The assets of `source`, with their checks."""
    tables = {dg.AssetKey([source.name, table.name]): table for table in source.tables}

    @dg.multi_asset(
        name=source.name,
        specs=[table_spec(settings, source.name, table, BY_SHOP) for table in source.tables],
        check_specs=[spec for key in tables for spec in table_checks(key)],
        can_subset=True,
        partitions_def=shop_partitions(settings),
        backfill_policy=backfill_policy(settings),
        pool=pool(settings, "extraction"),
    )
    def raw(context: dg.AssetExecutionContext, progress: dg.ResourceParam[Progress]) -> Iterator[Outcome]:
        chosen = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
        entities = list(dict.fromkeys(tables[key].entity for key in tables if key in chosen))
        shops = list(context.partition_keys)
        reports, failures = _extract_all(settings, source, shops, entities, context.run.run_id, progress)
        counts = {shop: by_table(report) for shop, report in reports.items()}
        for key in (key for key in tables if key in context.selected_asset_keys):
            if failures:
                yield from _materialized_so_far(key, tables[key], counts)
            else:
                yield _materialized(context, key, tables[key], counts)
        if failures:
            raise failures[0]
        for check in context.selected_asset_check_keys:
            yield evaluate(check, tables[check.asset_key], counts, "shop")

    return raw


def _extract_all(
    settings: Settings,
    source: RawSource,
    shops: Sequence[str],
    entities: Sequence[str],
    run_id: str,
    progress: Progress,
) -> tuple[dict[str, ExtractionReport], list[dg.Failure | dg.RetryRequested]]:
    """Extract all shops at the same time; one that fails does not stop the others, nor one entity the next."""
    reports, failures = {}, []
    with ThreadPoolExecutor(max_workers=len(shops), thread_name_prefix=source.name) as threads:
        running = {shop: threads.submit(source.extract, settings, shop, entities, run_id, progress) for shop in shops}
        for shop, extraction in running.items():
            try:
                reports[shop] = extraction.result()
            except ExtractionFailed as error:
                reports[shop] = error.report
                failures.append(as_step_failure(error, transient=all(map(is_transient, error.failures.values()))))
            except BoomerangError as error:
                failures.append(as_step_failure(error))
    return reports, failures


def _materialized(
    context: dg.AssetExecutionContext, key: dg.AssetKey, table: Table, counts: Counts
) -> dg.MaterializeResult[None]:
    for shop, tables in counts.items():
        context.add_asset_metadata(
            row_metadata(tables.get(table.name), PARTITION_ROWS), asset_key=key, partition_key=shop
        )
    return dg.MaterializeResult(asset_key=key)


def _materialized_so_far(key: dg.AssetKey, table: Table, counts: Counts) -> Iterator[dg.AssetMaterialization]:
    """What was loaded although something else failed."""
    for shop, tables in ((shop, tables) for shop, tables in counts.items() if table.name in tables):
        yield dg.AssetMaterialization(
            key, partition=shop, metadata=row_metadata(tables.get(table.name), PARTITION_ROWS)
        )
