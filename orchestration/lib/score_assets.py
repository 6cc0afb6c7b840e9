"""The score tables as assets, fitted between two steps of dbt, with the backtest as pictures."""

import base64
from collections.abc import Iterator

import dagster as dg

from orchestration.lib.concurrency import pool
from orchestration.lib.failures import readable_failures
from orchestration.lib.freshness import HOURLY
from pipelines.config import Settings
from pipelines.progress import Progress
from pipelines.scores.fit import PARAMETERS, ScoreReport, ShopScores, fit_scores
from pipelines.scores.plots import backtest_plots
from pipelines.scores.tables import TABLES
from pipelines.warehouse import Warehouse

GROUP = "scores"
INPUTS = ("int_customers__purchase_history", "int_customers__purchase_days")
FITTED = "models_are_fitted"

DESCRIPTIONS = {
    "model_fits": "One row per shop and model (BG/NBD, Gamma-Gamma): parameters and evidence, or the reason for none.",
    "purchase_cells": "One row per shop and (frequency, recency, age): P(alive) and expected orders of such customers.",
    "backtests": "One row per shop: a model fitted on the past and judged on the last 90 days.",
    "backtest_bins": "One row per shop and tenth of customers: prediction against outcome, the calibration.",
    "backtest_weeks": "One row per shop and week: orders as they came and as the model expected them.",
}


def build_score_assets(settings: Settings) -> dg.AssetsDefinition:
    """The tables of the schema `scores`, written together by one op."""

    @dg.multi_asset(
        name="scores",
        specs=[
            dg.AssetSpec(
                ["scores", table],
                deps=INPUTS,
                group_name=GROUP,
                kinds={"scipy", settings.warehouse},
                freshness_policy=HOURLY,
                description=DESCRIPTIONS.get(table),
                metadata={
                    "dagster/table_name": f"scores.{table}",
                    "dagster/column_schema": dg.TableSchema([dg.TableColumn(*column) for column in columns.items()]),
                },
            )
            for table, columns in TABLES.items()
        ],
        check_specs=[
            dg.AssetCheckSpec(
                FITTED,
                asset=["scores", "model_fits"],
                description="Both models of every shop are fitted; with too little data scores are null and say why.",
            )
        ],
        pool=pool(settings, "models"),
    )
    def scores(progress: dg.ResourceParam[Progress]) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        with readable_failures():
            report = fit_scores(settings, progress=progress)
            with Warehouse(settings).session() as session:
                rows = {table: session.rows(f"select count(*) from scores.{table}")[0][0] for table in TABLES}
                plots = {entry.shop: backtest_plots(session, entry.shop) for entry in report.shops}
        shown: dict[str, dict[str, dg.MetadataValue]] = {
            "model_fits": {"fits": dg.MetadataValue.md(fits_table(report))},
            # Numbers beside the pictures: the UI draws them over time.
            "backtests": _judgements(report)
            | {
                f"{name} {shop}": dg.MetadataValue.md(_picture(name, png))
                for shop, pictures in plots.items()
                for name, png in pictures.items()
            },
        }
        for table, count in rows.items():
            metadata = {"dagster/row_count": dg.MetadataValue.int(count), **shown.get(table, {})}
            yield dg.MaterializeResult(asset_key=["scores", table], metadata=metadata)
        yield _fitted(report)

    return scores


def fits_table(report: ScoreReport) -> str:
    """The fits of all shops as a Markdown table."""
    lines = ["| shop | model | status | parameters | customers | note |", "|---|---|---|---|---:|---|"]
    for entry in report.shops:
        for fit in (entry.fit.purchases, entry.fit.values):
            found = (
                zip(PARAMETERS[fit.model], fit.maximum.parameters, strict=True) if fit.fitted and fit.maximum else ()
            )
            parameters = ", ".join(f"{name} {value:.4g}" for name, value in found)
            lines.append(
                f"| {entry.shop} | {fit.model} | {fit.status} | {parameters} | {fit.customers:,} | {fit.reason or ''} |"
            )
    return "\n".join(lines)


def _judgements(report: ScoreReport) -> dict[str, dg.MetadataValue]:
    shown: dict[str, dg.MetadataValue] = {}
    for entry in report.shops:
        judgement = entry.backtest.judgement if entry.backtest else None
        if judgement:
            shown[f"Brier score {entry.shop}"] = dg.MetadataValue.float(judgement.brier_score)
            shown[f"Brier score of a constant {entry.shop}"] = dg.MetadataValue.float(judgement.brier_score_constant)
        if judgement and judgement.rank_correlation is not None:
            shown[f"rank correlation {entry.shop}"] = dg.MetadataValue.float(judgement.rank_correlation)
        if judgement and judgement.rank_correlation_recency is not None:
            value = dg.MetadataValue.float(judgement.rank_correlation_recency)
            shown[f"rank correlation of recency alone {entry.shop}"] = value
    return shown


def _fitted(report: ScoreReport) -> dg.AssetCheckResult:
    refused = [
        _why_not(entry) for entry in report.shops if not (entry.fit.purchases.fitted and entry.fit.values.fitted)
    ]
    return dg.AssetCheckResult(
        asset_key=["scores", "model_fits"],
        check_name=FITTED,
        passed=not refused,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"fits": dg.MetadataValue.md(fits_table(report))},
        description="; ".join(refused) or None,
    )


def _why_not(entry: ShopScores) -> str:
    reasons = filter(None, (entry.fit.purchases.reason, entry.fit.values.reason))
    return f"{entry.shop}: {' '.join(reasons)}"


def _picture(name: str, png: bytes) -> str:
    return f"![{name}](data:image/png;base64,{base64.b64encode(png).decode('ascii')})"
