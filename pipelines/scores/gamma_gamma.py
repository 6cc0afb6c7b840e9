"""Gamma-Gamma: what a customer spends on a purchase.

Fader, Hardie (2013), "The Gamma-Gamma Model of Monetary Value", brucehardie.com/notes/025. Purchase values of a
customer are Gamma(p, nu), and nu is Gamma(q, v) across customers, independent of how often they buy. A customer enters
as frequency x >= 1 (repeat purchases) and the mean value m > 0 of these x purchases.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from pipelines.scores.maximum_likelihood import Floats, Maximum, maximise

# Starting points for p and q; v follows from the observed mean value, since E[M] = p v / (q - 1).
STARTS = np.array([[1.0, 2.0], [5.0, 4.0], [20.0, 3.0]])


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of the model: p of the purchases, q and v of the customers. v is in units of money."""

    p: float
    q: float
    v: float

    def mean_value(self) -> float:
        """Expected value of a purchase of a customer about whom nothing is known; infinite if q <= 1."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else float("inf")

    def expected_value(self, frequency: Floats, monetary_value: Floats) -> Floats:
        """Expected mean value of a customer's future purchases; equation (5) of the note.

        A weighted mean of what the customer spent and what customers spend: p (v + x m) / (p x + q - 1). Needs q > 1.
        """
        return self.p * (self.v + frequency * monetary_value) / (self.p * frequency + self.q - 1)


def fit(frequency: Floats, monetary_value: Floats, customers: Floats) -> Maximum:
    """Estimate (p, q, v) from distinct cells (all of frequency >= 1 and value > 0) and the customers in each."""
    mean = float(np.average(monetary_value, weights=customers))
    starts = np.column_stack([STARTS, mean * (STARTS[:, 1] - 1) / STARTS[:, 0]])
    objective = MeanLogLikelihood(frequency, monetary_value, customers)
    return maximise(objective, starts, np.array([1.0, 1.0, mean]), float(customers.sum()), "p q v")


class MeanLogLikelihood:
    """Mean log-likelihood per customer and its gradient in log(p, q, v); equation (1a) of the note.

    Written with s = x m, the total of a customer, as p x log(s / (s + v)) + q log(v / (s + v)) - log(m), which neither
    overflows nor cancels.
    """

    def __init__(self, frequency: Floats, monetary_value: Floats, customers: Floats) -> None:
        """Sort the cells once; every later call only evaluates."""
        self._total = float(customers.sum())
        self._x, index = np.unique(frequency, return_inverse=True)
        self._at_x = np.bincount(index, weights=customers)
        self._frequency, self._n = frequency, customers
        self._spent = frequency * monetary_value
        self._constant = float(customers @ np.log(monetary_value))

    def __call__(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Value and gradient at these log parameters."""
        p, q, v = (float(value) for value in np.exp(log_parameters))
        x, at_x = self._x, self._at_x
        own, prior = -np.log1p(v / self._spent), -np.log1p(self._spent / v)
        n_own = float((self._n * self._frequency) @ own)
        n_prior = float(self._n @ prior)
        value = float(at_x @ (gammaln(p * x + q) - gammaln(p * x))) - self._total * float(gammaln(q))
        value += p * n_own + q * n_prior - self._constant
        psi = digamma(p * x + q)
        d_p = float((at_x * x) @ (psi - digamma(p * x))) + n_own
        d_q = float(at_x @ psi) - self._total * float(digamma(q)) + n_prior
        d_v = self._total * q / v - float(self._n @ ((p * self._frequency + q) / (self._spent + v)))
        return value / self._total, np.array([d_p * p, d_q * q, d_v * v]) / self._total
