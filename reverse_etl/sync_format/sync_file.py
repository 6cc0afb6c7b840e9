"""Sync files: which model column becomes which metafield or tag of which Shopify object, and under what conditions.

A sync file is YAML (`reverse_etl/syncs/<name>.yml`). Mapping is all it says: the values come from its dbt model, and
the sender only serialises. `sync_yaml.load_sync` reads one and reports mistakes with file, line and field.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipelines.destination_settings import SHOPIFY
from pipelines.intake.holdouts import HOLDOUTS
from reverse_etl.sync_format.sync_fields import Access, MetafieldField, OwnedTag, OwnedTags
from reverse_etl.sync_format.sync_part import Column
from reverse_etl.sync_format.sync_part import Part as _Part
from reverse_etl.sync_format.sync_rules import Approval, Canary, Consent, GuardLimits, Holdout, Purpose
from reverse_etl.sync_format.sync_segments import OwnedSegments, WantedSegment, wanted_segments

__all__ = [
    "Access",
    "Approval",
    "Canary",
    "Consent",
    "GuardLimits",
    "Holdout",
    "MetafieldField",
    "OwnedSegments",
    "OwnedTag",
    "OwnedTags",
    "Sync",
    "SyncObject",
]
SyncObject = Literal["customer", "product", "order"]


class Sync(_Part):
    """One sync file."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """Name of the sync: that of the file."""
    description: str = ""
    """What it is for, in a sentence."""
    model: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")]
    """Schema and name of the dbt model: one row per shop and record, with a column `shop`."""
    object: SyncObject
    """What the records are in Shopify."""
    destination: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")] = SHOPIFY
    """Where the values go: `shopify`, or the name of a destination in the settings ([destinations.<name>])."""
    key: Column
    """Column with the number of the record's global id; unique per shop."""
    shops: Annotated[list[str], Field(min_length=1)] | None = None
    """Shops that are written to, by their keys in the settings; all where it is left out."""
    mode: Literal["update", "mirror", "add_only"] = "update"
    """`update` writes what the model says and leaves records alone that left it; `mirror` also clears those; `add_only`
    writes a value where none was delivered yet and never changes or removes one."""
    purpose: Purpose = "operations"
    """What the values are used for. Marketing to customers needs to say whose consent it has."""
    consent: Consent | None = None
    metafields: list[MetafieldField] = Field(default_factory=list)
    tags: OwnedTags | None = None
    segments: list[OwnedSegments] = Field(default_factory=list)
    """Segments of customers that are created once (`boomerang segments`)."""
    approval: Approval = Approval()
    canary: Canary | None = None
    holdout: Holdout | None = None
    guard: GuardLimits = GuardLimits()
    bulk_threshold: Annotated[int, Field(ge=1)] | None = None
    """From how many changed records a bulk operation sends them. Where it is left out here and in the settings, the way
    that is faster by what was measured is taken."""

    @property
    def columns(self) -> list[str]:
        """Model columns that are written, without repetition."""
        named = [column for field in self.metafields for column in (field.column, field.currency_column) if column]
        named += [owned.column for owned in self.tags.owned] if self.tags else []
        return list(dict.fromkeys(named))

    @property
    def held_as(self) -> str:
        """What the ledger calls the records: their object, and behind an @ where they are, when that is not Shopify.

        Two destinations may so be given the same value, and another destination starts from nothing.
        """
        return self.object if self.destination == SHOPIFY else f"{self.object}@{self.destination}"

    @property
    def read_columns(self) -> list[str]:
        """Model columns that are read: those written, and those that decide who is written to."""
        consent = [self.consent.column] if self.consent and self.consent.column else []
        stratum = [self.holdout.stratify_by] if self.holdout and self.holdout.stratify_by else []
        return list(dict.fromkeys([*self.columns, *consent, *stratum]))

    @property
    def wanted_segments(self) -> list[WantedSegment]:
        """The segments of this sync, each with its query."""
        return wanted_segments(self.segments, self.metafields)

    @property
    def holdout_salt(self) -> str:
        """What its control group is drawn by, and the name of the experiment; '' for a sync without one."""
        if self.holdout is None:
            return ""
        return self.holdout.salt or f"{self.name}.holdout"

    def may_be_written(self, rows: str) -> str:
        """SQL condition on rows of the model (`rows`: their alias): those who agreed, where consent is needed."""
        if self.consent is None or self.consent.column is None:
            return "true"
        return f"{rows}.{self.consent.column}"

    def in_audience(self, rows: str) -> str:
        """SQL condition on rows of the model (`rows`: their alias): those who may be written to and are not held out.

        Control groups are drawn while a plan is made (holdout.py): before the first plan nobody is in one.
        """
        if self.holdout is None:
            return self.may_be_written(rows)
        return f"""{self.may_be_written(rows)} and not exists (
            select 1 from {HOLDOUTS} as held
            where held.sync = '{self.name}' and held.experiment = '{self.holdout_salt}'
            and held.assigned_group = 'control' and held.shop = {rows}.shop and held.customer_id = {rows}.{self.key}
        )"""

    @property
    def written_columns(self) -> list[str]:
        """Model columns whose truth is claimed: all but the currencies, which only say what an amount means."""
        return [column for column in self.columns if column not in {f.currency_column for f in self.metafields}]

    def metafield(self, attribute: str) -> MetafieldField:
        """The metafield with this attribute name."""
        return next(field for field in self.metafields if field.attribute == attribute)

    @model_validator(mode="after")
    def _writes_something_once(self) -> Self:
        if not self.metafields and self.tags is None:
            raise ValueError("a sync needs metafields or tags")
        attributes = [field.attribute for field in self.metafields]
        for attribute in attributes:
            if attributes.count(attribute) > 1:
                raise ValueError(f"{attribute} is written twice")
        return self

    @model_validator(mode="after")
    def _fits_its_object(self) -> Self:
        if self.object != "customer" and self.consent is not None:
            raise ValueError(f"consent is a customer's; remove it from this sync of {self.object}s")
        if self.object != "customer" and self.segments:
            raise ValueError(f"segments are of customers; remove them from this sync of {self.object}s")
        if self.destination != SHOPIFY and self.segments:
            raise ValueError(f"segments are made in Shopify; remove them from this sync to {self.destination}")
        wanted_segments(self.segments, self.metafields)
        if self.object != "customer" and self.holdout is not None:
            raise ValueError(f"a holdout compares customers; remove it from this sync of {self.object}s")
        if self.object == "customer" and self.purpose == "marketing" and self.consent is None:
            raise ValueError(
                "marketing to customers needs consent: name its column (consent: {column: accepts_marketing}), or say "
                "why it is not needed (consent: {not_needed: the reason})"
            )
        if self.canary and self.canary.shop and self.shops and self.canary.shop not in self.shops:
            raise ValueError(f"canary.shop '{self.canary.shop}' is not one of the shops of this sync")
        return self
