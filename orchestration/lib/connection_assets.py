"""Raw tables of the systems behind the shops (ERPs, 3PL partners) as assets: one op a kind of system, over all of them.

They are not partitioned: a merchant has one ERP and a few partners, and a run of all shops reads them once. One that
cannot be read does not hold back models of the others: its tables fail the check `was_read`, with the sentence of what
to do, and the feeds that are missing keep reconciliation from inventing breaks out of the hole.
"""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import dagster as dg

from orchestration.lib.concurrency import pool
from orchestration.lib.raw_assets import RawSource
from orchestration.lib.raw_counts import Counts, by_table, evaluate, row_metadata, total
from orchestration.lib.raw_specs import table_checks, table_spec
from pipelines.config import Settings
from pipelines.contracts.odcs import Table
from pipelines.failures import BoomerangError
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import Progress

WAS_READ = "was_read"
ROWS = "dagster/row_count"
# Why an entity of a connection could not be read, by connection and entity.
Failures = dict[str, dict[str, str]]


def build_connection_assets(
    settings: Settings, source: RawSource, connections: Sequence[str], kind: str
) -> dg.AssetsDefinition:
    """The assets of `source` over `connections` (settings keys); `kind` is what one is called: ERP, partner."""
    tables = {dg.AssetKey([source.name, table.name]): table for table in source.tables}

    @dg.multi_asset(
        name=source.name,
        specs=[table_spec(settings, source.name, table, {}) for table in source.tables],
        check_specs=[spec for key in tables for spec in (*table_checks(key), _was_read_spec(key, kind))],
        can_subset=True,
        pool=pool(settings, "extraction"),
    )
    def raw(
        context: dg.AssetExecutionContext, progress: dg.ResourceParam[Progress]
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        chosen = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
        entities = list(dict.fromkeys(tables[key].entity for key in tables if key in chosen))
        reports, failures = _extract_all(settings, source, connections, entities, context.run.run_id, progress)
        counts = {name: by_table(report) for name, report in reports.items()}
        for key in (key for key in tables if key in context.selected_asset_keys):
            yield dg.MaterializeResult(asset_key=key, metadata=_metadata(tables[key], counts))
        for check in context.selected_asset_check_keys:
            table = tables[check.asset_key]
            if check.name == WAS_READ:
                yield _judge(check, table.entity, failures)
            else:
                yield evaluate(check, table, counts, kind)

    return raw


def _was_read_spec(key: dg.AssetKey, kind: str) -> dg.AssetCheckSpec:
    return dg.AssetCheckSpec(
        WAS_READ, asset=key, description=f"Every {kind} could be read; what could not is told in one sentence."
    )


def _extract_all(
    settings: Settings,
    source: RawSource,
    connections: Sequence[str],
    entities: Sequence[str],
    run_id: str,
    progress: Progress,
) -> tuple[dict[str, ExtractionReport], Failures]:
    """Extract all connections at the same time; one that fails does not stop the others, nor one entity the next."""
    reports: dict[str, ExtractionReport] = {}
    failures: Failures = {}
    with ThreadPoolExecutor(max_workers=len(connections), thread_name_prefix=source.name) as threads:
        running = {
            name: threads.submit(source.extract, settings, name, entities, run_id, progress) for name in connections
        }
        for name, extraction in running.items():
            try:
                reports[name] = extraction.result()
            except ExtractionFailed as error:
                reports[name] = error.report
                failures[name] = {entity: str(reason) for entity, reason in error.failures.items()}
            except BoomerangError as error:
                failures[name] = dict.fromkeys(entities, str(error))
    return reports, failures


def _metadata(table: Table, counts: Counts) -> Mapping[str, dg.MetadataValue]:
    return row_metadata(total(tables[table.name] for tables in counts.values() if table.name in tables), ROWS)


def _judge(check: dg.AssetCheckKey, entity: str, failures: Failures) -> dg.AssetCheckResult:
    reasons = {name: by_entity[entity] for name, by_entity in failures.items() if entity in by_entity}
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=not reasons,
        severity=dg.AssetCheckSeverity.ERROR,
        description="; ".join(f"{name}: {reason}" for name, reason in reasons.items()) or None,
    )
