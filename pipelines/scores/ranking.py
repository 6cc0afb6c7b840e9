"""Statistics on grouped observations: each row stands for `customers` people with the same numbers."""

import numpy as np

from pipelines.scores.maximum_likelihood import Floats


def rank_correlation(left: Floats, right: Floats, customers: Floats) -> float:
    """Spearman's rank correlation with ties at their mean rank; NaN when one side does not vary. Shapes: (rows,)."""
    x, y = mean_ranks(left, customers), mean_ranks(right, customers)
    share = customers / customers.sum()
    x, y = x - share @ x, y - share @ y
    spread = float((share @ x**2) * (share @ y**2))
    return float(share @ (x * y)) / spread**0.5 if spread > 0 else float("nan")


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
