from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.scores.backtest import Backtest, HoldoutData, read_holdout, run_backtest
from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.gamma_gamma import GammaGamma
from pipelines.warehouse import Warehouse
from tests.pipelines.scores.simulation import draw_purchases

Build = Callable[[pa.Table, date], None]
START, DAYS = date(2025, 1, 1), 540
LAST = START + timedelta(days=DAYS - 1)
MODEL, SPEND = BgNbd(0.6, 8.0, 0.8, 2.5), GammaGamma(6.0, 4.0, 120.0)


@pytest.fixture
def world() -> pa.Table:
    return draw_purchases(MODEL, SPEND, 6_000, START, 500, DAYS, seed=21)


@pytest.fixture
def holdout(settings: Settings, build: Build, world: pa.Table) -> HoldoutData:
    build(world, LAST)
    with Warehouse(settings).session() as session:
        return read_holdout(session, "us", LAST)


@pytest.fixture
def backtest(holdout: HoldoutData) -> Backtest:
    return run_backtest(holdout)


def test_only_customers_known_at_the_cut_are_judged_on_purchases_after_it(
    holdout: HoldoutData, world: pa.Table
) -> None:
    cut = LAST - timedelta(days=90)
    rows = list(zip(world["customer_id"].to_pylist(), world["purchase_date"].to_pylist(), strict=True))
    known = {customer for customer, day in rows if day <= cut}
    later = sum(1 for customer, day in rows if customer in known and day > cut)
    outcomes = holdout.outcomes
    assert holdout.cut == cut
    assert outcomes.cells.customers.sum() == len(known) == holdout.cells.customers.sum()
    assert outcomes.cells.customers @ outcomes.actual_orders == later
    # Of the purchases of the known customers, the first of each is no repeat purchase.
    tracked = sum(1 for customer, _ in rows if customer in known) - len(known)
    assert holdout.tracking.repeat_purchases.sum() == tracked
    assert holdout.tracking.first_purchases.sum() == len(known)


def test_customers_who_follow_the_model_are_predicted_to_sampling_error(backtest: Backtest) -> None:
    judgement = backtest.judgement
    assert judgement is not None
    assert judgement.expected_orders == pytest.approx(judgement.actual_orders, rel=0.08)
    assert judgement.expected_buyers == pytest.approx(judgement.buyers, rel=0.08)
    assert judgement.brier_score < 0.9 * judgement.brier_score_constant
    assert judgement.rank_correlation is not None
    assert judgement.rank_correlation > (judgement.rank_correlation_recency or 1)
    for row in backtest.bins:
        error = np.sqrt(row.buyers_share * (1 - row.buyers_share) / row.customers)
        assert row.purchase_probability_mean == pytest.approx(row.buyers_share, abs=4 * error + 0.01)


def test_bins_hold_all_customers_in_rising_order_of_expectation(backtest: Backtest) -> None:
    assert backtest.judgement is not None
    assert sum(row.customers for row in backtest.bins) == backtest.judgement.customers
    expected = [row.expected_orders_mean for row in backtest.bins]
    assert expected == sorted(expected)
    total = sum(row.actual_orders_mean * row.customers for row in backtest.bins)
    assert total == pytest.approx(backtest.judgement.actual_orders)


def test_weeks_are_whole_end_on_the_cut_and_add_up(backtest: Backtest, holdout: HoldoutData) -> None:
    ends = [week.week_end_date for week in backtest.weeks]
    assert holdout.cut in ends
    assert {(later - earlier).days for earlier, later in pairwise(ends)} == {7}
    assert ends[0] - timedelta(days=6) >= START
    assert ends[-1] <= LAST
    assert all(week.is_holdout == (week.week_end_date > holdout.cut) for week in backtest.weeks)
    in_weeks = (holdout.tracking.day > (ends[0] - timedelta(days=7) - holdout.cut).days) & (
        holdout.tracking.day <= (ends[-1] - holdout.cut).days
    )
    actual = sum(week.actual_orders for week in backtest.weeks)
    assert actual == holdout.tracking.repeat_purchases[in_weeks].sum()
    assert sum(week.expected_orders for week in backtest.weeks) == pytest.approx(actual, rel=0.08)


def test_a_shop_too_young_for_a_holdout_gets_a_reason(settings: Settings, build: Build) -> None:
    build(draw_purchases(MODEL, SPEND, 500, START, 60, 150, seed=3), START + timedelta(days=149))
    with Warehouse(settings).session() as session:
        backtest = run_backtest(read_holdout(session, "us", START + timedelta(days=149)))
        empty = run_backtest(read_holdout(session, "eu", LAST))
    assert backtest.judgement is None
    assert not backtest.bins
    assert not backtest.weeks
    assert backtest.fit.status == empty.fit.status == "too_little_data"
    assert "59 days of history" in (backtest.fit.reason or "")
