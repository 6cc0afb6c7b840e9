"""From cells to a fitted model, or to the reason why there is none.

A score that nobody can defend is worse than none: each fit passes the same gates (enough data, a proven peak of the
likelihood, figures that the data confirm), and a shop that fails one gets no scores and a sentence instead.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from pipelines.scores import bg_nbd, gamma_gamma, ranking
from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.cells import (
    PurchaseCells,
    ValueCells,
    history_at,
    read_purchase_cells,
    read_value_cells,
)
from pipelines.scores.gamma_gamma import GammaGamma
from pipelines.scores.maximum_likelihood import Maximum
from pipelines.warehouse import Session

Status = Literal["fitted", "too_little_data", "did_not_converge", "implausible", "assumption_violated"]

# Parameters are in weeks, like the published ones: alpha of a shop can be read next to those of the papers.
DAYS_PER_UNIT = 7.0


@dataclass(frozen=True)
class FitRules:
    """When a fit is believed.

    `max_value_correlation`: Gamma-Gamma assumes that spend is independent of frequency. On CDNOW the correlation is
    0.11 and the assumption is accepted (Fader, Hardie, Lee 2005, "RFM and CLV: Using Iso-Value Curves for Customer Base
    Analysis", Journal of Marketing Research 42(4)); 0.3 is where Cohen (1988, "Statistical Power Analysis for the
    Behavioral Sciences") places a medium effect, and beyond it a heavy buyer's spend would be pulled to a wrong mean.
    `max_in_sample_error`: relative difference between the repeat purchases (or the mean value) that the model implies
    and those observed.
    """

    min_customers: int = 200
    min_repeat_customers: int = 50
    min_history_days: int = 90
    max_value_correlation: float = 0.3
    max_in_sample_error: float = 0.25


@dataclass(frozen=True)
class FitSummary:
    """One row of scores.model_fits without shop and time. What is unknown or refused is None."""

    model: Literal["bg_nbd", "gamma_gamma"]
    status: Status
    reason: str | None
    customers: int
    repeat_customers: int
    cells: int
    history_days: int | None = None
    customers_left_out: int = 0
    observed: float | None = None
    expected: float | None = None
    value_correlation: float | None = None
    maximum: Maximum | None = None

    @property
    def fitted(self) -> bool:
        """Whether the model may be used."""
        return self.status == "fitted"


@dataclass(frozen=True)
class ShopFit:
    """Both models of one shop, seen at the close of the business day `as_of`. A refused model is None."""

    shop: str
    as_of: date | None
    cells: PurchaseCells
    purchases: FitSummary
    values: FitSummary
    purchase_model: BgNbd | None
    value_model: GammaGamma | None


def fit_at(session: Session, shop: str, as_of: date, rules: FitRules | None = None) -> ShopFit:
    """Fit one shop on the purchases up to and including the business day `as_of`, rebuilt from purchase days."""
    history = history_at(shop, as_of)
    return fit_shop(shop, as_of, read_purchase_cells(session, history), read_value_cells(session, history), rules)


def fit_shop(
    shop: str, as_of: date | None, purchase_cells: PurchaseCells, value_cells: ValueCells, rules: FitRules | None = None
) -> ShopFit:
    """Fit both models of one shop from its cells."""
    rules = rules or FitRules()
    purchases, purchase_model = fit_purchases(purchase_cells, rules)
    values, value_model = fit_values(value_cells, rules)
    return ShopFit(shop, as_of, purchase_cells, purchases, values, purchase_model, value_model)


def fit_purchases(cells: PurchaseCells, rules: FitRules) -> tuple[FitSummary, BgNbd | None]:
    """Fit BG/NBD; parameters in weeks. `observed` and `expected` are repeat purchases in the sample."""
    customers = int(cells.customers.sum())
    repeat_customers = int(cells.customers[cells.frequency > 0].sum())
    history_days = int(cells.age_days.max()) if customers else 0
    observed = float(cells.customers @ cells.frequency)

    def summary(
        status: Status, reason: str | None, expected: float | None = None, maximum: Maximum | None = None
    ) -> FitSummary:
        return FitSummary(
            model="bg_nbd",
            status=status,
            reason=reason,
            customers=customers,
            repeat_customers=repeat_customers,
            cells=cells.frequency.size,
            history_days=history_days,
            observed=observed,
            expected=expected,
            maximum=maximum,
        )

    if shortage := _shortage(customers, repeat_customers, history_days, rules):
        return summary("too_little_data", shortage), None
    age = cells.age_days / DAYS_PER_UNIT
    maximum = bg_nbd.fit(cells.frequency, cells.recency_days / DAYS_PER_UNIT, age, cells.customers)
    if not maximum.converged:
        return summary("did_not_converge", f"BG/NBD: {maximum.reason}"), None
    model = BgNbd(*(float(value) for value in maximum.parameters))
    ages, where = np.unique(age, return_inverse=True)
    expected = float(np.bincount(where, weights=cells.customers) @ model.expected_repeat_purchases(ages))
    if abs(expected / observed - 1) > rules.max_in_sample_error:
        reason = f"BG/NBD implies {expected:,.0f} repeat purchases where {observed:,.0f} were made"
        return summary("implausible", reason, expected), None
    return summary("fitted", None, expected, maximum), model


def fit_values(cells: ValueCells, rules: FitRules) -> tuple[FitSummary, GammaGamma | None]:
    """Fit Gamma-Gamma on repeat customers. `observed` and `expected` are the mean value of a purchase.

    Customers whose repeat purchases brought nothing (all refunded, or free) have no place in a model of positive values
    and are left out and counted.
    """
    spent = cells.monetary_value > 0
    x, m, n = cells.frequency[spent], cells.monetary_value[spent], cells.customers[spent]
    repeat_customers = int(n.sum())
    observed = float(np.average(m, weights=n)) if repeat_customers else None
    correlation = ranking.correlation(x, m, n) if repeat_customers else float("nan")

    def summary(
        status: Status, reason: str | None, expected: float | None = None, maximum: Maximum | None = None
    ) -> FitSummary:
        return FitSummary(
            model="gamma_gamma",
            status=status,
            reason=reason,
            customers=repeat_customers,
            repeat_customers=repeat_customers,
            cells=x.size,
            customers_left_out=int(cells.customers[~spent].sum()),
            observed=observed,
            expected=expected,
            value_correlation=None if np.isnan(correlation) else correlation,
            maximum=maximum,
        )

    if observed is None or repeat_customers < rules.min_repeat_customers:
        reason = (
            f"{repeat_customers:,} paying repeat customers where at least {rules.min_repeat_customers:,} are needed"
        )
        return summary("too_little_data", reason), None
    if abs(correlation) > rules.max_value_correlation:
        reason = (
            f"spend and frequency correlate by {correlation:.2f}, beyond {rules.max_value_correlation:.2f}: "
            "Gamma-Gamma assumes that they are independent"
        )
        return summary("assumption_violated", reason), None
    maximum = gamma_gamma.fit(x, m, n)
    if not maximum.converged:
        return summary("did_not_converge", f"Gamma-Gamma: {maximum.reason}"), None
    model = GammaGamma(*(float(value) for value in maximum.parameters))
    expected = model.mean_value()
    if abs(expected / observed - 1) > rules.max_in_sample_error:
        return summary(
            "implausible", f"Gamma-Gamma implies a mean value of {expected:,.2f} where {observed:,.2f} was paid"
        ), None
    return summary("fitted", None, expected, maximum), model


def _shortage(customers: int, repeat_customers: int, history_days: int, rules: FitRules) -> str:
    shortages = [
        f"{have:,} {what} where at least {need:,} are needed"
        for have, need, what in (
            (customers, rules.min_customers, "customers"),
            (repeat_customers, rules.min_repeat_customers, "customers who bought again"),
            (history_days, rules.min_history_days, "days of history"),
        )
        if have < need
    ]
    return "; ".join(shortages)
