"""What the lanes of one run share."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.progress import Progress
from reverse_etl.destinations.metering import MeteredApi
from reverse_etl.destinations.shopify import ShopifyDestination
from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.recorder import Recorder
from reverse_etl.ledger.rows import Action

STAGE = "write-back"
POINTS_PER_CALL = 10  # what every write-back mutation costs
# Answers that take up to this long still leave the limit fully used.
LATENCY_BUDGET_SECONDS = 1.0
ASSUMED_RATE = 100.0  # points a second of the smallest plan, until the first reply tells
FEWEST_ROWS, MOST_ROWS = 200, 50_000

Checkpoint = Callable[[str], None]
"""Called with a name between any two effects; tests use it to die there."""


@dataclass(frozen=True)
class ShopDelivery:
    """One shop's share of a run. `takes_back`: of an undo plan, which touches only what nobody changed since."""

    shop: str
    ledger: Ledger
    recorder: Recorder
    destination: ShopifyDestination
    api: MeteredApi
    progress: Progress
    checkpoint: Checkpoint
    max_in_flight: int
    takes_back: bool = False

    @property
    def window(self) -> int:
        """Calls under way at once: the shop's rate of calls times the latency that must be hidden."""
        rate = self.api.restore_rate or ASSUMED_RATE
        return max(4, min(self.max_in_flight, math.ceil(rate / POINTS_PER_CALL * LATENCY_BUDGET_SECONDS)))

    def claim_size(self, action: Action) -> int:
        """Rows until the next write: as many as may be in doubt after a crash, and few enough to be read back."""
        return max(FEWEST_ROWS, min(MOST_ROWS, self._calls * self.destination.rows_per_call(action)))

    @property
    def calls_ahead(self) -> int:
        """Calls that may stand ready: enough for the time that a claim takes, on a warehouse that is far away too."""
        return max(2 * self.window, self._calls)

    @property
    def _calls(self) -> int:
        rate = (self.api.restore_rate or ASSUMED_RATE) / POINTS_PER_CALL
        return math.ceil(rate * self.ledger.seconds_between_writes)

    def item(self, action: Action) -> str:
        """Name of this part in progress displays."""
        return f"{self.shop} {action.replace('_', ' ')}"
