"""One entity of a run: its open windows finished, its next window planned, exported, read, loaded and accounted for."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival
from pipelines.contracts.odcs import Contract, Table
from pipelines.failures import (
    AccessDenied,
    BulkOperationFailed,
    IncompleteExtraction,
    InvalidQuery,
    SourceError,
)
from pipelines.intake import ledger
from pipelines.intake.ledger import Window
from pipelines.intake.report import ExtractionReport
from pipelines.loading.details import parent_of, wanted_ids
from pipelines.loading.landing import Landing
from pipelines.progress import Progress
from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_export import export
from pipelines.shopify.bulk_operation import BulkOperation
from pipelines.shopify.bulk_query import EntityQuery
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.deletions import ImplausibleSweep, commit_sweep, swept_tables
from pipelines.shopify.ids import read_ids
from pipelines.shopify.pages import fetch_pages
from pipelines.shopify.paging import fetch_nodes, fetch_single
from pipelines.shopify.windows import STILL_FRESH, Moment, plan_window, search_filter
from pipelines.shopify.workbench import Workbench
from pipelines.warehouse import Session, Warehouse

STAGE = "extract"
# After these, asking for the same window again cannot help or must not build on what is there: it is given up, and the
# next run plans it anew. After any other failure it stays open, and the next run adopts its operation or its file.
GIVE_UP = (AccessDenied, BulkOperationFailed, IncompleteExtraction, InvalidQuery, ImplausibleSweep)


@dataclass
class Run:
    """What all entities of a run share."""

    settings: Settings
    shop: str
    run_id: str
    contract: Contract
    client: ShopifyClient
    runner: BulkRunner
    workbench: Workbench
    warehouse: Warehouse
    progress: Progress
    report: ExtractionReport
    moment: Moment = field(init=False)
    left_open: list[Window] = field(default_factory=list)

    async def note(self, write: Callable[[Session], None]) -> None:
        """Write to the ledger, off the event loop."""

        def session() -> None:
            with self.warehouse.session() as opened:
                write(opened)

        await asyncio.to_thread(session)


class EntityRun:
    """The windows of one entity."""

    def __init__(self, run: Run, query: EntityQuery) -> None:
        """Nothing is asked for yet."""
        self._run = run
        self._query = query
        self._item = f"{run.shop}/{query.entity}"
        self._note = ""

    def parents(self) -> tuple[Table, ...]:
        """The tables whose rows lead to what this entity reads by id."""
        return (parent_of(self._run.contract, self._query.entity),)

    async def read_windows(self) -> None:
        """Finish what a dead run left open, then read what is new since; nothing if that is only just now."""
        moment, latest = self._run.moment, None
        for window in self._run.left_open:
            if window.entity == self._query.entity and window.mode != "sweep":
                window.run_id = self._run.run_id
                await self._read(window)
                latest = window.window_to
        if latest is not None and moment.now - latest < STILL_FRESH:
            return
        window = await asyncio.to_thread(self._plan)
        await self._read(window)

    async def read_by_id(self) -> None:
        """Read the details of parents that have none yet, or that changed."""
        run = self._run
        ids = await asyncio.to_thread(self._wanted)
        if not ids:
            return
        window = await asyncio.to_thread(lambda: self._plan_special("by_id"))
        started = time.monotonic()
        run.progress.start(STAGE, self._item, total=len(ids))
        try:
            target = self._target(window)
            found = await fetch_nodes(run.client, self._query, ids, target)
            window.path, window.expected_rows = str(target), found.asked - len(found.missing)
            await run.note(lambda session: ledger.downloaded(session, window))
            admitted = await run.workbench.read_and_load(window, ids)
        except GIVE_UP as error:
            await self._give_up(window, error)
            raise
        run.progress.advance(STAGE, self._item, len(ids))
        self._finish(window, admitted, started)

    async def sweep(self) -> None:
        """Compare all ids at the source with the rows in the warehouse."""
        run, table = self._run, swept_tables(self._run.contract)[self._query.entity]
        open_sweeps = [w for w in run.left_open if w.entity == self._query.entity and w.mode == "sweep"]
        window = open_sweeps[0] if open_sweeps else await asyncio.to_thread(lambda: self._plan_special("sweep"))
        started = time.monotonic()
        try:
            await self._bring(window, self._query.ids_text())
            admitted = await run.workbench.run(lambda: self._commit_sweep(window, table))
        except GIVE_UP as error:
            await self._give_up(window, error)
            raise
        self._run.report.add(window, admitted, time.monotonic() - started)

    async def _read(self, window: Window) -> None:
        started = time.monotonic()
        self._run.progress.start(STAGE, self._item)
        try:
            if self._query.kind == "single":
                await self._bring_single(window)
            elif self._query.kind == "paged":
                await self._bring_pages(window)
            else:
                await self._bring(window, self._query.bulk_text(search_filter(window)))
            admitted = await self._run.workbench.read_and_load(window)
        except GIVE_UP as error:
            await self._give_up(window, error)
            raise
        self._finish(window, admitted, started)

    async def _bring(self, window: Window, text: str) -> None:
        """Have the window's file on disk: as it was left, from the operation that was left, or from a new one."""
        if window.state == "downloaded" and (window.path is None or Path(window.path).exists()):
            return
        run, seen = self._run, 0

        def on_poll(operation: BulkOperation) -> None:
            nonlocal seen
            if operation.object_count > seen:
                run.progress.advance(STAGE, self._item, operation.object_count - seen)
                seen = operation.object_count

        async def on_submitted(operation_id: str) -> None:
            await run.note(lambda session: ledger.submitted(session, window, operation_id))

        exported = await export(
            run.runner,
            text,
            self._target(window),
            name=window.entity,
            adopt=window.operation_id,
            on_submitted=on_submitted,
            on_poll=on_poll,
        )
        operation = exported.operation
        if exported.download is None and operation.object_count:
            raise IncompleteExtraction(
                f"Shopify counts {operation.object_count:,} objects of {window.entity} of shop {run.shop}, but offers "
                f"no file ({operation.id}); nothing was loaded, run again."
            )
        window.path = str(exported.download.path) if exported.download else None
        window.expected_rows, window.expected_roots = operation.object_count, operation.root_object_count
        await run.note(lambda session: ledger.downloaded(session, window))

    async def _bring_single(self, window: Window) -> None:
        target = self._target(window)
        window.expected_rows = await fetch_single(self._run.client, self._query, target)
        window.path = str(target)
        await self._run.note(lambda session: ledger.downloaded(session, window))

    async def _bring_pages(self, window: Window) -> None:
        if window.state == "downloaded" and window.path is not None and Path(window.path).exists():
            return
        target = self._target(window)
        pages = await fetch_pages(
            self._run.client,
            self._query,
            search_filter(window),
            target,
            on_page=lambda rows: self._run.progress.advance(STAGE, self._item, rows),
        )
        self._note = f" (the shop has no {pages.absent})" if pages.absent else ""
        window.path, window.expected_rows = str(target), pages.nodes
        await self._run.note(lambda session: ledger.downloaded(session, window))

    async def _give_up(self, window: Window, error: SourceError) -> None:
        await self._run.note(lambda session: ledger.failed(session, window, str(error)))
        if window.path is not None:
            Path(window.path).unlink(missing_ok=True)

    def _finish(self, window: Window, admitted: Admitted, started: float) -> None:
        self._run.report.add(window, admitted, time.monotonic() - started)
        rejected = f", {admitted.rejected_lines:,} rejected" if admitted.rejected_lines else ""
        self._run.progress.finish(STAGE, self._item, f"{admitted.lines:,} rows{rejected}{self._note}")

    def _plan(self) -> Window:
        run = self._run
        with run.warehouse.session() as session:
            window = plan_window(session, run.settings, run.shop, self._query, run.moment, run.run_id)
            ledger.plan(session, window)
        return window

    def _plan_special(self, mode: ledger.Mode) -> Window:
        run, entity = self._run, self._query.entity
        window = Window(
            window_id=ledger.new_window_id(run.shop, entity, run.moment.now),
            shop=run.shop,
            entity=entity,
            mode=mode,
            window_from=None,
            window_to=run.moment.now,
            extracted_at=run.moment.extracted_at,
            run_id=run.run_id,
        )
        with run.warehouse.session() as session:
            ledger.plan(session, window)
        return window

    def _wanted(self) -> list[int]:
        with self._run.warehouse.session() as session:
            return wanted_ids(session, self._run.contract, self._run.shop, self._query.entity)

    def _commit_sweep(self, window: Window, table: Table) -> Admitted:
        run = self._run
        arrival = Arrival("shopify", run.shop, window.entity, window.window_id, run.run_id, window.extracted_at)
        folder = self._target(window).with_suffix("")
        ids, lines = read_ids(run.settings, table, Path(window.path) if window.path else None, folder)
        admitted = Admitted(arrival, lines=lines)
        landing = Landing(run.settings, run.contract, run.shop)
        landed = landing.land_ids(window.entity, ids)
        with run.warehouse.session(memory_limit=run.settings.extraction.load_memory_limit) as session:
            commit_sweep(session, table, window, landed, admitted)
        landing.forget()
        if window.path is not None:
            Path(window.path).unlink(missing_ok=True)
        return admitted

    def _target(self, window: Window) -> Path:
        return self._run.settings.data_dir / "exports" / self._run.shop / f"{window.window_id}.jsonl"
