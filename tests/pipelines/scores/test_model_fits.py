import numpy as np
import pytest

from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.cells import PurchaseCells, ValueCells
from pipelines.scores.maximum_likelihood import Floats
from pipelines.scores.model_fits import FitRules, fit_purchases, fit_values
from tests.pipelines.scores.simulation import draw_customers

RULES = FitRules()


def simulated(number: int, weeks: float = 60.0) -> PurchaseCells:
    age = np.linspace(weeks / 2, weeks, number)
    customers = draw_customers(BgNbd(0.8, 6.0, 0.7, 2.5), number, weeks, seed=8)
    days = np.ceil(age * 7)
    return PurchaseCells(customers.count(0.0, age), np.ceil(customers.recency(age) * 7), days, np.ones(number))


def spend(number: int, seed: int = 9) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    frequency = generator.integers(1, 8, number).astype(np.float64)
    return frequency, generator.gamma(6 * frequency, 1 / (generator.gamma(4, 1 / 30, number) * frequency))


def test_enough_customers_of_a_plausible_kind_are_fitted() -> None:
    summary, model = fit_purchases(simulated(3_000), RULES)
    assert summary.fitted
    assert summary.reason is None
    assert model is not None
    assert summary.expected == pytest.approx(summary.observed, rel=0.1)


def test_all_that_is_too_little_is_named_at_once() -> None:
    summary, model = fit_purchases(simulated(60, weeks=10), RULES)
    assert model is None
    assert summary.status == "too_little_data"
    assert summary.maximum is None
    assert summary.reason is not None
    assert "60 customers where at least 200 are needed" in summary.reason
    assert "customers who bought again where at least 50 are needed" in summary.reason
    assert "70 days of history where at least 90 are needed" in summary.reason


def test_a_shop_without_a_customer_is_too_little_data_and_not_an_error() -> None:
    nothing = np.empty(0)
    summary, model = fit_purchases(PurchaseCells(nothing, nothing, nothing, nothing), RULES)
    assert (summary.status, summary.customers, model) == ("too_little_data", 0, None)
    values, value_model = fit_values(ValueCells(nothing, nothing, nothing), RULES)
    assert (values.status, values.customers, value_model) == ("too_little_data", 0, None)


def test_customers_who_all_buy_alike_cannot_be_told_apart_and_are_refused() -> None:
    weekly = np.arange(10.0, 60.0)
    cells = PurchaseCells(weekly, weekly * 7, weekly * 7, np.full(weekly.size, 20.0))
    summary, model = fit_purchases(cells, RULES)
    assert model is None
    assert summary.status == "did_not_converge"
    assert summary.reason is not None
    assert summary.reason.startswith("BG/NBD: ")


def test_a_model_that_misses_its_own_sample_is_refused() -> None:
    summary, model = fit_purchases(simulated(3_000), FitRules(max_in_sample_error=1e-6))
    assert model is None
    assert summary.status == "implausible"
    assert summary.reason is not None
    assert summary.reason.startswith("BG/NBD implies")
    assert summary.maximum is None


def test_spend_that_is_free_of_frequency_is_fitted_and_worthless_customers_are_counted() -> None:
    frequency, value = spend(4_000)
    value[:25] = 0.0
    value[25:30] = -4.0
    summary, model = fit_values(ValueCells(frequency, value, np.ones(4_000)), RULES)
    assert summary.fitted
    assert model is not None
    assert (summary.customers, summary.customers_left_out) == (3_970, 30)
    assert summary.expected == pytest.approx(summary.observed, rel=0.05)


def test_spend_that_grows_with_frequency_breaks_the_assumption_and_is_refused() -> None:
    frequency, value = spend(4_000)
    summary, model = fit_values(ValueCells(frequency, value * frequency, np.ones(4_000)), RULES)
    assert model is None
    assert summary.status == "assumption_violated"
    assert summary.reason is not None
    assert "Gamma-Gamma assumes that they are independent" in summary.reason
    assert summary.value_correlation is not None


def test_a_shop_with_one_price_has_no_spread_to_fit() -> None:
    cells = ValueCells(np.array([1.0, 2.0, 3.0]), np.full(3, 49.0), np.array([80.0, 40.0, 20.0]))
    summary, model = fit_values(cells, RULES)
    assert model is None
    assert summary.status == "did_not_converge"
    assert summary.value_correlation is None
