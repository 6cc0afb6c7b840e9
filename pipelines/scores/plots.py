"""The backtest as pictures: PNG bytes, drawn from the score tables and without a display."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from math import sqrt
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from pipelines.scores.backtest import BINS, Bin
from pipelines.scores.tracking import Week
from pipelines.warehouse import Session

ACTUAL, BARS, EXPECTED, MUTED = "#1b6ca8", "#8fbce0", "#d9622b", "#5f6570"
SIZE = (11.0, 4.6)
DOTS_PER_INCH = 110


def backtest_plots(session: Session, shop: str) -> dict[str, bytes]:
    """Plots of one shop by name ('calibration', 'tracking') from the score tables; empty without a judged backtest."""
    found = session.dicts(
        "select cut_date, as_of_date from scores.backtests where shop = ? and status = 'judged'", (shop,)
    )
    if not found:
        return {}
    bins = session.dicts(f"select {_columns(Bin)} from scores.backtest_bins where shop = ? order by bin", (shop,))
    weeks = session.dicts(
        f"select {_columns(Week)} from scores.backtest_weeks where shop = ? order by week_end_date", (shop,)
    )
    cut, as_of = found[0]["cut_date"], found[0]["as_of_date"]
    return {
        "calibration": calibration_plot(shop, [Bin(**row) for row in bins], cut, as_of),
        "tracking": tracking_plot(shop, [Week(**row) for row in weeks], cut),
    }


def calibration_plot(shop: str, bins: Sequence[Bin], cut: date, as_of: date) -> bytes:
    """Prediction beside outcome for each tenth of customers: orders on the left, share of buyers on the right.

    The whiskers of the shares are 95 % intervals (normal approximation): a prediction inside them is not refuted.
    """
    figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH, layout="constrained")
    days = (as_of - cut).days
    figure.suptitle(
        f"{shop}: the {days} days after {cut:%d %b %Y}, as expected on that day and as they came", fontsize=12
    )
    orders, buyers = figure.subplots(1, 2)
    tenths = [row.bin for row in bins]
    orders.bar(tenths, [row.actual_orders_mean for row in bins], color=BARS, width=0.62, label="actual")
    _expected(orders, tenths, [row.expected_orders_mean for row in bins])
    orders.set(title="Orders per customer", ylabel="orders")
    shares = [row.buyers_share for row in bins]
    whiskers = [1.96 * sqrt(row.buyers_share * (1 - row.buyers_share) / row.customers) for row in bins]
    buyers.bar(tenths, shares, color=BARS, width=0.62, label="actual, with 95 % interval", yerr=whiskers, ecolor=MUTED)
    _expected(buyers, tenths, [row.purchase_probability_mean for row in bins])
    buyers.set(title="Customers who buy at all", ylabel="share of customers")
    buyers.yaxis.set_major_formatter("{x:.0%}")
    return _png(figure)


def tracking_plot(shop: str, weeks: Sequence[Week], cut: date) -> bytes:
    """Repeat purchases by week on the left and added up on the right, through fit and holdout."""
    figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH, layout="constrained")
    figure.suptitle(f"{shop}: repeat purchases of the customers known on {cut:%d %b %Y}", fontsize=12)
    weekly, cumulative = figure.subplots(1, 2)
    ends: list[Any] = [week.week_end_date for week in weeks]
    actual = [float(week.actual_orders) for week in weeks]
    expected = [week.expected_orders for week in weeks]
    for axes, title, change in ((weekly, "A week", list), (cumulative, "Added up", _running_total)):
        axes.plot(ends, change(actual), color=ACTUAL, linewidth=1.4, label="actual")
        axes.plot(ends, change(expected), color=EXPECTED, linewidth=1.8, linestyle="--", label="expected")
        axes.axvline(cut, color=MUTED, linewidth=1)
        axes.annotate(
            "fit | holdout", (cut, 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom",
            fontsize=8, color=MUTED,
        )  # fmt: skip
        axes.set_ylim(bottom=0)
        axes.set_title(title, pad=16)
        axes.set(xlabel="week ending", ylabel="repeat purchases")
        axes.yaxis.set_major_formatter("{x:,.0f}")
        locator = AutoDateLocator(minticks=4, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
    return _png(figure)


def _expected(axes: Axes, tenths: Sequence[int], values: Sequence[float]) -> None:
    axes.plot(tenths, values, color=EXPECTED, marker="D", markersize=6, linestyle="none", label="expected")
    axes.set(xlabel="tenth of customers, by expected orders", xticks=list(range(1, BINS + 1)))
    axes.set_ylim(bottom=0)
    axes.grid(axis="y", alpha=0.25)
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="upper left")


def _running_total(values: Sequence[float]) -> list[float]:
    total, totals = 0.0, []
    for value in values:
        total += value
        totals.append(total)
    return totals


def _columns(row: type[Bin] | type[Week]) -> str:
    return ", ".join(row.__dataclass_fields__)


def _png(figure: Figure) -> bytes:
    image = BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()
