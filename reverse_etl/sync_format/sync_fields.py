"""What a sync writes: metafields with their definitions, and the tags that it owns."""

import json
import re
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from reverse_etl.sync_format.sync_part import Column, Part
from reverse_etl.sync_format.values import MEASUREMENT_TYPES, MetafieldType

FILTERABLE_TYPES = ("boolean", "date", "date_time", "number_integer", "number_decimal", "single_line_text_field")
MAX_CHOICES = 128
MAX_TAG_LENGTH = 255
MAX_TAGS = 250  # per record, those of others included
APP_NAMESPACE = "$app"
_TEXT = ("single_line_text_field", "multi_line_text_field")
_NUMBERS = ("number_integer", "number_decimal")
_RANGED = (*_NUMBERS, *_TEXT, "date", "date_time", *MEASUREMENT_TYPES)


class Access(Part):
    """Who else may see the metafield. What is left out stays as it is in the shop."""

    admin: Literal["MERCHANT_READ", "MERCHANT_READ_WRITE"] | None = None
    """What staff may do in the admin; only for namespaces of the app (`$app`)."""
    storefront: Literal["NONE", "PUBLIC_READ"] | None = None
    """Whether everybody can read it through the storefront."""
    customer_account: Literal["NONE", "READ", "READ_WRITE"] | None = None
    """What the customer may do in the customer account."""

    def entries(self) -> dict[str, str]:
        """As Shopify takes it: only what is said."""
        named = {"admin": self.admin, "storefront": self.storefront, "customerAccount": self.customer_account}
        return {name: value for name, value in named.items() if value is not None}


class MetafieldField(Part):
    """One model column that becomes one metafield."""

    column: Column
    """Column of the model."""
    namespace: Annotated[str, Field(pattern=r"^(\$app(:[a-z0-9_-]{1,200})?|[A-Za-z0-9_-]{3,255})$")]
    """Namespace in Shopify; `$app` or `$app:part` is one that no other app can write to."""
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{2,64}$")]
    """Key within the namespace."""
    type: MetafieldType
    """Shopify's type of the metafield."""
    name: Annotated[str, Field(min_length=1, max_length=255)]
    """Name that staff see."""
    description: Annotated[str, Field(max_length=255)] = ""
    """What it means, for staff."""
    validations: dict[str, JsonValue] = Field(default_factory=dict)
    """Rules of the definition (min, max, choices, regex, max_precision, scale_min, scale_max, list.min, list.max)."""
    access: Access = Access()
    filterable: bool = False
    """Whether lists in the admin can be filtered by it, and segments of customers made of it."""
    absent: Literal["delete", "keep", "null_out"] = "delete"
    """What a NULL or blank value does: `delete` removes the metafield, `keep` leaves the last one standing, `null_out`
    writes the empty value of its type (JSON null, an empty list)."""
    drifts: bool = False
    """It moves a little every day by design, such as a probability: the volume guard does not count its changes."""
    currency_column: Column | None = None
    """Column with the currency of an amount; type money needs it."""
    unit: Annotated[str, Field(pattern=r"^[A-Z_]{1,40}$")] | None = None
    """Unit of a dimension, weight or volume."""

    @property
    def attribute(self) -> str:
        """Name of this value in plans and in the ledger."""
        return f"metafield:{self.namespace}.{self.key}"

    @property
    def scale(self) -> tuple[str, str] | None:
        """Ends of a rating's scale."""
        ends = (self.validations.get("scale_min"), self.validations.get("scale_max"))
        return (str(ends[0]), str(ends[1])) if None not in ends else None

    @property
    def empty_value(self) -> str | None:
        """What is written for no value, None where nothing is."""
        if self.absent != "null_out":
            return None
        return "[]" if self.type.startswith("list.") else "null"

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
        if self.absent == "null_out" and self.type != "json" and not self.type.startswith("list."):
            raise ValueError(f"type {self.type} has no empty value in Shopify; absent must be delete or keep")
        if self.access.admin and not self.namespace.startswith(APP_NAMESPACE):
            raise ValueError(f"access.admin belongs to a namespace of the app ({APP_NAMESPACE})")
        return self

    @model_validator(mode="after")
    def _rules_that_shopify_knows(self) -> Self:
        known = validations_of(self.type)
        for name, value in self.validations.items():
            if name not in known:
                raise ValueError(
                    f"validations.{name} is not known for type {self.type}; it takes {', '.join(known) or 'none'}"
                )
            if name == "choices" and (not isinstance(value, list) or not 0 < len(value) <= MAX_CHOICES):
                raise ValueError(f"validations.choices must be a list of at most {MAX_CHOICES} values")
            if name == "regex":
                _require_regex(str(value))
        return self


def validations_of(type_name: str) -> tuple[str, ...]:
    """Names of the validations that Shopify knows for a type."""
    inner = type_name.removeprefix("list.")
    names: list[str] = []
    if inner in _RANGED:
        names += ["min", "max"]
    if inner in (*_NUMBERS, "single_line_text_field"):
        names.append("choices")
    if inner in _TEXT:
        names.append("regex")
    if inner == "number_decimal":
        names.append("max_precision")
    if inner == "rating":
        names += ["scale_min", "scale_max"]
    if type_name.startswith("list."):
        names += ["list.min", "list.max"]
    return tuple(names)


def _require_regex(text: str) -> None:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"validations.regex is not a regular expression ({error})") from None


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except ArithmeticError:
        return False


class OwnedTag(Part):
    """A model column that becomes a tag: `vip-{value}`, for the listed values only."""

    column: Column
    """Column of the model."""
    tag: Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]
    """The tag behind the prefix, with {value} where the column's value stands; no comma, which would make two tags."""
    values: Annotated[list[Annotated[str, Field(min_length=1, pattern=r"^[^,]+$")]], Field(min_length=1)]
    """Values that are tagged; all others give no tag."""

    @field_validator("tag")
    @classmethod
    def _holds_the_value(cls, tag: str) -> str:
        if "{value}" not in tag:
            raise ValueError("must contain {value}")
        return tag


class OwnedTags(Part):
    """The tags of a sync. Everything under `prefix` belongs to it, and nothing else is ever touched."""

    prefix: Annotated[str, Field(pattern=r"^[a-z0-9_-]+:$")]
    """Start of every tag of this sync, with a colon at its end."""
    owned: Annotated[list[OwnedTag], Field(min_length=1)]
    """The tags by column."""

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
        if len(self.owned) > MAX_TAGS:
            raise ValueError(
                f"one record could be given {len(self.owned)} tags, and Shopify takes {MAX_TAGS} of a record in all; "
                f"own fewer, or write a metafield of type list.single_line_text_field"
            )
        return self
