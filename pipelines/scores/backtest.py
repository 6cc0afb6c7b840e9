"""Would the model have been right? Fit on the past, predict the last 90 days, compare with what happened.

The purchase history is rebuilt as it stood at the cut, so nothing of the holdout can leak into the fit. Only customers
known at the cut are judged. Expected orders are compared with actual ones by deciles of prediction (calibration), the
probability of buying at all by the Brier score, and the order of customers by rank correlation against the two naive
rankings that need no model: who bought last, and who bought most.

Expect little from the ranking: Wuebben and von Wangenheim (2008, "Instant Customer Base Analysis: Managerial Heuristics
Often 'Get It Right'", Journal of Marketing 72(3)) found that such rankings are hard to beat, and CDNOW says the same.
What only the model gives is the level: how many orders, with which probability, from whom.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.cells import (
    DAYS_TABLE,
    History,
    PurchaseCells,
    history_at,
    read_purchase_cells,
)
from pipelines.scores.maximum_likelihood import Floats
from pipelines.scores.model_fits import DAYS_PER_UNIT, FitRules, FitSummary, fit_purchases
from pipelines.scores.ranking import quantile_bins, rank_correlation
from pipelines.scores.tracking import Tracking, Week, read_tracking, weekly_tracking
from pipelines.warehouse import Session

HOLDOUT_DAYS = 90
BINS = 10

OUTCOMES = f"""
select frequency, recency_days, age_days, coalesce(later.orders, 0) as actual_orders, count(*) as customers
from ({{history}}) as history
left join (
    select customer_id, count(*) as orders
    from {DAYS_TABLE}
    where shop = ? and purchase_date > cast(? as date) and purchase_date <= cast(? as date)
    group by customer_id
) as later on history.customer_id = later.customer_id
group by frequency, recency_days, age_days, coalesce(later.orders, 0)
order by frequency, recency_days, age_days, actual_orders
"""


@dataclass(frozen=True)
class Outcomes:
    """Cells at the cut with the orders that followed: one row a distinct (frequency, recency, age, actual orders)."""

    cells: PurchaseCells
    actual_orders: Floats


@dataclass(frozen=True)
class HoldoutData:
    """All that the backtest of one shop needs from the warehouse."""

    as_of: date
    cut: date
    cells: PurchaseCells
    outcomes: Outcomes
    tracking: Tracking


@dataclass(frozen=True)
class Bin:
    """Customers of similar expected orders (bin 1 the lowest); means are per customer over the holdout."""

    bin: int
    customers: int
    expected_orders_mean: float
    actual_orders_mean: float
    purchase_probability_mean: float
    buyers_share: float


@dataclass(frozen=True)
class Judgement:
    """How far prediction and holdout agree. Rank correlations are None where one side does not vary.

    `brier_score_constant` is the score of the best constant forecast (everybody gets the share of buyers).
    """

    customers: int
    buyers: int
    expected_buyers: float
    expected_orders: float
    actual_orders: int
    brier_score: float
    brier_score_constant: float
    rank_correlation: float | None
    rank_correlation_recency: float | None
    rank_correlation_frequency: float | None


@dataclass(frozen=True)
class Backtest:
    """The backtest of one shop; without a fitted model only `fit` says why."""

    as_of: date
    cut: date
    fit: FitSummary
    judgement: Judgement | None = None
    bins: tuple[Bin, ...] = ()
    weeks: tuple[Week, ...] = ()


def read_holdout(session: Session, shop: str, as_of: date, holdout_days: int = HOLDOUT_DAYS) -> HoldoutData:
    """Read the cells at the cut (`as_of` minus the holdout), the orders that followed, and the weekly counts."""
    cut = as_of - timedelta(days=holdout_days)
    history = history_at(shop, cut)
    return HoldoutData(
        as_of=as_of,
        cut=cut,
        cells=read_purchase_cells(session, history),
        outcomes=_read_outcomes(session, history, cut, as_of),
        tracking=read_tracking(session, shop, cut, as_of),
    )


def run_backtest(data: HoldoutData, rules: FitRules | None = None) -> Backtest:
    """Fit at the cut and judge on the holdout."""
    fit, model = fit_purchases(data.cells, rules or FitRules())
    if model is None:
        return Backtest(data.as_of, data.cut, fit)
    holdout = (data.as_of - data.cut).days / DAYS_PER_UNIT
    judgement, bins = judge(model, data.outcomes, holdout)
    return Backtest(data.as_of, data.cut, fit, judgement, bins, weekly_tracking(model, data.tracking))


def judge(model: BgNbd, outcomes: Outcomes, horizon: float) -> tuple[Judgement, tuple[Bin, ...]]:
    """Compare predictions for (cut, cut + horizon] with the orders made in it; horizon in the model's unit."""
    cells, actual, customers = outcomes.cells, outcomes.actual_orders, outcomes.cells.customers
    history = cells.frequency, cells.recency_days / DAYS_PER_UNIT, cells.age_days / DAYS_PER_UNIT
    orders = model.expected_purchases(*history, horizon)
    probability = model.probability_of_purchase(*history, horizon)
    bought = (actual > 0).astype(np.float64)
    total = float(customers.sum())
    share = float(customers @ bought) / total
    judgement = Judgement(
        customers=round(total),
        buyers=round(float(customers @ bought)),
        expected_buyers=float(customers @ probability),
        expected_orders=float(customers @ orders),
        actual_orders=round(float(customers @ actual)),
        brier_score=float(customers @ (probability - bought) ** 2) / total,
        brier_score_constant=share * (1 - share),
        rank_correlation=_known(rank_correlation(orders, actual, customers)),
        rank_correlation_recency=_known(rank_correlation(cells.recency_days - cells.age_days, actual, customers)),
        rank_correlation_frequency=_known(rank_correlation(cells.frequency, actual, customers)),
    )
    bins = quantile_bins(orders, customers, BINS)
    return judgement, tuple(
        _bin(int(number), bins == number, customers, orders, actual, probability, bought) for number in np.unique(bins)
    )


def _bin(number: int, member: np.ndarray[tuple[int], np.dtype[np.bool_]], customers: Floats, *measures: Floats) -> Bin:
    weights = customers[member]
    orders, actual, probability, bought = (float(np.average(m[member], weights=weights)) for m in measures)
    return Bin(number, round(float(weights.sum())), orders, actual, probability, bought)


def _read_outcomes(session: Session, history: History, cut: date, as_of: date) -> Outcomes:
    table = session.arrow(OUTCOMES.format(history=history.sql), (*history.params, history.shop, cut, as_of))
    column = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
    cells = PurchaseCells(column["frequency"], column["recency_days"], column["age_days"], column["customers"])
    return Outcomes(cells, column["actual_orders"])


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
