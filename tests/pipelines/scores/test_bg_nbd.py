import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.special import beta as beta_function
from scipy.special import gamma as gamma_function
from scipy.special import hyp2f1

from pipelines.scores import bg_nbd
from pipelines.scores.bg_nbd import BgNbd, MeanLogLikelihood
from pipelines.scores.maximum_likelihood import Floats
from tests.pipelines.scores.simulation import draw_customers

PUBLISHED = BgNbd(0.2426, 4.4136, 0.7929, 2.4259)
MODELS = st.builds(
    BgNbd,
    r=st.floats(0.05, 5),
    alpha=st.floats(0.5, 60),
    a=st.floats(0.02, 8),
    b=st.floats(0.05, 20),
)


def one(frequency: float, recency: float, age: float) -> tuple[Floats, Floats, Floats]:
    return np.array([frequency]), np.array([recency]), np.array([age])


def closed_form(model: BgNbd, x: Floats, t_x: Floats, age: Floats, t: float) -> Floats:
    """Equation (10) as printed, with the hypergeometric function of scipy."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + age + t))
    bracket = 1 - ((alpha + age) / (alpha + age + t)) ** (r + x) * series
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    return np.asarray((a + b + x - 1) / (a - 1) * bracket / (1 + np.where(x > 0, odds, 0)))


def printed_likelihood(model: BgNbd, x: float, t_x: float, age: float) -> float:
    """Equation (6) of the paper, product by product, for one customer."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    active = beta_function(a, b + x) / beta_function(a, b)
    active *= gamma_function(r + x) * alpha**r / gamma_function(r) / (alpha + age) ** (r + x)
    if x == 0:
        return float(active)
    gone = beta_function(a + 1, b + x - 1) / beta_function(a, b)
    gone *= gamma_function(r + x) * alpha**r / gamma_function(r) / (alpha + t_x) ** (r + x)
    return float(active + gone)


def test_the_likelihood_on_cells_is_the_printed_one_summed_over_customers() -> None:
    x, t_x = np.array([0.0, 0.0, 1.0, 2.0, 9.0]), np.array([0.0, 0.0, 5.5, 30.43, 20.0])
    age, customers = np.array([10.0, 38.86, 12.0, 38.86, 33.0]), np.array([7.0, 3.0, 2.0, 1.0, 4.0])
    value, _ = MeanLogLikelihood(x, t_x, age, customers)(np.log([0.2426, 4.4136, 0.7929, 2.4259]))
    each = [np.log(printed_likelihood(PUBLISHED, *row)) for row in zip(x, t_x, age, strict=True)]
    assert value == pytest.approx(float(customers @ each) / 17, rel=1e-12)


@given(MODELS)
@settings(max_examples=30, deadline=None)
def test_the_gradient_is_the_slope_of_the_likelihood(model: BgNbd) -> None:
    x, t_x = np.array([0.0, 1.0, 2.0, 40.0]), np.array([0.0, 5.0, 30.0, 60.0])
    objective = MeanLogLikelihood(x, t_x, np.array([20.0, 12.0, 39.0, 70.0]), np.array([5.0, 2.0, 1.0, 1.0]))
    point = np.log([model.r, model.alpha, model.a, model.b])
    numeric = approx_fprime(point, lambda at: float(objective(at)[0]), 1e-7)
    assert objective(point)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-5)


def test_the_published_customer_is_expected_to_buy_1_226_times_in_39_weeks() -> None:
    """Fader, Hardie, Lee (2005), "Implementing the BG/NBD Model for Customer Base Analysis in Excel"."""
    assert PUBLISHED.expected_purchases(*one(2, 30.43, 38.86), 39.0)[0] == pytest.approx(1.226, abs=5e-4)


@pytest.mark.parametrize("horizon", [1e-6, 13.0, 52.0, 500.0])
@pytest.mark.parametrize("model", [PUBLISHED, BgNbd(2, 10, 0.05, 3), BgNbd(0.5, 0.5, 3, 0.2), BgNbd(5, 2, 1.5, 8)])
def test_expected_purchases_are_those_of_the_closed_form_where_that_is_stable(model: BgNbd, horizon: float) -> None:
    x = np.array([0.0, 1.0, 2.0, 10.0, 50.0])
    t_x, age = np.where(x > 0, 30.0, 0.0), np.full(5, 39.0)
    expected = closed_form(model, x, t_x, age, horizon)
    assert model.expected_purchases(x, t_x, age, horizon) == pytest.approx(expected, rel=1e-9 if horizon > 1 else 1e-4)


def test_expected_purchases_stay_finite_where_the_closed_form_divides_by_zero_or_overflows() -> None:
    at_one = BgNbd(0.3, 5, 1.0, 2).expected_purchases(*one(3, 20, 30), 13.0)
    beside = BgNbd(0.3, 5, 1.000001, 2).expected_purchases(*one(3, 20, 30), 13.0)
    assert at_one == pytest.approx(beside, rel=1e-5)
    many = PUBLISHED.expected_purchases(*one(800, 390, 391), 52.0)[0]
    # A customer with 800 purchases in 391 weeks is known exactly: about two a week while active, rarely leaving.
    assert 0.9 < many / (800 / 391 * 52) < 1.0


