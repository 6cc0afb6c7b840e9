"""What reading a raw table came to: rows by shop, ERP or partner, as metadata and outcomes of checks."""

from collections.abc import Iterable, Mapping

import dagster as dg

from orchestration.lib.raw_specs import COMPLETE
from pipelines.contracts.arrivals import TableCount
from pipelines.contracts.odcs import Table
from pipelines.intake.report import ExtractionReport

# Rows by shop, ERP or partner, then by table.
Counts = Mapping[str, Mapping[str, TableCount]]


def by_table(report: ExtractionReport) -> dict[str, TableCount]:
    """Rows by table; an entity may have had several windows, such as an increment and a sweep."""
    found: dict[str, list[TableCount]] = {}
    for entity in report.entities:
        for table, count in entity.tables.items():
            found.setdefault(table, []).append(count)
    return {table: total(counts) for table, counts in found.items()}


def total(counts: Iterable[TableCount]) -> TableCount:
    """Several counts of a table as one."""
    whole = TableCount()
    for count in counts:
        whole.arrived += count.arrived
        whole.rejected += count.rejected
        whole.duplicate += count.duplicate
        whole.loaded += count.loaded
    return whole


def row_metadata(count: TableCount | None, rows_key: str) -> dict[str, dg.MetadataValue]:
    """Rows of one table; `rows_key` is what Dagster calls the number of rows loaded, of a partition or of the asset."""
    arrived, rejected, loaded = (count.arrived, count.rejected, count.loaded) if count else (0, 0, 0)
    return {
        rows_key: dg.MetadataValue.int(loaded),
        "rows arrived": dg.MetadataValue.int(arrived),
        "dead letters": dg.MetadataValue.int(rejected),
    }


def evaluate(check: dg.AssetCheckKey, table: Table, counts: Counts, connection: str) -> dg.AssetCheckResult:
    """The outcome of completeness or contract for one table; `connection` is what those in `counts` are called."""
    found = {name: tables[table.name] for name, tables in counts.items() if table.name in tables}
    rejected = sum(count.rejected for count in found.values())
    missing = {name: count.accepted - count.loaded for name, count in found.items()}
    judged_on_completeness = check.name == COMPLETE
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=not any(missing.values()) if judged_on_completeness else rejected == 0,
        severity=dg.AssetCheckSeverity.ERROR if judged_on_completeness else dg.AssetCheckSeverity.WARN,
        metadata={
            "rows": dg.MetadataValue.md(_table(found, connection)),
            **({"dead letters": dg.MetadataValue.int(rejected)} if not judged_on_completeness else {}),
        },
    )


def _table(counts: Mapping[str, TableCount], connection: str) -> str:
    lines = [f"| {connection} | arrived | loaded | dead letters |", "|---|---:|---:|---:|"]
    lines += [f"| {name} | {n.arrived:,} | {n.loaded:,} | {n.rejected:,} |" for name, n in sorted(counts.items())]
    return "\n".join(lines)
