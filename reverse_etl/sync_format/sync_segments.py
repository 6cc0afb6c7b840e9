"""Segments of customers that a sync creates once: one for each listed value of a metafield."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

from reverse_etl.sync_format.sync_fields import APP_NAMESPACE, MetafieldField
from reverse_etl.sync_format.sync_part import Column, Part


class OwnedSegments(Part):
    """A filterable metafield whose listed values each become a segment, named `VIP {value}`."""

    column: Column
    """Column of a metafield of this sync: text, and filterable."""
    name: Annotated[str, Field(min_length=1, max_length=180)]
    """Name in the admin, with {value} where the value stands."""
    values: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(min_length=1)]
    """Values that have a segment."""

    @field_validator("name")
    @classmethod
    def _holds_the_value(cls, name: str) -> str:
        if "{value}" not in name:
            raise ValueError("must contain {value}")
        return name


@dataclass(frozen=True)
class WantedSegment:
    """A segment as the sync file says it; `attribute` and `value` tell it from the others, whatever its name."""

    attribute: str
    value: str
    name: str
    query: str


def wanted_segments(owned: list[OwnedSegments], fields: list[MetafieldField]) -> list[WantedSegment]:
    """Every segment of a sync. Raises ValueError, with the reason, for a column that no segment can be made of."""
    by_column = {field.column: field for field in fields}
    found = []
    for one in owned:
        field = by_column.get(one.column)
        if field is None:
            raise ValueError(f"segments: column {one.column} is no metafield of this sync")
        if field.type != "single_line_text_field" or not field.filterable or field.namespace.startswith(APP_NAMESPACE):
            raise ValueError(
                f"segments: {field.attribute} must be of type single_line_text_field, filterable and outside "
                f"{APP_NAMESPACE}, or no segment can ask for it"
            )
        for value in one.values:
            choices = field.validations.get("choices")
            if isinstance(choices, list) and value not in choices:
                raise ValueError(f"segments: '{value}' is not among the choices of {field.attribute}")
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            query = f"metafields.{field.namespace}.{field.key} = '{quoted}'"
            found.append(WantedSegment(field.attribute, value, one.name.replace("{value}", value), query))
    names = [segment.name for segment in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"segments: '{name}' is made twice")
    return found
