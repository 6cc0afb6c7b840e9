"""Extracts a shop: every entity by its own window, proven complete, loaded as one; the door to all of it is `extract`.

Entities run side by side, up to Shopify's five bulk operations at a time. One that fails does not stop the others: they
finish, and then the failure is raised. Details that only ids lead to are read after their parents.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime
from functools import partial

from pipelines.config import Settings
from pipelines.contracts.arrivals import TableCount
from pipelines.failures import BoomerangError, ConfigurationError
from pipelines.intake import ledger
from pipelines.intake.exclusive import exclusive
from pipelines.intake.report import EntityResult, ExtractionFailed, ExtractionReport, failure_sentence
from pipelines.intake.tables import ensure_every_table
from pipelines.progress import Progress
from pipelines.shopify.bulk import BulkRunner
from pipelines.shopify.bulk_query import EntityQuery, load_entity_queries
from pipelines.shopify.client import ShopifyClient
from pipelines.shopify.contract import CONTRACT_FILE, shopify_contract
from pipelines.shopify.deletions import mark_deleted_by_events, sweep_is_due, swept_tables
from pipelines.shopify.entity_run import EntityRun, Run
from pipelines.shopify.shop_checks import check_shop, needed_scopes
from pipelines.shopify.windows import Moment
from pipelines.shopify.workbench import Workbench
from pipelines.warehouse import Warehouse
from pipelines.warehouse.conflicts import together

CONTRACT = CONTRACT_FILE

__all__ = ["CONTRACT", "EntityResult", "ExtractionFailed", "ExtractionReport", "TableCount", "extract"]


def extract(
    settings: Settings,
    shop: str,
    *,
    entities: Sequence[str] | None = None,
    run_id: str,
    progress: Progress,
) -> ExtractionReport:
    """Read what is new of these entities (None: all of the contract) into the raw tables.

    Windows that an earlier run left open are finished first. A second call for the same shop waits for the first.
    Raises ConfigurationError for an unknown entity or shop, a SourceError when the shop cannot be read at all, and
    ExtractionFailed, with the report of the rest, when some entities could not be.
    """
    settings.shop(shop)
    contract = shopify_contract(settings)
    queries = load_entity_queries(settings.metafields)
    known = [entity for entity in contract.entities() if entity in queries]
    unknown = [entity for entity in entities or () if entity not in known]
    if unknown:
        raise ConfigurationError(f"Entity {unknown[0]} is not known; known entities: {', '.join(known)}.")
    wanted = [entity for entity in known if entities is None or entity in entities]
    with exclusive(settings, shop):
        return asyncio.run(_extract(settings, shop, {entity: queries[entity] for entity in wanted}, run_id, progress))


async def _extract(
    settings: Settings, shop: str, queries: dict[str, EntityQuery], run_id: str, progress: Progress
) -> ExtractionReport:
    contract = shopify_contract(settings)
    async with ShopifyClient.configured(settings, shop) as client:
        access = await check_shop(client, needed_scopes(queries.values()))
        with Workbench(settings, contract, shop) as workbench:
            run = Run(
                settings=settings,
                shop=shop,
                run_id=run_id,
                contract=contract,
                client=client,
                runner=BulkRunner.configured(client, settings),
                workbench=workbench,
                warehouse=Warehouse(settings),
                progress=progress,
                report=ExtractionReport(shop, run_id),
            )
            await workbench.run(lambda: _prepare(run, access.served_at or datetime.now(UTC)))
            return await _Schedule(run, queries).run()


def _prepare(run: Run, source_now: datetime) -> None:
    """Make the tables, fix the moment, sort the windows that a dead run left open, and remove its other files."""
    with run.warehouse.session() as session:
        ensure_every_table(session, run.settings)
        run.moment = Moment(source_now, ledger.next_instant(session, run.shop, source_now))
        for window in ledger.open_windows(session, run.shop):
            if window.state == "planned" or window.mode in ("by_id", "replay"):
                ledger.failed(session, window, "its run ended before anything arrived")
            else:
                run.left_open.append(window)
    keep = {window.path for window in run.left_open}
    for left in (run.settings.data_dir / "exports" / run.shop).glob("*"):
        if left.is_dir():
            shutil.rmtree(left)
        elif str(left) not in keep:
            left.unlink()


class _Schedule:
    """What runs when: entities side by side, details after their parents, sweeps and deletions after their rows."""

    def __init__(self, run: Run, queries: dict[str, EntityQuery]) -> None:
        self._run, self._queries = run, queries
        self._failures: dict[str, Exception] = {}
        self._done: dict[str, asyncio.Event] = {entity: asyncio.Event() for entity in queries}

    async def run(self) -> ExtractionReport:
        started = [self._guarded(entity, self._entity(query)) for entity, query in self._queries.items()]
        outcomes = await asyncio.gather(*started, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome  # a defect: it keeps its stack trace
        if "events" in self._queries:
            await self._guarded("events", self._mark_deleted())
        if self._failures:
            sentence = failure_sentence(f"shop {self._run.shop}", self._failures, self._run.report.entities)
            raise ExtractionFailed(sentence, self._run.report, self._failures)
        return self._run.report

    async def _guarded(self, entity: str, work: Awaitable[None]) -> None:
        try:
            await work
        except BoomerangError as error:
            self._failures[entity] = error
        finally:
            self._done[entity].set()

    async def _entity(self, query: EntityQuery) -> None:
        entity_run = EntityRun(self._run, query)
        if query.kind == "ids":
            for parent in {table.entity for table in entity_run.parents()} & set(self._queries):
                await self._done[parent].wait()
            await entity_run.read_by_id()
            return
        await entity_run.read_windows()
        if query.entity in swept_tables(self._run.contract) and await asyncio.to_thread(self._is_due, query.entity):
            await entity_run.sweep()

    def _is_due(self, entity: str) -> bool:
        run = self._run
        with run.warehouse.session() as session:
            return sweep_is_due(session, run.settings, run.shop, entity, run.moment.now)

    async def _mark_deleted(self) -> None:
        run = self._run

        def mark() -> None:
            with run.warehouse.session() as session:
                marking = partial(mark_deleted_by_events, session, run.contract, run.shop, run.moment.extracted_at)
                together(session, marking)

        await run.workbench.run(mark)