def test_expected_purchases_are_the_integral_of_the_rate_over_the_posterior() -> None:
    """Integrate over the drop-out probability by adaptive quadrature, from the definition and not from the rule."""
    r, alpha, a, b = 0.2426, 4.4136, 0.7929, 2.4259
    x, t_x, age, t = 2.0, 30.43, 38.86, 39.0

    def purchases_given(p: float) -> float:
        inner, _ = quad(lambda s: (r + x) / (alpha + age) * (1 + p * s / (alpha + age)) ** (-(r + x) - 1), 0, t)
        return float(inner * p ** (a - 1) * (1 - p) ** (b + x - 1) / beta_function(a, b + x))

    while_active, _ = quad(purchases_given, 0, 1)
    alive = PUBLISHED.probability_alive(*one(x, t_x, age))[0]
    expected = BgNbd(r, alpha, a, b).expected_purchases(*one(x, t_x, age), t)[0]
    assert expected == pytest.approx(alive * while_active, rel=1e-3)


def test_a_customer_without_a_repeat_purchase_is_active_by_assumption() -> None:
    assert PUBLISHED.probability_alive(*one(0, 0, 500))[0] == 1.0


@given(MODELS, st.integers(1, 300), st.floats(0.1, 150), st.lists(st.floats(0, 400), min_size=2, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_longer_the_silence_the_less_likely_a_customer_is_active(
    model: BgNbd, frequency: int, recency: float, silences: list[float]
) -> None:
    age = recency + np.sort(np.array(silences))
    alive = model.probability_alive(np.full(age.size, float(frequency)), np.full(age.size, recency), age)
    assert ((alive >= 0) & (alive <= 1)).all()
    assert (np.diff(alive) <= 1e-12).all()


@given(MODELS, st.integers(0, 200), st.floats(0.1, 100), st.floats(0, 100), st.floats(0.1, 60), st.floats(0.1, 60))
@settings(max_examples=60, deadline=None)
def test_a_longer_horizon_never_expects_less_and_buying_at_all_bounds_the_mean(
    model: BgNbd, frequency: int, recency: float, silence: float, horizon: float, more: float
) -> None:
    history = one(frequency, recency if frequency else 0.0, recency + silence)
    short, long = (model.expected_purchases(*history, h)[0] for h in (horizon, horizon + more))
    probability = model.probability_of_purchase(*history, horizon)[0]
    assert 0 <= short <= long * (1 + 1e-9)
    assert 0 <= probability <= 1
    # Markov's inequality: P(X > 0) <= E[X].
    assert probability <= short * (1 + 1e-7) + 1e-12


def test_simulated_customers_give_the_parameters_back_within_their_standard_errors() -> None:
    truth = np.array([0.6, 8.0, 0.9, 3.0])
    age = np.repeat(np.arange(20.0, 80.0), 500)
    customers = draw_customers(BgNbd(*truth), age.size, 80.0, seed=11)
    found = bg_nbd.fit(customers.count(0.0, age), customers.recency(age), age, np.ones(age.size))
    assert found.converged
    assert found.agreeing_starts == found.starts
    assert (np.abs(found.parameters - truth) < 3 * found.standard_errors).all()


def test_what_is_expected_of_simulated_customers_is_what_they_do() -> None:
    model, age, horizon = BgNbd(0.8, 6.0, 0.7, 2.5), np.full(60_000, 40.0), 13.0
    customers = draw_customers(model, age.size, 53.0, seed=5)
    history = customers.count(0.0, age), customers.recency(age), age
    later = customers.count(age, age + horizon)
    error = later.std() / np.sqrt(age.size)
    assert model.expected_purchases(*history, horizon).mean() == pytest.approx(later.mean(), abs=4 * error)
    buyers = (later > 0).mean()
    error = np.sqrt(buyers * (1 - buyers) / age.size)
    assert model.probability_of_purchase(*history, horizon).mean() == pytest.approx(buyers, abs=4 * error)
    # And for the loyal ones alone, so that errors of opposite sign cannot cancel.
    loyal = (history[0] >= 5) & (history[1] > 30)
    assert model.expected_purchases(*history, horizon)[loyal].mean() == pytest.approx(later[loyal].mean(), rel=0.04)


def test_expectations_before_and_after_a_cut_add_up_to_the_whole() -> None:
    """Law of total expectation: E[X(T + t)] = E[X(T)] + E[E[Y(t) | history up to T]]."""
    model, age, horizon = BgNbd(0.8, 6.0, 0.7, 2.5), np.full(60_000, 40.0), 26.0
    customers = draw_customers(model, age.size, 40.0, seed=6)
    conditional = model.expected_purchases(customers.count(0.0, age), customers.recency(age), age, horizon)
    whole, first = model.expected_repeat_purchases(np.array([66.0, 40.0]))
    error = conditional.std() / np.sqrt(age.size)
    assert conditional.mean() == pytest.approx(whole - first, abs=4 * error)


def test_a_new_customer_has_expected_nothing_at_time_zero_and_before() -> None:
    assert PUBLISHED.expected_repeat_purchases(np.array([-3.0, 0.0])).tolist() == [0.0, 0.0]
