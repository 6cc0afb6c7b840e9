"""What a destination must offer, and what it sees of the outside world. docs/destinations.md says how to add one."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from pipelines.shopify.replies import Reply
from reverse_etl.ledger.rows import Action, Outcome, PlanRow


class Api(Protocol):
    """The Admin API as the parts of the destination use it: paced, retried, metered."""

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None, *, operation: str) -> Reply:
        """Run a query or mutation; raises a BoomerangError when there is no good reply."""


class Origin(NamedTuple):
    """Which run sends rows, and of which plan: with the number of a row this names a change for good."""

    run_id: str
    plan_id: str


class Destination(Protocol):
    """A place that values are written to, for one shop and one sync.

    Writing must be set-like: a row sent twice leaves the same state as sent once. What a call raises ends the run
    (BoomerangError); what is wrong with a row is its outcome.
    """

    @property
    def calls_per_second(self) -> float:
        """The rate that it keeps to itself: so many calls are prepared, and so many rows claimed, ahead of sending."""

    @property
    def can_read(self) -> bool:
        """Whether it says what it carries. Else `in_place` and `edited` find nothing, and nothing is compared."""

    @property
    def requests(self) -> int:
        """Requests answered so far."""

    @property
    def points(self) -> float:
        """What they cost, where a destination counts so; else 0."""

    @property
    def restore_rate(self) -> float | None:
        """Points that come back each second, where a destination counts so and has told."""

    async def prepare(self) -> None:
        """Make ready what values need before the first is sent, such as definitions; raises DefinitionConflict."""

    def rows_per_call(self, action: Action) -> int:
        """How many rows of this kind one call carries at most."""

    def pack(self, action: Action, rows: Sequence[PlanRow]) -> list[list[PlanRow]]:
        """Rows, in their order, grouped into calls; a record is split only if it alone is too large for one call."""

    async def send(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Send one group and return exactly one outcome for each of its rows."""

    async def in_place(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Read back which rows are in effect already: an acknowledged outcome for each of those, none for others."""

    async def settle(self, origin: Origin, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """What has become of rows that a dead run had claimed; none for a row that is not in effect.

        Afterwards no row may be in effect without an acknowledged outcome: read back, or send again as `origin` did.
        """

    async def edited(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """A CONFLICT for each row whose value is not the one that the plan was made from, nor absent."""
