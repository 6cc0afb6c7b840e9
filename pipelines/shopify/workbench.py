"""Where files become tables: read through the door and committed, one at a time, off the event loop.

Reading and loading use all cores and a bounded share of memory each, so they take turns, also between shops that are
extracted at the same time. Windows that are ready together are landed together: dlt's fixed cost is paid once.
"""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival, TableCount
from pipelines.contracts.odcs import Contract
from pipelines.door.admission import admit
from pipelines.intake.ledger import Window
from pipelines.loading.load import ONE_AT_A_TIME, LoadItem, load

T = TypeVar("T")


class Workbench:
    """The one that reads and loads for a shop; a context manager."""

    def __init__(self, settings: Settings, contract: Contract, shop: str) -> None:
        """Nothing is opened before the first file."""
        self._settings = settings
        self._contract = contract
        self._shop = shop
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"load-{shop}")
        self._ready: list[LoadItem] = []

    def __enter__(self) -> Self:
        """Start."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is under way."""
        self._thread.shutdown(wait=True)

    async def run(self, work: Callable[[], T]) -> T:
        """Run something off the event loop while nothing else is read or loaded in this process."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._alone, work)

    async def read_and_load(self, window: Window, node_ids: list[int] | None = None) -> Admitted:
        """Bring the file of a downloaded window into the warehouse; raises what the door and the load raise."""
        try:
            admitted = await self.run(lambda: self._admit(window))
            item = LoadItem(window, admitted, node_ids or ())
            self._ready.append(item)
            await self.run(self._load_ready)
            if item.failure is not None:
                raise item.failure
        finally:
            shutil.rmtree(self._folder(window), ignore_errors=True)
        if window.path is not None:
            Path(window.path).unlink(missing_ok=True)
        return admitted

    def _alone(self, work: Callable[[], T]) -> T:
        with ONE_AT_A_TIME:
            return work()

    def _admit(self, window: Window) -> Admitted:
        arrival = Arrival("shopify", self._shop, window.entity, window.window_id, window.run_id, window.extracted_at)
        if window.path is None:
            tables = {table.name: TableCount() for table in self._contract.tables_of(window.entity)}
            return Admitted(arrival, tables=tables)
        return admit(
            self._settings,
            self._contract,
            arrival,
            Path(window.path),
            self._folder(window),
            lines=window.expected_rows,
        )

    def _load_ready(self) -> None:
        """Load all windows that are ready; those that another call took along are not there any more."""
        items, self._ready = self._ready, []
        if not items:
            return
        try:
            load(self._settings, self._contract, self._shop, items)
        except BaseException as error:
            for item in items:
                item.failure = item.failure or error
            raise

    def _folder(self, window: Window) -> Path:
        return self._settings.data_dir / "exports" / self._shop / window.window_id
