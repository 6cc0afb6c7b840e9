"""What a destination must offer, and what it sees of the outside world."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pipelines.shopify.replies import Reply
from reverse_etl.ledger.rows import Action, Outcome, PlanRow


class Api(Protocol):
    """The Admin API as the parts of the destination use it: paced, retried, metered."""

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None, *, operation: str) -> Reply:
        """Run a query or mutation; raises a BoomerangError when there is no good reply."""


class Destination(Protocol):
    """A place that values are written to, for one shop and one sync.

    Writing must be set-like: a row sent twice leaves the same state as sent once.
    """

    async def prepare(self) -> None:
        """Make ready what values need before the first is sent, such as definitions; raises DefinitionConflict."""

    def rows_per_call(self, action: Action) -> int:
        """How many rows of this kind one call carries at most."""

    def pack(self, action: Action, rows: Sequence[PlanRow]) -> list[list[PlanRow]]:
        """Rows, in their order, grouped into calls; a record is split only if it alone is too large for one call."""

    async def send(self, action: Action, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Send one group and return exactly one outcome for each of its rows."""

    async def in_place(self, rows: Sequence[PlanRow]) -> list[Outcome]:
        """Read back which rows are in effect already: an acknowledged outcome for each of those, none for others."""
