"""From the text of a bulk query to a complete file: runs the operation, downloads its result, replaces expired urls."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.shopify.bulk import BulkRunner, OnPoll, OnSubmitted
from pipelines.shopify.bulk_operation import BulkOperation
from pipelines.shopify.download import Download, UrlExpired, download

# After so many expired urls in one export the storage or a clock is wrong, and the failure is told.
EXPIRED_URLS = 3


@dataclass(frozen=True)
class Export:
    """A completed operation and its result; `download` is None when the result has no line."""

    operation: BulkOperation
    download: Download | None


async def export(
    runner: BulkRunner,
    text: str,
    target: Path,
    *,
    name: str,
    adopt: str | None = None,
    on_submitted: OnSubmitted | None = None,
    on_poll: OnPoll | None = None,
    on_bytes: Callable[[int], None] | None = None,
) -> Export:
    """Run a bulk query (see `BulkRunner.run_query` for the arguments) and save its result as `target` (or `.gz`).

    When the url has expired, which happens to an adopted operation, the operation is looked up for a fresh one, and if
    there is none, submitted again. Raises what `run_query` and `download` raise.
    """
    operation = await runner.run_query(text, name=name, adopt=adopt, on_submitted=on_submitted, on_poll=on_poll)
    for _ in range(EXPIRED_URLS):
        try:
            return Export(operation, await _save(runner, operation, target, name, on_bytes))
        except UrlExpired:
            renewed = await runner.look_up(operation.id)
        if renewed is not None and renewed.url not in (None, operation.url):
            operation = renewed
        else:
            operation = await runner.run_query(text, name=name, on_submitted=on_submitted, on_poll=on_poll)
    return Export(operation, await _save(runner, operation, target, name, on_bytes))


async def _save(
    runner: BulkRunner, operation: BulkOperation, target: Path, name: str, on_bytes: Callable[[int], None] | None
) -> Download | None:
    if operation.url is None:
        return None
    return await download(
        operation.url,
        target,
        what=f"{name} of shop {runner.client.shop.name}",
        expected_bytes=operation.file_size,
        on_bytes=on_bytes,
        clock=runner.client.clock,
    )
