import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from pipelines.scores.ranking import correlation, quantile_bins, rank_correlation

ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 9)), min_size=2, max_size=40)


@given(ROWS)
@settings(max_examples=80, deadline=None)
def test_rank_correlation_on_groups_is_spearmans_on_the_people_in_them(rows: list[tuple[int, int, int]]) -> None:
    left, right, customers = np.array(rows, dtype=np.float64).T
    found = rank_correlation(left, right, customers)
    if np.unique(left).size == 1 or np.unique(right).size == 1:
        assert np.isnan(found)
        return
    people = customers.astype(int)
    assert found == pytest.approx(spearmanr(np.repeat(left, people), np.repeat(right, people)).statistic, abs=1e-12)


def test_bins_hold_equal_numbers_of_customers_and_never_split_equal_values() -> None:
    values, customers = np.arange(1000.0), np.ones(1000)
    assert np.bincount(quantile_bins(values, customers, 10).astype(int))[1:].tolist() == [100] * 10
    bins = quantile_bins(np.array([5.0, 1.0, 1.0, 9.0]), np.array([10.0, 500.0, 400.0, 90.0]), 10)
    assert bins[1] == bins[2]
    assert bins[3] == 10


def test_correlation_on_groups_is_that_of_the_people_in_them() -> None:
    frequency, value, people = np.array([1.0, 2.0, 5.0]), np.array([10.0, 30.0, 20.0]), np.array([3, 1, 2])
    expected = np.corrcoef(np.repeat(frequency, people), np.repeat(value, people))[0, 1]
    assert correlation(frequency, value, people.astype(float)) == pytest.approx(expected)
    assert np.isnan(correlation(np.ones(3), value, people.astype(float)))
