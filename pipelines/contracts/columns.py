"""One column of a contract: where its value stands in the source, its type, and the rules on it."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
_DECIMAL = re.compile(r"^decimal\((\d{1,2}),(\d{1,2})\)$")
_LOGICAL_TYPES = {
    "bigint": "integer",
    "string": "string",
    "boolean": "boolean",
    "timestamptz": "timestamp",
    "date": "date",
    "decimal": "number",
}
_TRANSFORM = re.compile(r"^(gid|csv|position|quantity\(([a-z_]+)\))$")


class Part(BaseModel):
    """A part of a contract: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class ValidValues(Part):
    """Arguments of the metric invalidValues."""

    valid_values: Annotated[list[str], Field(alias="validValues", min_length=1)]


class ValueRule(Part):
    """Quality rule of one column: no value outside a list."""

    metric: Literal["invalidValues"]
    must_be: Annotated[Literal[0], Field(alias="mustBe")]
    arguments: ValidValues


class RowRule(Part):
    """Quality rule of a row: a SQL predicate over the columns of the table; a row for which it is false is rejected."""

    name: Name
    type: Literal["custom"]
    engine: Literal["boomerang"]
    implementation: str
    description: str


class Limits(Part):
    """What values of a column look like."""

    pattern: str | None = None
    minimum: int | None = None


class Column(Part):
    """One column: where its value stands in the source, its type, and the rules on it."""

    name: Name
    logical_type: Annotated[str, Field(alias="logicalType")]
    physical_type: Annotated[str, Field(alias="physicalType")]
    given: Annotated[list[str] | None, Field(alias="transformSourceObjects", min_length=1, max_length=1)] = None
    logic: Annotated[str | None, Field(alias="transformLogic")] = None
    primary_key: Annotated[bool, Field(alias="primaryKey")] = False
    required: bool = False
    classification: Literal["personal"] | None = None
    description: str | None = None
    limits: Annotated[Limits, Field(alias="logicalTypeOptions")] = Limits()
    quality: list[ValueRule] = []

    @property
    def path(self) -> str:
        """Path of the value in the source, such as `customer.id` or `^.__parentId`; its own name when none is given."""
        return self.name if self.given is None else self.given[0]

    @field_validator("logic")
    @classmethod
    def _known_transform(cls, logic: str | None) -> str | None:
        if logic is not None and not _TRANSFORM.match(logic):
            raise ValueError(f"transformLogic '{logic}' is not one of gid, csv, position, quantity(name)")
        return logic

    @model_validator(mode="after")
    def _types_agree(self) -> "Column":
        decimal = _DECIMAL.match(self.physical_type)
        kind = "decimal" if decimal else self.physical_type
        if kind not in _LOGICAL_TYPES:
            known = ", ".join(name for name in _LOGICAL_TYPES if name != "decimal")
            raise ValueError(f"physicalType '{self.physical_type}' is not one of {known}, decimal(precision,scale)")
        if decimal and not 0 <= int(decimal[2]) <= int(decimal[1]) <= 38:
            raise ValueError(f"physicalType '{self.physical_type}' needs 0 <= scale <= precision <= 38")
        if self.logical_type != _LOGICAL_TYPES[kind]:
            raise ValueError(
                f"logicalType '{self.logical_type}' does not fit physicalType '{self.physical_type}': "
                f"it takes '{_LOGICAL_TYPES[kind]}'"
            )
        if self.limits.pattern is not None and kind != "string":
            raise ValueError(f"a pattern needs physicalType string, not '{self.physical_type}'")
        if self.limits.minimum is not None and kind not in ("bigint", "decimal"):
            raise ValueError(f"a minimum needs a number, not physicalType '{self.physical_type}'")
        return self
