"""Under what conditions a sync writes: consent, approval, canary and guards."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from reverse_etl.sync_format.sync_part import Column, Count, Part, PartOfAll, Salt, Share

Purpose = Literal["marketing", "service", "operations"]
_CRON = {"minute": (0, 59, ""), "hour": (0, 23, ""), "day of month": (1, 31, "")}
_CRON |= {
    "month": (1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"),
    "day of week": (0, 7, "sun mon tue wed thu fri sat"),
}


class Consent(Part):
    """Whose consent the purpose needs: a column of the model that says so, or why none is needed."""

    column: Column | None = None
    """Boolean column of the model: true for those who agreed. NULL counts as no. Who does not agree is not in the
    audience, as if not in the model: mode `mirror` clears what they have, the other modes leave it and add nothing."""
    not_needed: Annotated[str, Field(min_length=10)] | None = None
    """The reason why the purpose needs no consent, in a sentence."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.column is None) == (self.not_needed is None):
            raise ValueError("give either column (whose TRUE is consent) or not_needed (with the reason)")
        return self


class Approval(Part):
    """Whether a person has to approve a plan before it is applied."""

    required: bool = False
    """A plan is applied only after `boomerang approve PLAN --by NAME`."""
    max_age_hours: Annotated[int, Field(ge=1, le=8760)] | None = None
    """A plan older than this is not applied any more; without it, any age is good."""


class Canary(Part):
    """A part of the audience, or one shop, gets the values first."""

    share: PartOfAll | None = None
    """This part of the records, chosen by a salted hash of their numbers."""
    salt: Salt | None = None
    """Another salt is another choice of records."""
    shop: str | None = None
    """Or all records of this shop, by its key in the settings."""
    wait_minutes: Count = 0
    """How long to wait between the first part and the rest."""
    needs_go: bool = False
    """The rest waits until a person says go."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.share is None) == (self.shop is None):
            raise ValueError("give either share (with its salt) or shop")
        if (self.share is None) != (self.salt is None):
            raise ValueError("share and salt belong together")
        return self


class Holdout(Part):
    """A control group that is never written to, by which `marts.rpt_sync_lift` tells what the writing brings.

    Who is in it is decided once, when a customer is first planned for, and kept in `ops.holdout_assignments`: a
    tier that moves, or another share, moves nobody. The group is as large a part of each stratum as of the whole.
    """

    share: PartOfAll
    """This part of the customers is left out; a changed share is for those who are assigned from then on."""
    stratify_by: Column | None = None
    """Column of the model, such as the tier, of each of whose values this part is left out; few values, in words."""
    salt: Salt | None = None
    """Another salt ends the experiment and begins one with another draw; without it the name of the sync is taken."""


class GuardLimits(Part):
    """What may happen in one plan without a person saying so; shares of the records delivered before, per shop.

    A limit that is left out, where that is possible, does not exist.
    """

    max_changed_share: Share = 0.3
    max_removed_share: Share = 0.05
    max_created_share: Annotated[float, Field(ge=0)] | None = None
    """Records that get their first values; may be above 1, which is a doubling."""
    max_changed: Count | None = None
    max_removed: Count | None = None
    max_created: Count | None = None
    max_audience_change: Annotated[float, Field(ge=0)] = 0.5
    """Of the audience against what was delivered before."""
    max_audience_deviation: Annotated[float, Field(ge=0)] | None = None
    """Of the audience against the mean of its last five runs, as a share of that mean."""
    max_shift: Share | None = None
    """Of a metafield's values: half the sum of the differences of their shares before and after; numbers by ranges."""
    max_model_age_hours: Annotated[int, Field(ge=1)] | None = None
    """Since the model was built without errors."""
    blocking_checks: bool = True
    """Whether a failed dbt test of severity error, of the model or of what it is made from, stops a plan."""
    max_null_share: Share = 1.0
    """Of the values of each column."""
    min_audience: Count = 1
