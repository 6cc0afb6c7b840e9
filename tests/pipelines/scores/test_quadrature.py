import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta

from pipelines.scores.quadrature import beta_rule


@pytest.mark.parametrize("first", [0.01, 0.5, 1.0, 3.0, 40.0])
def test_moments_of_the_beta_distribution_are_exact(first: float) -> None:
    second = np.array([0.02, 1 - first if first < 1 else 0.5, 1.0, 7.0, 300.0, 20_000.0])
    nodes, weights = beta_rule(first, second, 32)
    assert weights.sum(axis=1) == pytest.approx(np.ones(6))
    assert (nodes > 0).all()
    assert (nodes < 1).all()
    for power in range(1, 5):
        moment = [beta(first, other).moment(power) for other in second]
        assert (weights * nodes**power).sum(axis=1) == pytest.approx(moment, rel=1e-10)


def test_a_smooth_function_is_averaged_as_adaptive_integration_does() -> None:
    nodes, weights = beta_rule(2.0, np.array([5.0]), 48)
    found = float((weights * np.exp(-nodes) / (nodes + 0.1)).sum())
    expected, _ = quad(lambda p: np.exp(-p) / (p + 0.1) * beta.pdf(p, 2.0, 5.0), 0, 1, epsabs=1e-13)
    assert found == pytest.approx(expected, rel=1e-11)
