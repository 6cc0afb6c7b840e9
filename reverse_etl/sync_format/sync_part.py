"""What all parts of a sync file have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Share = Annotated[float, Field(ge=0, le=1)]
PartOfAll = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=0)]
# Decides, with a record's number, who belongs to a random part: another salt is another draw.
Salt = Annotated[str, Field(min_length=4, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]


class Part(BaseModel):
    """A part of a sync file: unknown fields are refused, and the text under a field describes it to editors."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
