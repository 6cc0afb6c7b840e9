"""What the lanes of one run share."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from pipelines.progress import Progress
from reverse_etl.delivery.measures import Measures
from reverse_etl.destinations.base import Destination, Origin
from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.recorder import Recorder
from reverse_etl.ledger.rows import Action

STAGE = "write-back"
# Answers that take up to this long still leave the limit fully used.
LATENCY_BUDGET_SECONDS = 1.0
FEWEST_ROWS, MOST_ROWS = 200, 50_000

Checkpoint = Callable[[str], None]
"""Called with a name between any two effects; tests use it to die there."""


@dataclass(frozen=True)
class ShopDelivery:
    """One shop's share of a run. `takes_back`: of an undo plan, which touches only what nobody changed since."""

    shop: str
    ledger: Ledger
    recorder: Recorder
    destination: Destination
    progress: Progress
    checkpoint: Checkpoint
    max_in_flight: int
    takes_back: bool = False
    measures: Measures = field(default_factory=Measures)

    def window(self, action: Action) -> int:
        """Calls under way at once: the shop's rate of calls times the latency that must be hidden."""
        calls = math.ceil(self._calls_per_second(action) * LATENCY_BUDGET_SECONDS)
        return max(4, min(self.max_in_flight, calls))

    @property
    def origin(self) -> Origin:
        """What is sent, is sent as this."""
        return Origin(self.ledger.run_id, self.ledger.plan_id)

    def claim_size(self, action: Action) -> int:
        """Rows until the next write: as many as may be in doubt after a crash, and few enough to be read back."""
        return max(FEWEST_ROWS, min(MOST_ROWS, self._calls(action) * self.destination.rows_per_call(action)))

    def calls_ahead(self, action: Action) -> int:
        """Calls that may stand ready: enough for the time that a claim takes, on a warehouse that is far away too."""
        return max(2 * self.window(action), self._calls(action))

    def _calls(self, action: Action) -> int:
        return math.ceil(self._calls_per_second(action) * self.ledger.seconds_between_writes)

    def _calls_per_second(self, action: Action) -> float:
        """What the points allow, where it is known what a call really costs; else what the destination assumes."""
        points = self.measures.points_per_call(self.shop, action)
        rate = self.destination.restore_rate
        return rate / points if points and rate else self.destination.calls_per_second

    def item(self, action: Action) -> str:
        """Name of this part in progress displays."""
        return f"{self.shop} {action.replace('_', ' ')}"
