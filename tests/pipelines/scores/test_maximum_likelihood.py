import numpy as np
import pytest

from pipelines.scores.maximum_likelihood import Floats, Objective, maximise


def exponential(observations: Floats) -> Objective:
    """Mean log-likelihood of the exponential distribution in log(rate), the textbook case."""
    mean = float(observations.mean())

    def objective(log_parameters: Floats) -> tuple[float, Floats]:
        rate = float(np.exp(log_parameters[0]))
        return float(np.log(rate) - rate * mean), np.array([1 - rate * mean])

    return objective


def test_the_peak_and_its_standard_error_are_those_of_the_textbook() -> None:
    observations = np.random.default_rng(1).exponential(4.0, 10_000)
    found = maximise(exponential(observations), np.array([[1.0], [50.0]]), np.ones(1), 10_000, "rate")
    assert found.converged
    assert found.agreeing_starts == found.starts == 2
    rate = 1 / observations.mean()
    assert found.parameters[0] == pytest.approx(rate, rel=1e-12)
    assert found.standard_errors[0] == pytest.approx(rate / 100, rel=1e-6)
    assert found.log_likelihood == pytest.approx(10_000 * (np.log(rate) - 1))


def test_two_parameters_that_only_matter_together_are_refused_as_a_plateau() -> None:
    def ridge(log_parameters: Floats) -> tuple[float, Floats]:
        distance = float(log_parameters.sum()) - 1.0
        return -(distance**2), np.full(2, -2 * distance)

    found = maximise(ridge, np.array([[1.0, 1.0]]), np.ones(2), 100, "a b")
    assert not found.converged
    assert found.reason == "the likelihood is flat: a, b cannot be told apart on these data"
    assert np.isnan(found.standard_errors).all()


def test_a_parameter_that_runs_away_is_named() -> None:
    def rising(log_parameters: Floats) -> tuple[float, Floats]:
        first, second = log_parameters
        return float(-(first**2) + second), np.array([-2 * first, 1.0])

    found = maximise(rising, np.array([[1.0, 1.0]]), np.ones(2), 100, "p q")
    assert found.reason == "q ran to the edge of the search: the data do not identify it"


def test_a_likelihood_that_is_never_finite_is_a_reason_and_not_a_crash() -> None:
    found = maximise(lambda x: (float("nan"), np.full(1, np.nan)), np.ones((2, 1)), np.ones(1), 10, "r")
    assert found.reason == "the likelihood is not finite at any start"


def test_the_better_of_two_peaks_wins_and_the_other_start_does_not_agree() -> None:
    def two_peaks(log_parameters: Floats) -> tuple[float, Floats]:
        x = float(log_parameters[0])
        left, right = np.exp(-((x + 3) ** 2)), 2 * np.exp(-((x - 3) ** 2))
        return float(left + right), np.array([-2 * (x + 3) * left - 2 * (x - 3) * right])

    found = maximise(two_peaks, np.exp([[-3.3], [2.5]]), np.ones(1), 10, "x")
    assert np.log(found.parameters[0]) == pytest.approx(3.0, abs=1e-6)
    assert found.agreeing_starts == 1
