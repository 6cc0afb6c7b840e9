"""What came through the door: files of typed, checked rows, rejected rows, and how many of each."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True)
class Arrival:
    """Where rows come from; becomes columns of every row. `extracted_at` is an instant in UTC."""

    source: str
    shop: str
    entity: str
    window_id: str
    run_id: str
    extracted_at: datetime


@dataclass
class TableCount:
    """Rows of one table: arrived = loaded + rejected, with `loaded` counted in the warehouse.

    `duplicate` rows repeated the key of one that arrived; they are dropped at the door and not among `arrived`.
    """

    arrived: int = 0
    rejected: int = 0
    duplicate: int = 0
    loaded: int = 0

    @property
    def accepted(self) -> int:
        """Rows that must be in the warehouse after the load."""
        return self.arrived - self.rejected

    @property
    def adds_up(self) -> bool:
        """Whether every row that arrived is loaded or rejected."""
        return self.arrived == self.loaded + self.rejected


@dataclass
class Admitted:
    """The outcome of the door for one file.

    `files` holds the Parquet file of each table that has accepted rows, with the columns of `stored_columns`; `parents`
    that of the keys of parents which are tables of another entity; `dead_letters` that of the rejected rows, if any.
    Of the `lines`, `parent_lines` only name a parent and `duplicate_lines` repeat a row.
    """

    arrival: Arrival
    lines: int = 0
    rejected_lines: int = 0
    duplicate_lines: int = 0
    parent_lines: int = 0
    tables: dict[str, TableCount] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    parents: dict[str, Path] = field(default_factory=dict)
    dead_letters: Path | None = None
