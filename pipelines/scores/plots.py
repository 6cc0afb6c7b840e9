"""The backtest as pictures: PNG bytes, drawn from the score tables and without a display."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from pipelines.scores.backtest import Bin
from pipelines.scores.tracking import Week
from pipelines.warehouse import Session

ACTUAL, EXPECTED, MUTED = "#1b6ca8", "#d9622b", "#8a8f98"
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
    """Prediction against outcome by tenth of customers: orders each on the left, share of buyers on the right."""
    figure = Figure(figsize=SIZE, dpi=DOTS_PER_INCH, layout="constrained")
    days = (as_of - cut).days
    figure.suptitle(f"{shop}: {days} days after {cut:%d %b %Y}, as predicted on that day and as it came", fontsize=12)
    orders, buyers = figure.subplots(1, 2)
    _against(
        orders,
        [row.expected_orders_mean for row in bins],
        [row.actual_orders_mean for row in bins],
        [row.bin for row in bins],
    )
    orders.set(title="Orders per customer", xlabel="expected", ylabel="actual")
    _against(
        buyers,
        [row.purchase_probability_mean for row in bins],
        [row.buyers_share for row in bins],
        [row.bin for row in bins],
    )
    buyers.set(title="Customers who buy at all", xlabel="predicted probability", ylabel="actual share")
    buyers.xaxis.set_major_formatter("{x:.0%}")
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
        locator = AutoDateLocator(minticks=4, maxticks=8)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]
        axes.grid(alpha=0.25)
        axes.legend(frameon=False)
    return _png(figure)


def _against(axes: Axes, predicted: Sequence[float], actual: Sequence[float], labels: Sequence[int]) -> None:
    top = 1.08 * max([*predicted, *actual, 1e-9])
    axes.plot([0, top], [0, top], color=MUTED, linewidth=1, linestyle="--", label="perfect")
    axes.plot(predicted, actual, color=ACTUAL, marker="o", linewidth=1.2, label="tenths of customers, 10 = best")
    for x, y, label in zip(predicted, actual, labels, strict=True):
        axes.annotate(str(label), (x, y), xytext=(6, -9), textcoords="offset points", fontsize=8, color=MUTED)
    axes.set(xlim=(0, top), ylim=(0, top))
    axes.grid(alpha=0.25)
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
