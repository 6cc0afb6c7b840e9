"""Guards look at a plan before anything is written, shop by shop, and stop it with a sentence.

The shares are of the records that Shopify has acknowledged before. Until a first delivery of a shop has come to its end
there is nothing to compare with, and nothing that could be lost: only the guards on the audience itself (its size, its
share of NULLs) look at it. Values marked `drifts` in the sync file move every day by design and are not counted as
changed. A record that had no value before counts as created. A tag given to or taken from a record that was delivered
before counts as a change: tags start automations.
"""

from dataclasses import dataclass, field
from datetime import datetime

from pipelines.failures import GuardStopped
from reverse_etl.plans.model_state import ModelState
from reverse_etl.plans.shift import Shift
from reverse_etl.sync_format.sync_file import GuardLimits


@dataclass(frozen=True)
class Figures:
    """What a plan would do to one shop. All counts are records, except `null_shares` (by model column, 0 to 1).

    `mean_audience` is that of the last runs, None where there are too few; `shifts` is looked up where it is limited.
    """

    shop: str
    audience: int
    delivered: int
    changed: int
    removed: int
    rows: int
    created: int = 0
    null_shares: dict[str, float] = field(default_factory=dict)
    mean_audience: float | None = None
    shifts: tuple[Shift, ...] = ()


def guard_stops(limits: GuardLimits, figures: Figures) -> list[str]:
    """One sentence for each guard that would stop this shop; empty when all pass."""
    stops: list[str] = []
    if figures.rows == 0:
        return stops
    if figures.audience < limits.min_audience:
        stops.append(
            f"min_audience: the model holds {figures.audience:,} records for shop {figures.shop}, "
            f"the least allowed is {limits.min_audience:,}"
        )
    for column, share in figures.null_shares.items():
        if share > limits.max_null_share:
            stops.append(
                f"max_null_share: {_percent(share)} of shop {figures.shop}'s records have no {column}, "
                f"the limit is {_percent(limits.max_null_share)}"
            )
    mean, most = figures.mean_audience, limits.max_audience_deviation
    if most is not None and mean and abs(figures.audience - mean) / mean > most:
        stops.append(
            f"max_audience_deviation: the audience of shop {figures.shop} is {figures.audience:,} records, "
            f"{_percent(abs(figures.audience - mean) / mean)} away from the mean of its last runs ({mean:,.0f}), "
            f"the limit is {_percent(most)}"
        )
    if figures.delivered == 0:
        return stops
    stops += _counted(limits, figures)
    moved = abs(figures.audience - figures.delivered) / figures.delivered
    if moved > limits.max_audience_change:
        stops.append(
            f"max_audience_change: the audience of shop {figures.shop} goes from {figures.delivered:,} to "
            f"{figures.audience:,} records ({_percent(moved)}), the limit is {_percent(limits.max_audience_change)}"
        )
    if limits.max_shift is not None:
        stops += [
            f"max_shift: the values of {shift.attribute} shift by {_percent(shift.distance)} in shop {figures.shop} "
            f"(most of all {shift.value}, from {_percent(shift.share_before)} to {_percent(shift.share_after)}), "
            f"the limit is {_percent(limits.max_shift)}"
            for shift in figures.shifts
            if shift.distance > limits.max_shift
        ]
    return stops


def model_stops(limits: GuardLimits, model: str, state: ModelState | None, now: datetime) -> list[str]:
    """One sentence for each guard on the model itself that would stop a plan. Without a record no test is known."""
    stops: list[str] = []
    if limits.blocking_checks and state is not None and state.failed_checks:
        first, more = state.failed_checks[0], len(state.failed_checks) - 1
        also = f" and {more:,} more" if more else ""
        stops.append(
            f"blocking_checks: {len(state.failed_checks):,} dbt tests failed on model {model} or what it is made from "
            f"({first}{also}), the limit is none; correct the data or the test and run `boomerang refresh`"
        )
    if limits.max_model_age_hours is not None:
        if state is None or state.built_at is None:
            stops.append(
                f"max_model_age_hours: nobody knows when model {model} was built, the limit is "
                f"{limits.max_model_age_hours:,} hours; build it with `boomerang refresh`"
            )
        elif (age := (now - state.built_at).total_seconds() / 3600) > limits.max_model_age_hours:
            stops.append(
                f"max_model_age_hours: model {model} was built {age:,.1f} hours ago, the limit is "
                f"{limits.max_model_age_hours:,} hours; build it with `boomerang refresh`"
            )
    return stops


def _counted(limits: GuardLimits, figures: Figures) -> list[str]:
    """The guards on how many records a plan touches, each as a share of those delivered before and as a count."""
    stops: list[str] = []
    for count, would, most_share, most in (
        (figures.created, ("created", "get their first values"), limits.max_created_share, limits.max_created),
        (figures.changed, ("changed", "change"), limits.max_changed_share, limits.max_changed),
        (figures.removed, ("removed", "lose values"), limits.max_removed_share, limits.max_removed),
    ):
        name, happen = would
        said = f"{count:,} records of shop {figures.shop} would {happen}"
        share = count / figures.delivered
        if most_share is not None and share > most_share:
            stops.append(
                f"max_{name}_share: {said}, {_percent(share)} of the {figures.delivered:,} delivered before, "
                f"the limit is {_percent(most_share)}"
            )
        if most is not None and count > most:
            stops.append(f"max_{name}: {said}, the limit is {most:,}")
    return stops


def require_passed(plan_id: str, sync: str, stops: list[str]) -> None:
    """Raise GuardStopped naming guard, figure, limit and the way on; nothing has been written then."""
    if stops:
        raise GuardStopped(
            f"Nothing was written: plan {plan_id} of sync '{sync}' was stopped by guard "
            f"{'; and by guard '.join(stops)}. "
            f"Look at it with `boomerang plan {sync}`; if it is meant, run "
            f"`boomerang apply {plan_id} --allow-large-change`."
        )


def _percent(share: float) -> str:
    return f"{share * 100:.1f} %"
