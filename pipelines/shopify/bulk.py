"""Runs bulk operations: up to five of a kind at a time, survived by restarts, resubmitted when Shopify loses them.

The caller keeps the id that `on_submitted` gives before the first poll; after a restart it passes it as `adopt`, so
that no operation is orphaned and none runs twice. Rules: shopify.dev, "Perform bulk operations".
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from pipelines.config import Settings
from pipelines.failures import AccessDenied, BulkOperationFailed
from pipelines.shopify.bulk_operation import CANCEL, POLL, BulkOperation, Kind, bulk_operation
from pipelines.shopify.bulk_submission import Submitter, marked
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.staged_upload import upload_variables

OnSubmitted = Callable[[str], Awaitable[None]]
OnPoll = Callable[[BulkOperation], None]

# Polls start close together, so that a short export is read at once, and spread out to this many times the setting.
SLOWEST_POLL_FACTOR = 3.0
POLL_GROWTH = 1.3


class BulkMutationFailed(BulkOperationFailed):
    """A bulk mutation did not complete; `operation` may hold the url of the results of the rows that were processed."""

    def __init__(self, sentence: str, operation: BulkOperation) -> None:
        """Keep the operation for whoever must read its partial results."""
        super().__init__(sentence)
        self.operation = operation


class BulkRunner:
    """Bulk operations of one shop. Share one runner among all tasks: it keeps count of the slots."""

    def __init__(
        self,
        client: ShopifyClient,
        *,
        slots: int = 5,
        poll_seconds: float = 0.5,
        timeout: float = 14_400.0,
        stall: float = 1_800.0,
        attempts: int = 3,
    ) -> None:
        """All times are seconds.

        `slots` bounds our operations of each kind under way at once; `timeout` bounds one run including waiting for a
        slot that others hold; an operation that counts no further object for `stall` is cancelled and resubmitted;
        `attempts` bounds the submissions of one run.
        """
        self.client = client
        self._poll_seconds = poll_seconds
        self._timeout = timeout
        self._stall = stall
        self._attempts = attempts
        self._submitter = Submitter(client, poll_seconds, attempts)
        self._slots: dict[Kind, asyncio.Semaphore] = {
            "query": asyncio.Semaphore(slots),
            "mutation": asyncio.Semaphore(slots),
        }

    @classmethod
    def configured(cls, client: ShopifyClient, settings: Settings) -> "BulkRunner":
        """A runner with the limits of the settings."""
        extraction = settings.extraction
        return cls(
            client,
            slots=extraction.concurrent_bulk_operations,
            poll_seconds=extraction.poll_seconds,
            timeout=extraction.bulk_timeout_minutes * 60,
            attempts=extraction.attempts,
        )

    async def run_query(
        self,
        text: str,
        *,
        name: str,
        adopt: str | None = None,
        on_submitted: OnSubmitted | None = None,
        on_poll: OnPoll | None = None,
    ) -> BulkOperation:
        """Export what `text` selects (a bulk query without variables) and return the completed operation.

        `name` is the entity, for sentences. `adopt` is the id of an operation submitted for the same text by an earlier
        run: it is awaited or used if it is any good, else a new one is submitted. `on_submitted` gets the id of each
        submission and is awaited before the first poll. Cancelling the task leaves the operation running.

        Raises AccessDenied, InvalidQuery, BulkOperationFailed, and what the client raises.
        """
        async with self._slots["query"]:
            deadline = self.client.clock.now() + self._timeout
            operation = await self._adoptable(adopt)
            reason = ""
            for _ in range(self._attempts):
                if operation is None:
                    marker = secrets.token_hex(6)
                    variables = {"query": marked(text, marker, name)}
                    operation = await self._submitter.submit("query", variables, marker, name, deadline)
                    if on_submitted is not None:
                        await on_submitted(operation.id)
                ended, reason = await self._watch(operation, name, deadline, on_poll)
                if ended is not None and ended.status == "COMPLETED":
                    return ended
                if ended is not None and ended.error_code == "ACCESS_DENIED":
                    raise AccessDenied(
                        f"The app lacks access to what the bulk export of {name} of shop {self._shop} reads "
                        f"({operation.id}); grant the missing scope, install that version, then run again."
                    )
                operation = None
        raise BulkOperationFailed(
            f"The bulk export of {name} of shop {self._shop} did not complete in {self._attempts} attempts; the "
            f"last one {reason}. Run again later; if it persists, read a shorter window."
        )

    async def run_mutation(
        self,
        mutation: str,
        jsonl_path: Path,
        *,
        client_identifier: str | None = None,
        name: str = "write-back",
        adopt: str | None = None,
        on_submitted: OnSubmitted | None = None,
        on_poll: OnPoll | None = None,
    ) -> BulkOperation:
        """Upload a file of variables, run `mutation` for each of its lines and return the completed operation.

        COMPLETED does not mean that the lines succeeded: read each line of the result at `url` by its `__lineNumber`
        (from 0). `client_identifier` has 10 to 255 characters. An operation to `adopt` after a restart is awaited, and
        submitted anew only if Shopify does not know it. Unlike a query, a mutation that ends half-way is not repeated
        here but raises BulkMutationFailed, because only the caller knows which lines took effect.
        """
        async with self._slots["mutation"]:
            deadline = self.client.clock.now() + self._timeout
            operation = await self.look_up(adopt) if adopt else None
            if operation is None:
                marker = secrets.token_hex(6)
                path = await upload_variables(self.client, jsonl_path)
                variables = {"mutation": marked(mutation, marker, name), "path": path, "client": client_identifier}
                operation = await self._submitter.submit("mutation", variables, marker, name, deadline)
                if on_submitted is not None:
                    await on_submitted(operation.id)
            ended, reason = await self._watch(operation, name, deadline, on_poll)
        if ended is not None and ended.status == "COMPLETED":
            return ended
        raise BulkMutationFailed(
            f"The bulk mutation of {name} of shop {self._shop} {reason}; read its partial results, then send what is "
            f"not acknowledged again.",
            ended or operation,
        )

    async def look_up(self, operation_id: str) -> BulkOperation | None:
        """The present state of an operation, or None when Shopify does not know it."""
        reply = await self.client.execute(POLL, {"id": operation_id}, operation="bulkOperation")
        node = reply.data["bulkOperation"]
        return bulk_operation(node) if node else None

    async def cancel(self, operation_id: str) -> None:
        """Ask Shopify to stop an operation, which keeps its slot while it is CANCELING; one that has ended stays."""
        await self.client.execute(CANCEL, {"id": operation_id}, operation="bulkOperationCancel")

    @property
    def _shop(self) -> str:
        return self.client.shop.name

    async def _adoptable(self, operation_id: str | None) -> BulkOperation | None:
        operation = await self.look_up(operation_id) if operation_id else None
        return operation if operation and operation.status in ("CREATED", "RUNNING", "COMPLETED") else None

    async def _watch(
        self, operation: BulkOperation, name: str, deadline: float, on_poll: OnPoll | None
    ) -> tuple[BulkOperation | None, str]:
        """Poll until the operation ends; its last state (None when it is given up) and what became of it."""
        clock, pause = self.client.clock, self._poll_seconds / 2
        moved_at = clock.now()
        while operation.is_under_way:
            if clock.now() >= deadline:
                await self.cancel(operation.id)
                raise BulkOperationFailed(
                    f"The bulk operation {operation.id} of {name} of shop {self._shop} did not end within "
                    f"{self._timeout:.0f} seconds and was cancelled; read a shorter window or raise "
                    f"extraction.bulk_timeout_minutes."
                )
            if clock.now() - moved_at >= self._stall:
                if operation.status != "CANCELING":
                    await self.cancel(operation.id)
                return None, f"({operation.id}) made no progress for {self._stall:.0f} seconds"
            await clock.sleep(pause)
            pause = min(pause * POLL_GROWTH, self._poll_seconds * SLOWEST_POLL_FACTOR)
            seen = await self.look_up(operation.id)
            if seen is None:
                return None, f"({operation.id}) is no longer known to Shopify"
            if (seen.status, seen.object_count) != (operation.status, operation.object_count):
                moved_at = clock.now()
            operation = seen
            if on_poll is not None:
                on_poll(operation)
        code = f" with {operation.error_code}" if operation.error_code else ""
        return operation, f"({operation.id}) ended as {operation.status}{code}"
