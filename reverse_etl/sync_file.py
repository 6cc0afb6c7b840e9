"""Sync files: which model column becomes which metafield or tag of which Shopify object.

A sync file is YAML (`reverse_etl/syncs/<name>.yml`). Mapping is all it says: the values come from its dbt model, and
the sender only serialises. `sync_yaml.load_sync` reads one and reports mistakes with file, line and field.
"""

import json
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

from reverse_etl.values import MEASUREMENT_TYPES, MetafieldType

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Share = Annotated[float, Field(ge=0, le=1)]
FILTERABLE_TYPES = ("boolean", "date", "date_time", "number_integer", "number_decimal", "single_line_text_field")
MAX_CHOICES = 128
MAX_TAG_LENGTH = 255


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MetafieldField(_Part):
    """One model column that becomes one metafield.

    `absent` says what a NULL (or blank) value does: `delete` removes the metafield, `keep` leaves the last
    one standing. `drifts` marks a value that moves a little every day by design, such as a probability: the
    volume guard does not count its changes.
    """

    column: Column
    namespace: Annotated[str, Field(pattern=r"^(\$app(:[a-z0-9_-]{1,200})?|[A-Za-z0-9_-]{3,255})$")]
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,64}$")]
    type: MetafieldType
    name: Annotated[str, Field(min_length=1, max_length=255)]
    description: Annotated[str, Field(max_length=255)] = ""
    validations: dict[str, JsonValue] = {}
    filterable: bool = False
    absent: Literal["delete", "keep"] = "delete"
    drifts: bool = False
    currency_column: Column | None = None
    unit: Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")] | None = None

    @property
    def attribute(self) -> str:
        """Name of this value in plans and in the ledger."""
        return f"metafield:{self.namespace}.{self.key}"

    @property
    def scale(self) -> tuple[str, str] | None:
        """Ends of a rating's scale."""
        ends = (self.validations.get("scale_min"), self.validations.get("scale_max"))
        return (str(ends[0]), str(ends[1])) if None not in ends else None

    def validation_entries(self) -> list[dict[str, str]]:
        """Validations as Shopify takes them: name and text, lists as JSON."""
        return [
            {"name": name, "value": value if isinstance(value, str) else json.dumps(value)}
            for name, value in self.validations.items()
        ]

    @field_validator("namespace")
    @classmethod
    def _not_reserved(cls, namespace: str) -> str:
        if namespace in ("shopify_standard", "protected") or namespace.startswith("shopify-l10n-fields"):
            raise ValueError(f"'{namespace}' is reserved by Shopify")
        return namespace

    @model_validator(mode="after")
    def _complete_for_its_type(self) -> Self:
        if (self.type == "money") != (self.currency_column is not None):
            raise ValueError("currency_column belongs to type money, and money needs it")
        if (self.type in MEASUREMENT_TYPES) != (self.unit is not None):
            raise ValueError("unit belongs to dimension, weight and volume, and they need it")
        if self.type == "rating" and not all(_is_number(end) for end in self.scale or ("",)):
            raise ValueError("rating needs the numbers scale_min and scale_max among its validations")
        if self.filterable and self.type not in FILTERABLE_TYPES:
            raise ValueError(f"type {self.type} cannot be filterable; segments take {', '.join(FILTERABLE_TYPES)}")
        choices = self.validations.get("choices", [])
        if not isinstance(choices, list) or len(choices) > MAX_CHOICES:
            raise ValueError(f"validations.choices must be a list of at most {MAX_CHOICES} values")
        return self


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


class OwnedTag(_Part):
    """A model column that becomes a tag: `vip-{value}`, for the listed values only."""

    column: Column
    tag: Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]
    values: Annotated[list[Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]], Field(min_length=1)]

    @field_validator("tag")
    @classmethod
    def _holds_the_value(cls, tag: str) -> str:
        if "{value}" not in tag:
            raise ValueError("must contain {value}")
        return tag


class OwnedTags(_Part):
    """The tags of a sync. Everything under `prefix` belongs to it, and nothing else is ever touched."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9_-]+:$")]
    owned: Annotated[list[OwnedTag], Field(min_length=1)]

    def choices(self) -> list[tuple[str, str, str]]:
        """Every tag that may be written: column, value, tag. Lower case, as Shopify ignores case in tags."""
        return [
            (owned.column, value, (self.prefix + owned.tag.replace("{value}", value)).lower())
            for owned in self.owned
            for value in owned.values
        ]

    @model_validator(mode="after")
    def _distinct_and_short(self) -> Self:
        tags = [tag for _, _, tag in self.choices()]
        for tag in tags:
            if len(tag) > MAX_TAG_LENGTH:
                raise ValueError(f"tag '{tag[:40]}...' is longer than {MAX_TAG_LENGTH} characters")
            if tags.count(tag) > 1:
                raise ValueError(f"tag '{tag}' is made twice")
        return self


class GuardLimits(_Part):
    """What may happen in one plan without a person saying so; shares of the records delivered before, per shop."""

    max_changed_share: Share = 0.3
    max_removed_share: Share = 0.05
    max_audience_change: Annotated[float, Field(ge=0)] = 0.5
    max_null_share: Share = 1.0
    min_audience: Annotated[int, Field(ge=0)] = 1


class Sync(_Part):
    """One sync file.

    `mode`: `update` writes what the model says and leaves records alone that left it; `mirror` also clears those;
    `add_only` writes a value where none was delivered yet and never changes or removes one.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: str = ""
    model: Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]*\.[a-z_][a-z0-9_]*$")]
    object: Literal["customer"]
    key: Column
    mode: Literal["update", "mirror", "add_only"] = "update"
    metafields: list[MetafieldField] = []
    tags: OwnedTags | None = None
    guard: GuardLimits = GuardLimits()
    bulk_threshold: Annotated[int, Field(ge=1)] | None = None

    @property
    def columns(self) -> list[str]:
        """Model columns that are written, without repetition."""
        named = [column for field in self.metafields for column in (field.column, field.currency_column) if column]
        named += [owned.column for owned in self.tags.owned] if self.tags else []
        return list(dict.fromkeys(named))

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
