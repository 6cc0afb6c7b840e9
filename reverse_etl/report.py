"""What a plan and a delivery tell a person; plain data, printed by the command line and kept as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class PlanCount:
    """Planned rows of one kind."""

    shop: str
    attribute: str
    action: str
    cause: str
    rows: int


@dataclass(frozen=True)
class PlanSample:
    """One planned row, as an example: before -> after; None is absence."""

    shop: str
    record_id: int
    attribute: str
    action: str
    value_before: str | None
    value_after: str | None


@dataclass(frozen=True)
class Approval:
    """Who agreed to a plan, when (UTC), and by which way: `command line` or `dagster`."""

    approved_by: str
    approved_at: datetime
    via: str


@dataclass(frozen=True)
class Plan:
    """A stored plan: what would be sent, why it may be stopped, and in which state it is.

    `states` of a plan: planned, applying, applied, partly_applied, interrupted. `is_forgotten`: its rows are gone.
    `undoes_run`: the run whose values it takes back, None for a plan of what a model wants.
    `content_hash` is over rows and head, '' for a plan of an earlier version; `expires_at` (UTC), None if never.
    """

    plan_id: str
    sync: str
    object: str
    shops: Sequence[str]
    state: str
    created_at: datetime
    rows: int
    counts: Sequence[PlanCount] = ()
    samples: Sequence[PlanSample] = ()
    guard_stops: Sequence[str] = ()
    audience: dict[str, int] = field(default_factory=dict)
    is_forgotten: bool = False
    undoes_run: str | None = None
    content_hash: str = ""
    expires_at: datetime | None = None
    approval: Approval | None = None

    @property
    def is_empty(self) -> bool:
        """Whether Shopify already carries what the model wants."""
        return self.rows == 0


@dataclass(frozen=True)
class Rejection:
    """Rows that Shopify refused for one reason, with one record as an example."""

    shop: str
    attribute: str
    code: str
    reason: str
    rows: int
    example_record_id: int


@dataclass(frozen=True)
class DeliveryReport:
    """What one run did. Counts are rows (one value of one record); `points` are Shopify's query cost, actually used.

    `settled` rows were found delivered by an earlier run that was cut off; they were read back, not sent.
    """

    run_id: str
    plan_id: str
    sync: str
    planned: int
    acknowledged: int
    rejected: int
    settled: int
    requests: int
    points: float
    seconds: float
    rejections: Sequence[Rejection] = ()


@dataclass(frozen=True)
class Left:
    """Rows of a run that are not undone for one reason, with one record as an example."""

    shop: str
    attribute: str
    reason: str
    rows: int
    example_record_id: int


@dataclass(frozen=True)
class Undo:
    """The plan that takes a run back, and what of the run it leaves alone."""

    plan: Plan
    run_id: str
    left: Sequence[Left] = ()
