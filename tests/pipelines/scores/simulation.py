"""Draws customers from the models themselves, event by event: the independent witness of the formulas."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.gamma_gamma import GammaGamma
from pipelines.scores.maximum_likelihood import Floats


@dataclass(frozen=True)
class Customers:
    """`times` holds the moments of repeat purchases since the first one, infinite after the customer left.

    Shape (customers, purchases).
    """

    times: Floats

    def count(self, start: Floats | float, end: Floats | float) -> Floats:
        """Repeat purchases in (start, end]; bounds are one for all or one a customer."""
        after = self.times > np.reshape(start, (-1, 1))
        return np.asarray((after & (self.times <= np.reshape(end, (-1, 1)))).sum(axis=1), dtype=np.float64)

    def recency(self, end: Floats) -> Floats:
        return np.asarray(np.where(self.times <= end[:, None], self.times, 0.0).max(axis=1))


def draw_customers(model: BgNbd, number: int, horizon: float, seed: int) -> Customers:
    """Repeat purchases in (0, horizon] of new customers."""
    generator = np.random.default_rng(seed)
    rate = generator.gamma(model.r, 1 / model.alpha, number)
    leaves = generator.beta(model.a, model.b, number)
    now, active = np.zeros(number), np.ones(number, dtype=bool)
    columns: list[Floats] = []
    while True:
        now = np.where(active, now + generator.exponential(1 / np.maximum(rate, 1e-300)), np.inf)
        active = active & (now <= horizon)
        if not active.any():
            return Customers(np.stack([*columns, np.full(number, np.inf)], axis=1))
        columns.append(np.where(active, now, np.inf))
        # A customer may leave after each repeat purchase, never before the first of them.
        active = active & (generator.random(number) >= leaves)


def draw_purchases(
    model: BgNbd, spend: GammaGamma, number: int, start: date, joining_days: int, days: int, seed: int, shop: str = "us"
) -> pa.Table:
    """Purchases of customers who join evenly over the first `joining_days` of `days` days; model times are in weeks."""
    generator = np.random.default_rng(seed)
    joined = np.floor(np.arange(number) * joining_days / number)
    customers = draw_customers(model, number, days / 7, seed)
    day = np.concatenate([joined[:, None], np.ceil(joined[:, None] + customers.times * 7)], axis=1)
    who, nth = np.nonzero(day < days)
    scale = generator.gamma(spend.q, 1 / spend.v, number)
    amounts = np.maximum(np.round(generator.gamma(spend.p, 1 / scale[who]), 2), 0.01)
    keys, index = np.unique(np.stack([who, day[who, nth].astype(np.int64)]), axis=1, return_inverse=True)
    dates = [start + timedelta(days=int(offset)) for offset in range(days)]
    total = np.bincount(index, weights=amounts)
    return pa.table(
        {
            "shop": pa.repeat(shop, keys.shape[1]),
            "customer_id": keys[0] + 1,
            "purchase_date": pa.array(dates, pa.date32()).take(pa.array(keys[1])),
            "net_sales_amount": total,
        }
    )
