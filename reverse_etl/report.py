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
class CanaryState:
    """How far the canary of a plan is: `sending`, `waiting` (read back, and good) or `failed`.

    `checked` values of it were read back, `refused` were not taken by Shopify, `wrong` are not there as they were sent.
    Before `resume_at` (UTC), or with `needs_go` before somebody's go, the rest is not sent.
    """

    state: str
    run_id: str
    records: int
    checked: int
    refused: int
    wrong: int
    reason: str
    resume_at: datetime | None
    needs_go: bool
    go_by: str | None = None

    def may_go_on(self, now: datetime) -> bool:
        """Whether the rest may be sent."""
        is_time = self.resume_at is not None and now >= self.resume_at
        return self.go_by is not None or (self.state == "waiting" and not self.needs_go and is_time)


@dataclass(frozen=True)
class Rejection:
    """Rows that Shopify refused, or would refuse, for one reason; with one record as an example."""

    shop: str
    attribute: str
    code: str
    reason: str
    rows: int
    example_record_id: int


@dataclass(frozen=True)
class Plan:
    """A stored plan: what would be sent, why it may be stopped, and in which state it is.

    `states` of a plan: planned, applying, waiting, stopped (both by its canary), applied, partly_applied, interrupted.
    `is_forgotten`: its rows are gone.
    `undoes_run`: the run whose values it takes back, None for a plan of what a model wants.
    `rejections`: what was left out because Shopify would refuse it.
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
    canary: CanaryState | None = None
    rejections: Sequence[Rejection] = ()
    destination: str = "shopify"

    @property
    def held_as(self) -> str:
        """What the ledger calls its records (`Sync.held_as`)."""
        return self.object if self.destination == "shopify" else f"{self.object}@{self.destination}"

    @property
    def place(self) -> str:
        """Where it writes to, in sentences."""
        return "Shopify" if self.destination == "shopify" else self.destination

    @property
    def rejected(self) -> int:
        """Rows that are left out of the plan, as Shopify would refuse them."""
        return sum(one.rows for one in self.rejections)

    @property
    def is_empty(self) -> bool:
        """Whether Shopify already carries what the model wants."""
        return self.rows == 0


@dataclass(frozen=True)
class DeliveryReport:
    """What one run did. Counts are rows (one value of one record); `points` are Shopify's query cost, actually used.

    `settled` rows were found delivered by an earlier run that was cut off; they were read back, not sent. `canary` is
    set where the plan has one; while it waits, the rest of the plan is not sent. `lanes` say for each shop and
    action why it went by calls at the rate limit (paced) or by bulk operations.
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
    canary: CanaryState | None = None
    waits: bool = False
    lanes: tuple[str, ...] = ()


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
    """The plan that takes a run back, and what of the run it leaves alone.

    `compares`: what somebody changed since is found and left; else the destination does not say what it carries.
    """

    plan: Plan
    run_id: str
    left: Sequence[Left] = ()
    compares: bool = True
