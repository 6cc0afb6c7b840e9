"""Fit all shops and write the score tables: the one entry point for the command line and the orchestrator."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.config import Settings
from pipelines.progress import Progress, SilentProgress
from pipelines.scores.backtest import Backtest, HoldoutData, read_holdout, run_backtest
from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.cells import (
    PurchaseCells,
    ValueCells,
    current_history,
    history_as_of,
    history_at,
    read_purchase_cells,
    read_value_cells,
    require_history,
)
from pipelines.scores.model_fits import DAYS_PER_UNIT, FitRules, FitSummary, ShopFit, fit_shop
from pipelines.scores.tables import arrow_rows, arrow_schema, ensure_score_tables, replace_shop
from pipelines.warehouse import Session, Warehouse

STAGE = "scores"
PARAMETERS = {"bg_nbd": ("r", "alpha", "a", "b"), "gamma_gamma": ("p", "q", "v")}


@dataclass(frozen=True)
class ShopScores:
    """What was written for one shop; `backtest` is None when the shop has no purchase yet."""

    shop: str
    fit: ShopFit
    backtest: Backtest | None


@dataclass(frozen=True)
class ScoreReport:
    """One entry a shop, in the order of the settings."""

    fitted_at: datetime
    shops: tuple[ShopScores, ...]


@dataclass(frozen=True)
class _ShopData:
    shop: str
    as_of: date | None
    purchase_cells: PurchaseCells
    value_cells: ValueCells
    holdout: HoldoutData | None


def fit_scores(
    settings: Settings,
    *,
    as_of: date | None = None,
    progress: Progress | None = None,
    shops: Sequence[str] | None = None,
    rules: FitRules | None = None,
) -> ScoreReport:
    """Fit, backtest and write the scores of all shops (or of `shops`), each shop on its own.

    `as_of` is the business day at whose close the customers are seen; by default the day that dbt built the purchase
    history for. With another day the scores are those of that day, and join the history once dbt is built for it too.
    Shops are read in one session, fitted with the warehouse closed, and written in one transaction, so a reader sees
    all old scores or all new ones. A shop without enough evidence gets a status and a reason, no scores and no error.

    Raises ConfigurationError for an unknown shop, WarehouseError when dbt has not built the purchase history.
    """
    progress = progress or SilentProgress()
    names = [settings.shop(name).name for name in shops] if shops is not None else list(settings.shops)
    warehouse = Warehouse(settings)
    with warehouse.session() as session:
        ensure_score_tables(session)
        require_history(session)
        data = [_read(session, name, as_of) for name in names]
    fitted_at = datetime.now(UTC)
    scored = []
    tables = {}
    for shop in data:
        customers = int(shop.purchase_cells.customers.sum())
        progress.start(STAGE, shop.shop, customers, "customers")
        result = _fit(shop, rules)
        tables[shop.shop] = _tables(result, fitted_at, settings.reporting_currency)
        scored.append(result)
        progress.advance(STAGE, shop.shop, customers)
        progress.finish(STAGE, shop.shop, result.fit.purchases.reason or f"{result.fit.purchases.cells:,} cells")
    with warehouse.session() as session, session.transaction():
        for name, rows in tables.items():
            replace_shop(session, name, rows)
    return ScoreReport(fitted_at, tuple(scored))


def _read(session: Session, shop: str, as_of: date | None) -> _ShopData:
    built_for = history_as_of(session, shop)
    # A shop without purchases is still seen on the merchant's day.
    seen_at = as_of or built_for or history_as_of(session)
    history = current_history(shop) if seen_at == built_for or seen_at is None else history_at(shop, seen_at)
    return _ShopData(
        shop=shop,
        as_of=seen_at,
        purchase_cells=read_purchase_cells(session, history),
        value_cells=read_value_cells(session, history),
        holdout=read_holdout(session, shop, seen_at) if seen_at is not None else None,
    )


def _fit(data: _ShopData, rules: FitRules | None) -> ShopScores:
    fit = fit_shop(data.shop, data.as_of, data.purchase_cells, data.value_cells, rules)
    return ShopScores(data.shop, fit, run_backtest(data.holdout, rules) if data.holdout else None)


def _tables(scores: ShopScores, fitted_at: datetime, currency: str) -> dict[str, pa.Table]:
    fit, backtest = scores.fit, scores.backtest
    key = {"shop": scores.shop, "as_of_date": fit.as_of}
    now = {"fitted_at": fitted_at}
    values = {**_fit_record(fit.values), "currency": currency}
    purchases = {**_fit_record(fit.purchases), "days_per_unit": DAYS_PER_UNIT}
    tables = {"model_fits": arrow_rows("model_fits", [{**key, **now, **record} for record in (purchases, values)])}
    if fit.purchase_model is not None:
        tables["purchase_cells"] = _score_cells(key, fit.purchase_model, fit.cells)
    if backtest is not None:
        tables["backtests"] = arrow_rows("backtests", [{**key, **now, **_backtest_record(backtest)}])
        tables["backtest_bins"] = arrow_rows("backtest_bins", [{**key, **asdict(row)} for row in backtest.bins])
        tables["backtest_weeks"] = arrow_rows("backtest_weeks", [{**key, **asdict(row)} for row in backtest.weeks])
    return tables


def _score_cells(key: dict[str, Any], model: BgNbd, cells: PurchaseCells) -> pa.Table:
    history = cells.frequency, cells.recency_days / DAYS_PER_UNIT, cells.age_days / DAYS_PER_UNIT
    columns = {
        "frequency": cells.frequency.astype(np.int64),
        "recency_days": cells.recency_days.astype(np.int64),
        "age_days": cells.age_days.astype(np.int64),
        "customers": cells.customers.astype(np.int64),
        "p_alive": model.probability_alive(*history),
        "purchase_probability_90d": model.probability_of_purchase(*history, 90 / DAYS_PER_UNIT),
        "expected_orders_90d": model.expected_purchases(*history, 90 / DAYS_PER_UNIT),
        "expected_orders_365d": model.expected_purchases(*history, 365 / DAYS_PER_UNIT),
    }
    schema = arrow_schema("purchase_cells")
    rows = cells.frequency.size
    constants = {name: pa.repeat(pa.scalar(value, schema.field(name).type), rows) for name, value in key.items()}
    return pa.table({**constants, **columns}, schema=schema)


def _fit_record(summary: FitSummary) -> dict[str, Any]:
    record = {name: value for name, value in vars(summary).items() if name != "maximum"}
    maximum = summary.maximum
    if maximum is not None:
        for name, value, error in zip(
            PARAMETERS[summary.model], maximum.parameters, maximum.standard_errors, strict=True
        ):
            record |= {name: float(value), f"{name}_standard_error": float(error)}
        record["log_likelihood"] = maximum.log_likelihood
        record |= {"starts": maximum.starts, "agreeing_starts": maximum.agreeing_starts}
    return record


def _backtest_record(backtest: Backtest) -> dict[str, Any]:
    record = {
        "cut_date": backtest.cut,
        "holdout_days": (backtest.as_of - backtest.cut).days,
        "status": "judged" if backtest.judgement else backtest.fit.status,
        "reason": backtest.fit.reason,
        "customers": backtest.fit.customers,
    }
    if backtest.judgement and backtest.fit.maximum:
        parameters = (float(value) for value in backtest.fit.maximum.parameters)
        record |= {**asdict(backtest.judgement), **dict(zip(PARAMETERS["bg_nbd"], parameters, strict=True))}
    return record
