"""Repeat purchases week by week, as they came and as the model expects them, through fit and holdout.

The tracking plot of the BG/NBD literature: it shows at a glance whether the model follows the decay of a customer base,
and what it cannot know (seasons, campaigns, outages). Only customers known at the cut are counted.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipelines.scores.bg_nbd import BgNbd
from pipelines.scores.cells import DAYS_TABLE
from pipelines.scores.maximum_likelihood import Floats
from pipelines.scores.model_fits import DAYS_PER_UNIT
from pipelines.warehouse import Session

WEEK = 7

# Purchases by day since the cut (zero or below: before it), first purchases and repeat purchases apart.
DAILY = f"""
select
    date_diff('day', cast(? as date), purchase_date) as day,
    sum(case when purchase_date = first_date then 1 else 0 end) as first_purchases,
    sum(case when purchase_date > first_date then 1 else 0 end) as repeat_purchases
from (
    select purchase_date, min(purchase_date) over (partition by customer_id) as first_date
    from {DAYS_TABLE}
    where shop = ? and purchase_date <= cast(? as date)
) as purchases
where first_date <= cast(? as date)
group by purchase_date
order by purchase_date
"""


@dataclass(frozen=True)
class Tracking:
    """Daily counts of one shop; `day` counts from the cut, which is day 0. Shapes: (days with a purchase,)."""

    cut: date
    last_day: int
    day: Floats
    first_purchases: Floats
    repeat_purchases: Floats


@dataclass(frozen=True)
class Week:
    """A whole week of seven business days that ends on `week_end_date`; weeks are aligned to end on the cut."""

    week_end_date: date
    is_holdout: bool
    actual_orders: int
    expected_orders: float


def read_tracking(session: Session, shop: str, cut: date, as_of: date) -> Tracking:
    """Read the daily counts of the customers known at the cut, up to and including `as_of`."""
    table = session.arrow(DAILY, (cut, shop, as_of, cut))
    column = {name: table[name].to_numpy().astype(np.float64) for name in table.column_names}
    return Tracking(cut, (as_of - cut).days, column["day"], column["first_purchases"], column["repeat_purchases"])


def weekly_tracking(model: BgNbd, tracking: Tracking) -> tuple[Week, ...]:
    """Actual and expected repeat purchases by whole week, oldest first."""
    if tracking.day.size == 0:
        return ()
    start = int(tracking.day.min())
    length = tracking.last_day - start + 1
    at = (tracking.day - start).astype(np.int64)
    newcomers = np.bincount(at, weights=tracking.first_purchases, minlength=length)
    actual = np.bincount(at, weights=tracking.repeat_purchases, minlength=length)
    # Expected on the n-th day after the first purchase, then summed over all cohorts: a convolution.
    curve = np.diff(model.expected_repeat_purchases(np.arange(length) / DAYS_PER_UNIT), prepend=0.0)
    expected = np.convolve(newcomers, curve)[:length]
    # Day d belongs to the week that ends on the next multiple of seven days from the cut.
    week = np.ceil((np.arange(length) + start) / WEEK).astype(np.int64)
    return tuple(
        Week(
            week_end_date=tracking.cut + timedelta(days=int(number) * WEEK),
            is_holdout=bool(number > 0),
            actual_orders=round(float(actual[week == number].sum())),
            expected_orders=float(expected[week == number].sum()),
        )
        for number in np.unique(week)
        if np.count_nonzero(week == number) == WEEK
    )
