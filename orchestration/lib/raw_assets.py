"""Raw tables as assets: one op a source, one partition a shop, one asset a table of the source's contract.

The key of an asset is the key of the dbt source it feeds (`shopify/orders`), so lineage joins without a mapping. Tables
of one entity come from one query: asking for any of them extracts the entity. Shops are extracted at the same time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import dagster as dg

from orchestration.lib.concurrency import backfill_policy, pool
from orchestration.lib.failures import as_step_failure, is_transient
from orchestration.lib.freshness import HOURLY
from orchestration.lib.shops import shop_partitions
from pipelines.config import Settings
from pipelines.contracts.arrivals import TableCount
from pipelines.contracts.odcs import Column, Table
from pipelines.failures import BoomerangError
from pipelines.progress import Progress
from pipelines.shopify.report import ExtractionFailed, ExtractionReport

# Rows by shop, then by table.
Counts = Mapping[str, Mapping[str, TableCount]]
Outcome = dg.MaterializeResult[None] | dg.AssetMaterialization | dg.AssetCheckResult

# What is read from outside, whatever the source: jobs select by it.
RAW = {"layer": "raw"}
COMPLETE = "is_complete"
CONTRACT_HOLDS = "contract_holds"


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
        specs=[_spec(settings, source, table) for table in source.tables],
        check_specs=[spec for key in tables for spec in _checks(key)],
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
        counts = {shop: _by_table(report) for shop, report in reports.items()}
        for key in (key for key in tables if key in context.selected_asset_keys):
            if failures:
                yield from _materialized_so_far(key, tables[key], counts)
            else:
                yield _materialized(context, key, tables[key], counts)
        if failures:
            raise failures[0]
        for check in context.selected_asset_check_keys:
            yield _evaluate(check, tables[check.asset_key], counts)

    return raw


def _spec(settings: Settings, source: RawSource, table: Table) -> dg.AssetSpec:
    columns = [_column(column) for column in table.columns]
    return dg.AssetSpec(
        [source.name, table.name],
        description=table.description,
        group_name=source.name,
        kinds={source.name, settings.warehouse},
        tags=RAW,
        freshness_policy=HOURLY,
        metadata={
            "dagster/table_name": f"raw_{source.name}.{table.name}",
            "dagster/column_schema": dg.TableSchema(columns=columns),
            "entity": table.entity,
        },
    )


def _column(column: Column) -> dg.TableColumn:
    """With its place in the API, so that the definition of a number is one look away."""
    origin = f"`{column.path}`" + (", personal" if column.classification else "")
    description = f"{column.description} ({origin})" if column.description else origin
    constraints = dg.TableColumnConstraints(nullable=not column.required)
    return dg.TableColumn(column.name, column.physical_type, description, constraints)


def _checks(key: dg.AssetKey) -> tuple[dg.AssetCheckSpec, dg.AssetCheckSpec]:
    return (
        dg.AssetCheckSpec(
            COMPLETE,
            asset=key,
            blocking=True,
            description="Every row that the source sent is loaded or lies in the dead letters.",
        ),
        dg.AssetCheckSpec(
            CONTRACT_HOLDS,
            asset=key,
            description="No row broke the contract; rows that did are in the dead letters, the rest is loaded.",
        ),
    )


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


def _by_table(report: ExtractionReport) -> dict[str, TableCount]:
    """Rows by table; an entity may have had several windows, such as an increment and a sweep."""
    sums: dict[str, TableCount] = {}
    for entity in report.entities:
        for table, count in entity.tables.items():
            known = sums.get(table, TableCount())
            sums[table] = TableCount(
                known.arrived + count.arrived,
                known.rejected + count.rejected,
                known.duplicate + count.duplicate,
                known.loaded + count.loaded,
            )
    return sums


def _metadata(table: Table, count: TableCount | None) -> dict[str, dg.MetadataValue]:
    arrived, rejected, loaded = (count.arrived, count.rejected, count.loaded) if count else (0, 0, 0)
    return {
        "dagster/partition_row_count": dg.MetadataValue.int(loaded),
        "rows arrived": dg.MetadataValue.int(arrived),
        "dead letters": dg.MetadataValue.int(rejected),
    }


def _materialized(
    context: dg.AssetExecutionContext, key: dg.AssetKey, table: Table, counts: Counts
) -> dg.MaterializeResult[None]:
    for shop, tables in counts.items():
        context.add_asset_metadata(_metadata(table, tables.get(table.name)), asset_key=key, partition_key=shop)
    return dg.MaterializeResult(asset_key=key)


def _materialized_so_far(key: dg.AssetKey, table: Table, counts: Counts) -> Iterator[dg.AssetMaterialization]:
    """What was loaded although something else failed."""
    for shop, tables in ((shop, tables) for shop, tables in counts.items() if table.name in tables):
        yield dg.AssetMaterialization(key, partition=shop, metadata=_metadata(table, tables.get(table.name)))


def _evaluate(check: dg.AssetCheckKey, table: Table, counts: Counts) -> dg.AssetCheckResult:
    found = {shop: tables[table.name] for shop, tables in counts.items() if table.name in tables}
    rejected = sum(count.rejected for count in found.values())
    missing = {shop: count.accepted - count.loaded for shop, count in found.items()}
    judged_on_completeness = check.name == COMPLETE
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=not any(missing.values()) if judged_on_completeness else rejected == 0,
        severity=dg.AssetCheckSeverity.ERROR if judged_on_completeness else dg.AssetCheckSeverity.WARN,
        metadata={
            "rows": dg.MetadataValue.md(_table(found)),
            **({"dead letters": dg.MetadataValue.int(rejected)} if not judged_on_completeness else {}),
        },
    )


def _table(counts: Mapping[str, TableCount]) -> str:
    lines = ["| shop | arrived | loaded | dead letters |", "|---|---:|---:|---:|"]
    lines += [f"| {shop} | {n.arrived:,} | {n.loaded:,} | {n.rejected:,} |" for shop, n in sorted(counts.items())]
    return "\n".join(lines)
