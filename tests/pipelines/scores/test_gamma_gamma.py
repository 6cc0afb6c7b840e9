import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import gamma

from pipelines.scores import gamma_gamma
from pipelines.scores.gamma_gamma import GammaGamma, MeanLogLikelihood
from pipelines.scores.maximum_likelihood import Floats

PUBLISHED = GammaGamma(6.25, 3.74, 15.44)


def draw(model: GammaGamma, number: int, seed: int) -> tuple[Floats, Floats]:
    generator = np.random.default_rng(seed)
    frequency = generator.integers(1, 9, number).astype(np.float64)
    scale = generator.gamma(model.q, 1 / model.v, number)
    return frequency, generator.gamma(model.p * frequency, 1 / (scale * frequency))


def test_the_likelihood_is_the_density_of_the_mean_averaged_over_customers() -> None:
    p, q, v, x, m = 6.25, 3.74, 15.44, 3.0, 42.5
    density, _ = quad(
        lambda nu: gamma.pdf(m, p * x, scale=1 / (nu * x)) * gamma.pdf(nu, q, scale=1 / v), 0, 5, epsabs=1e-14
    )
    value, _ = MeanLogLikelihood(np.array([x]), np.array([m]), np.ones(1))(np.log([p, q, v]))
    assert value == pytest.approx(np.log(density), rel=1e-9)


@given(st.floats(0.3, 40), st.floats(1.1, 20), st.floats(0.5, 400))
@settings(max_examples=30, deadline=None)
def test_the_gradient_is_the_slope_of_the_likelihood(p: float, q: float, v: float) -> None:
    objective = MeanLogLikelihood(np.array([1.0, 1.0, 4.0, 20.0]), np.array([9.99, 80.0, 35.0, 0.5]), np.arange(1.0, 5))
    point = np.log([p, q, v])
    numeric = approx_fprime(point, lambda at: float(objective(at)[0]), 1e-7)
    assert objective(point)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-5)


def test_simulated_customers_give_the_parameters_back_within_their_standard_errors() -> None:
    truth = GammaGamma(6.0, 4.0, 30.0)
    found = gamma_gamma.fit(*draw(truth, 40_000, seed=3), np.ones(40_000))
    assert found.converged
    assert found.agreeing_starts == found.starts
    assert (np.abs(found.parameters - [6.0, 4.0, 30.0]) < 3 * found.standard_errors).all()


def test_the_fit_does_not_depend_on_the_currency() -> None:
    frequency, value = draw(PUBLISHED, 3_000, seed=4)
    dollars = gamma_gamma.fit(frequency, value, np.ones(3_000)).parameters
    yen = gamma_gamma.fit(frequency, value * 150, np.ones(3_000)).parameters
    assert yen == pytest.approx(dollars * [1, 1, 150], rel=1e-6)


def test_the_expected_value_lies_between_the_own_mean_and_that_of_all_customers() -> None:
    frequency, value = np.array([0.0, 1.0, 4.0, 1e9]), np.full(4, 90.0)
    expected = PUBLISHED.expected_value(frequency, value)
    assert expected[0] == pytest.approx(PUBLISHED.mean_value())
    assert (np.diff(expected) > 0).all()
    assert expected[-1] == pytest.approx(90.0)


def test_without_a_finite_mean_the_expected_value_is_infinite() -> None:
    assert GammaGamma(2.0, 0.9, 10.0).mean_value() == float("inf")
