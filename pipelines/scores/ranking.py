"""Statistics on grouped observations: each row stands for `customers` people with the same numbers. Shapes: (rows,)."""

import numpy as np

from pipelines.scores.maximum_likelihood import Floats


def correlation(left: Floats, right: Floats, customers: Floats) -> float:
    """Pearson's correlation; NaN when one side does not vary."""
    if np.ptp(left) == 0 or np.ptp(right) == 0:
        return float("nan")
    share = customers / customers.sum()
    x, y = left - share @ left, right - share @ right
    return float((share @ (x * y)) / np.sqrt((share @ x**2) * (share @ y**2)))


def rank_correlation(left: Floats, right: Floats, customers: Floats) -> float:
    """Spearman's rank correlation with ties at their mean rank; NaN when one side does not vary."""
    return correlation(mean_ranks(left, customers), mean_ranks(right, customers), customers)


def mean_ranks(values: Floats, customers: Floats) -> Floats:
    """Rank of each row among all customers, counted from 1; equal values share the mean of their ranks."""
    _, index = np.unique(values, return_inverse=True)
    tied = np.bincount(index, weights=customers)
    ranks = np.cumsum(tied) - (tied - 1) / 2
    return np.asarray(ranks[index], dtype=np.float64)


def quantile_bins(values: Floats, customers: Floats, bins: int) -> Floats:
    """Bin 1 (lowest) to `bins` of each row, bins being as equal in customers as whole groups of equal values allow."""
    ranks = mean_ranks(values, customers)
    return np.asarray(np.minimum(np.floor((ranks - 0.5) / customers.sum() * bins) + 1, bins), dtype=np.float64)
