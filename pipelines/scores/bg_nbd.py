"""BG/NBD: how often a customer buys and whether they still do.

Fader, Hardie, Lee (2005), "'Counting Your Customers' the Easy Way: An Alternative to the Pareto/NBD Model", Marketing
Science 24(2). While active a customer buys at rate lambda; after each purchase they leave for good with probability p.
Across customers lambda is Gamma(r, alpha) and p is Beta(a, b). A customer enters as frequency x (repeat purchases),
recency t_x (first to last purchase) and age T (first purchase to the end of observation).

All functions are vectorised over arrays of one shape, (cells,); times are in the unit of alpha.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, expit, gammaln

from pipelines.scores.maximum_likelihood import Floats, Maximum, maximise
from pipelines.scores.quadrature import beta_rule

# Starting points (r, alpha as a share of the mean age, a, b): heterogeneous buyers with early drop-out, as in the
# published example; steady buyers; and buyers who hardly ever leave.
STARTS = np.array([[0.25, 0.15, 0.8, 2.5], [1.0, 1.0, 1.0, 1.0], [2.0, 1.0, 0.1, 3.0]])
# Nodes of the rule that averages over p; 64 leave a relative error below 1e-10 while t < 50 (alpha + T).
NODES = 64
# Pairs of (frequency, age) averaged at a time: bounds the memory at some 50 MB, however long the history.
CHUNK = 20_000


@dataclass(frozen=True)
class BgNbd:
    """Parameters of the model: r and alpha of the purchase rate, a and b of the drop-out probability."""

    r: float
    alpha: float
    a: float
    b: float

    def probability_alive(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """P(still active at T). It is 1 without a repeat purchase: the model lets a customer leave only after one."""
        silence = np.log((self.alpha + age) / (self.alpha + recency))
        return np.where(frequency > 0, expit(-_log_odds_gone(self, frequency, silence)), 1.0)

    def probability_of_purchase(self, frequency: Floats, recency: Floats, age: Floats, horizon: float) -> Floats:
        """P(at least one purchase in (T, T + horizon]).

        An active customer stays so until their next purchase, so only the wait for it matters: given lambda, it exceeds
        the horizon with probability exp(-lambda t). The posterior of lambda of an active customer is Gamma(r + x,
        alpha + T), which gives P(alive) (1 - ((alpha + T) / (alpha + T + t)) ** (r + x)).
        """
        alive = self.probability_alive(frequency, recency, age)
        return -alive * np.expm1(-(self.r + frequency) * np.log1p(horizon / (self.alpha + age)))

    def expected_purchases(self, frequency: Floats, recency: Floats, age: Floats, horizon: float) -> Floats:
        """Expected number of purchases in (T, T + horizon]; equation (10) of the paper.

        The paper's closed form divides two numbers that vanish together at a = 1 and needs a 2F1 that loses digits at
        high frequency. The same expectation is P(alive) E[(1 - (1 + p t / (alpha + T)) ** -(r + x)) / p] over the
        posterior p ~ Beta(a, b + x) of an active customer: a smooth integrand, summed here with a Gauss-Jacobi rule.
        It depends on recency through P(alive) only, so it is evaluated once for each distinct (frequency, age).
        """
        frequencies, x = np.unique(frequency, return_inverse=True)
        ages, at = np.unique(age, return_inverse=True)
        pairs, where = np.unique(x * ages.size + at, return_inverse=True)
        x, at = np.divmod(pairs, ages.size)
        nodes, weights = beta_rule(self.a, self.b + frequencies, NODES)
        power, ratio = (self.r + frequencies[x])[:, None], (horizon / (self.alpha + ages[at]))[:, None]
        while_alive = np.empty(pairs.size)
        for begin in range(0, pairs.size, CHUNK):
            rows = slice(begin, begin + CHUNK)
            while_alive[rows] = _mean_over_p(nodes[x[rows]], weights[x[rows]], power[rows], ratio[rows])
        return self.probability_alive(frequency, recency, age) * while_alive[where]

    def expected_repeat_purchases(self, time: Floats) -> Floats:
        """Expected repeat purchases of a new customer in (0, time]; equation (9) of the paper. Zero before time 0."""
        time = np.maximum(np.asarray(time, dtype=np.float64), 0.0)
        nodes, weights = beta_rule(self.a, np.array([self.b]), NODES)
        return _mean_over_p(nodes, weights, self.r, time[..., None] / self.alpha)


def fit(frequency: Floats, recency: Floats, age: Floats, customers: Floats) -> Maximum:
    """Estimate (r, alpha, a, b) from distinct cells and the number of customers in each. Shapes: all (cells,)."""
    mean_age = float(np.average(age, weights=customers))
    scales = np.array([1.0, max(mean_age, 1e-6), 1.0, 1.0])
    objective = MeanLogLikelihood(frequency, recency, age, customers)
    return maximise(objective, STARTS * scales, scales, float(customers.sum()), "r alpha a b")


class MeanLogLikelihood:
    """Mean log-likelihood per customer and its gradient in log(r, alpha, a, b); equation (6) of the paper.

    Terms in x alone are summed over distinct frequencies, so the special functions cost nothing; the two ways to the
    same history (still active, left after the last purchase) are added in log space.
    """

    def __init__(self, frequency: Floats, recency: Floats, age: Floats, customers: Floats) -> None:
        """Sort the cells once; every later call only evaluates."""
        self._total = float(customers.sum())
        self._x, index = np.unique(frequency, return_inverse=True)
        self._at_x = np.bincount(index, weights=customers)
        once = frequency == 0
        # Without a repeat purchase only the age matters.
        self._age_once, index = np.unique(age[once], return_inverse=True)
        self._n_once = np.bincount(index, weights=customers[once], minlength=self._age_once.size)
        self._frequency, self._recency, self._age = frequency[~once], recency[~once], age[~once]
        self._n = customers[~once]

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Value and gradient at these log parameters."""
        r, alpha, a, b = (float(value) for value in np.exp(log_parameters))
        model = BgNbd(r, alpha, a, b)
        x, at_x = self._x, self._at_x
        value = float(at_x @ (gammaln(r + x) + gammaln(b + x) - gammaln(a + b + x)))
        value += self._total * float(r * np.log(alpha) - gammaln(r) - gammaln(b) + gammaln(a + b))
        d_r = float(at_x @ digamma(r + x)) + self._total * float(np.log(alpha) - digamma(r))
        d_both = float(at_x @ digamma(a + b + x)) - self._total * float(digamma(a + b))
        d_b = float(at_x @ digamma(b + x)) - self._total * float(digamma(b)) - d_both
        d_a, d_alpha = -d_both, self._total * r / alpha

        log_age = np.log(alpha + self._age_once)
        value -= r * float(self._n_once @ log_age)
        d_r -= float(self._n_once @ log_age)
        d_alpha -= r * float(self._n_once @ (1 / (alpha + self._age_once)))

        log_age, log_recency = np.log(alpha + self._age), np.log(alpha + self._recency)
        log_odds = _log_odds_gone(model, self._frequency, log_age - log_recency)
        gone = expit(log_odds)
        power = r + self._frequency
        value += float(self._n @ (np.logaddexp(0.0, log_odds) - power * log_age))
        d_r -= float(self._n @ (log_age + gone * (log_recency - log_age)))
        kept = (1 - gone) / (alpha + self._age) + gone / (alpha + self._recency)
        d_alpha -= float((self._n * power) @ kept)
        d_a += float(self._n @ gone) / a
        d_b -= float(self._n @ (gone / (b + self._frequency - 1)))
        gradient = np.array([d_r * r, d_alpha * alpha, d_a * a, d_b * b])
        return value / self._total, gradient / self._total


def _log_odds_gone(model: BgNbd, frequency: Floats, silence: Floats) -> Floats:
    """log(P(left) / P(active)), for frequency > 0 only; `silence` is log((alpha + T) / (alpha + t_x))."""
    hazard = np.log(model.a) - np.log(model.b + np.maximum(frequency, 1.0) - 1)
    return np.asarray(hazard + (model.r + frequency) * silence)


def _mean_over_p(nodes: Floats, weights: Floats, power: Floats | float, ratio: Floats) -> Floats:
    """Weighted sum of (1 - (1 + p ratio) ** -power) / p over the last axis, p being the nodes."""
    return np.asarray(np.sum(weights * -np.expm1(-power * np.log1p(nodes * ratio)) / nodes, axis=-1))
