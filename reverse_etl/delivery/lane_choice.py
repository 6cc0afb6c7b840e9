"""Which lane is faster, by what was measured: the paced lane costs points, the bulk lane seconds.

    paced seconds = calls * points a call / points a second that come back (`throttleStatus.restoreRate`)
    bulk seconds  = fixed (upload, queue, polls, results) + rows * seconds a row

Points a call are the median of the shop's last runs (`extensions.cost`, as used), not a constant: Shopify's costs are
not flat. Points that wait in a full bucket are left out, they are 20 seconds of any plan. Nothing but arithmetic here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Literal

from reverse_etl.ledger.costs import LaneCost

Lane = Literal["paced", "bulk"]

# Before anything is measured. Shopify's documents: a mutation costs 10 points, an object that is read 1, and the
# smallest plan gets 100 points a second back. Before a call deletes 25 metafields it reads them and their records.
POINTS_PER_CALL = 10.0
POINTS_TO_READ_A_CALL = 30.0
RESTORE_RATE = 100.0
# How fast bulk mutations are is said nowhere. Assumed, on the slow side: a minute until it begins and is read, and 20
# lines a second, twice as many calls as the smallest plan's points allow. The first bulk operation tells.
FIXED_SECONDS = 60.0
SECONDS_PER_LINE = 0.05
# Two runs tell fixed seconds and seconds a row apart only where one is so many times larger than the other.
APART = 2


@dataclass(frozen=True)
class Work:
    """What is to be sent: `rows` values, as many of them in a call as `rows_per_call`.

    `reads_first`: each call is read before it is sent, a bulk operation after reading the whole shop (deletions).
    """

    rows: int
    rows_per_call: float
    reads_first: bool = False


@dataclass(frozen=True)
class Choice:
    """A lane and why, in one sentence."""

    lane: Lane
    reason: str


@dataclass(frozen=True)
class _Bulk:
    fixed: float
    per_row: float


def choose(work: Work, restore_rate: float | None, paced: Sequence[LaneCost], bulk: Sequence[LaneCost]) -> Choice:
    """The lane that is expected to be faster, the paced one when both take as long.

    `paced` and `bulk` are the last measurements of this shop and action, `restore_rate` is in points a second, None
    when it is not known. At equal costs more rows never lead from bulk to paced, and a higher rate never from paced to
    bulk.
    """
    rate = restore_rate or RESTORE_RATE
    costs = [one.points / one.calls for one in paced if one.calls and one.points]
    per_call = median(costs) if costs else POINTS_PER_CALL + (POINTS_TO_READ_A_CALL if work.reads_first else 0.0)
    expected = _bulk(work, bulk)
    # Written so that rounding can not break what is promised above: each step is monotone in rows, and in the rate.
    saved = per_call / work.rows_per_call / rate - expected.per_row
    lane: Lane = "bulk" if saved > 0 and saved * work.rows > expected.fixed else "paced"
    points = max(per_call, work.rows / work.rows_per_call * per_call)
    in_bulk = _seconds(expected.fixed + expected.per_row * work.rows) + ("" if bulk else " (not measured yet)")
    at_pace = f"about {points:,.0f} points, {_seconds(points / rate)} at {rate:g} points a second"
    at_pace += "" if costs else " (cost not measured yet)"
    if lane == "paced":
        return Choice(lane, f"paced: {work.rows:,} values cost {at_pace}; bulk would take about {in_bulk}")
    return Choice(lane, f"bulk: {work.rows:,} values take about {in_bulk}; paced they would cost {at_pace}")


def by_threshold(records: int, threshold: int, said_by: str) -> Choice:
    """What somebody has set decides: bulk for more changed records than the threshold."""
    lane: Lane = "bulk" if records > threshold else "paced"
    more = "more" if lane == "bulk" else "not more"
    return Choice(lane, f"{lane}: {records:,} records are {more} than bulk_threshold {threshold:,} of {said_by}")


def _bulk(work: Work, measured: Sequence[LaneCost]) -> _Bulk:
    """Fixed seconds and seconds a row: by Theil and Sen (medians, so one slow run moves nothing), else the assumption.

    Measurements of one size, or of which the larger were not slower, can not tell the two apart: then the assumption
    keeps its shape and is made as fast or slow as what was measured.
    """
    assumed = _Bulk(FIXED_SECONDS * (2 if work.reads_first else 1), SECONDS_PER_LINE / work.rows_per_call)
    if not measured:
        return assumed
    by_size = sorted(measured, key=lambda one: one.rows)
    slopes = [
        (large.seconds - small.seconds) / (large.rows - small.rows)
        for small, large in combinations(by_size, 2)
        if large.rows >= APART * small.rows and large.rows > small.rows
    ]
    per_row = median(slopes) if slopes else 0.0
    if per_row > 0:
        return _Bulk(max(0.0, median(one.seconds - per_row * one.rows for one in measured)), per_row)
    factor = median(one.seconds / (assumed.fixed + assumed.per_row * one.rows) for one in measured)
    return _Bulk(assumed.fixed * factor, assumed.per_row * factor)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:,.0f} s"
