"""One system is the source of truth for each field; a sync may write only what the warehouse owns.

The same registry tells a break whom to blame: `orchestration.registry` turns it into a dbt seed and a page of the docs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reverse_etl.failures import SourceOfTruthError

REGISTRY = Path(__file__).with_name("source_of_truth.yml")
System = Literal["warehouse", "shopify", "erp", "threepl"]


class Subject(BaseModel):
    """Fields of one object that belong together: where their truth is, who answers for it, how far others may lag."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    object: str
    truth: System
    owner: str
    allowed_lag_minutes: int = Field(ge=0)
    fields: list[str] = Field(min_length=1)


class _Registry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    subjects: dict[str, Subject]


@dataclass(frozen=True)
class SourceOfTruth:
    """Answers which system owns a field."""

    path: Path
    registry: _Registry

    @classmethod
    def load(cls, path: Path = REGISTRY) -> "SourceOfTruth":
        """Read the registry, or raise SourceOfTruthError naming the file and the wrong entry."""
        try:
            return cls(path, _Registry.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))))
        except (yaml.YAMLError, ValidationError) as error:
            raise SourceOfTruthError(f"{path.name} is not a valid registry of sources of truth: {error}") from None

    @property
    def subjects(self) -> dict[str, Subject]:
        """All subjects by name, in the order of the file."""
        return self.registry.subjects

    def require_warehouse(self, sync: str, fields: Iterable[str]) -> None:
        """Raise SourceOfTruthError for the first field whose truth is elsewhere or undecided."""
        for field in fields:
            subject = self._subject(field)
            if subject is None:
                raise SourceOfTruthError(
                    f"Sync '{sync}' writes '{field}', and {self.path.name} does not say whose truth it is; "
                    f"add it to a subject there before it is written to Shopify."
                )
            truth = self.registry.subjects[subject].truth
            if truth != "warehouse":
                raise SourceOfTruthError(
                    f"Sync '{sync}' writes '{field}', but its truth ({subject}) lies in {truth}, not in the warehouse; "
                    f"remove it from the sync file."
                )

    def _subject(self, field: str) -> str | None:
        for name, subject in self.registry.subjects.items():
            if any(fnmatchcase(field, pattern) for pattern in subject.fields):
                return name
        return None
