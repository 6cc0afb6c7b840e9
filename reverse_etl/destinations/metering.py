"""Counts what a run costs."""

from collections.abc import Mapping
from typing import Any

from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.replies import Reply


class MeteredApi:
    """The client of one shop, with requests and points counted. `restore_rate` is points per second, once known."""

    def __init__(self, client: ShopifyClient) -> None:
        """Count from zero."""
        self.client = client
        self.requests = 0
        self.points = 0.0
        self.restore_rate: float | None = None

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None, *, operation: str) -> Reply:
        """Run a query or mutation and count it."""
        reply = await self.client.execute(document, variables, operation=operation)
        self.requests += 1
        if reply.cost is not None:
            self.points += reply.cost.actual if reply.cost.actual is not None else reply.cost.requested
        if reply.throttle is not None:
            self.restore_rate = reply.throttle.restore_rate
        return reply
