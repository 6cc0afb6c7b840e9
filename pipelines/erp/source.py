"""Extracts an ERP: every entity by its own window, counted by the ERP itself; the door to all of it is `extract`.

Entities are read side by side as far as the ERP allows; each is checked and put down when it is there, and all are
loaded together. One that fails does not stop the others: they finish, and then the failure is raised. What is wrong
with a feed is also written down for reconciliation, which then invents no break from the hole.
"""

import asyncio
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from pipelines.config import Settings
from pipelines.contracts.odcs import Contract
from pipelines.erp.netsuite.client import NetSuiteClient
from pipelines.erp.netsuite.reader import NetSuiteReader
from pipelines.erp.problems import (
    came_late,
    came_twice,
    clock_goes_back,
    code_of,
    reads_from_the_beginning,
    unseen_deletions,
    watch,
)
from pipelines.erp.queries import ErpQuery, load_queries
from pipelines.erp.reading import Asked, Delivered, Reader, Span, side_by_side
from pipelines.erp.sql.reader import SqlReader
from pipelines.erp_settings import Erp, NetSuiteErp
from pipelines.failures import BoomerangError, ConfigurationError, SourceError
from pipelines.intake.clock import Clock
from pipelines.intake.ledger import Window
from pipelines.intake.problems import Code, report_problem
from pipelines.intake.receiving import Intake
from pipelines.intake.report import EntityResult, ExtractionReport
from pipelines.intake.sources import source_contract
from pipelines.intake.tables import ensure_every_table
from pipelines.progress import Progress
from pipelines.shopify.windows import history_start
from pipelines.warehouse import Session, Warehouse

STAGE = "extract"


class DeletionsUnseen(SourceError):
    """The ERP has fewer rows than the warehouse, and told of no deletion; what is there is loaded all the same."""


class ClockWentBack(SourceError):
    """The ERP's clock is behind what it said before."""


class CameTwice(SourceError):
    """A reading brought a row more than once; one of each is loaded."""


class CameLate(SourceError):
    """The ERP has rows below the cursor that the warehouse has not; what came is loaded."""


def extract(
    settings: Settings,
    erp_name: str,
    *,
    entities: Sequence[str] | None = None,
    run_id: str,
    progress: Progress,
    clock: Clock | None = None,
) -> ExtractionReport:
    """Read what is new of these entities (None: all that the ERP has queries for) into the raw tables.

    A second call for the same ERP waits for the first. Raises ConfigurationError for an unknown entity or ERP, a
    SourceError when the ERP cannot be read at all, and ExtractionFailed, with the report of the rest, when some
    entities could not be. `clock` is for tests of long waits.
    """
    erp = settings.erp_named(erp_name)
    contract = source_contract(settings, "erp")
    queries = load_queries(erp, contract)
    known = entities_of(erp, contract, queries)
    unknown = [entity for entity in entities or () if entity not in contract.entities()]
    if unknown:
        raise ConfigurationError(f"Entity {unknown[0]} is not known; known entities: {', '.join(known)}.")
    # An entity of the contract that this ERP has no query for is empty, and no failure.
    wanted = [entity for entity in known if entities is None or entity in entities]
    return asyncio.run(_Extraction(settings, erp, contract, queries, run_id, progress).run(wanted, clock))


def entities_of(erp: Erp, contract: Contract, queries: dict[str, ErpQuery]) -> tuple[str, ...]:
    """Entities that an ERP has a query for, and that its settings do not leave out."""
    found = (entity for entity in contract.entities() if contract.tables_of(entity)[0].name in queries)
    return tuple(entity for entity in found if erp.entities is None or entity in erp.entities)


def reader_of(erp: Erp, clock: Clock | None = None) -> Reader:
    """The reader for the way that the settings choose; ConfigurationError when it cannot be made."""
    if isinstance(erp, NetSuiteErp):
        return NetSuiteReader(erp, NetSuiteClient(erp, clock=clock))
    return SqlReader(erp, clock=clock)


_OWN_CODES: dict[type[Exception], Code] = {
    CameTwice: "FED-02",
    ClockWentBack: "FED-05",
    DeletionsUnseen: "FED-08",
    CameLate: "FED-10",
}


class _Extraction:
    """One run."""

    def __init__(
        self,
        settings: Settings,
        erp: Erp,
        contract: Contract,
        queries: dict[str, ErpQuery],
        run_id: str,
        progress: Progress,
    ) -> None:
        self._settings, self._erp, self._contract, self._queries = settings, erp, contract, queries
        self._run_id, self._progress = run_id, progress
        self._folder = settings.data_dir / "exports" / f"{erp.name}-pages"
        # What was delivered of entities that are read in windows.
        self._delivered: dict[str, Delivered] = {}
        # An intake takes one thing at a time.
        self._putting_down = asyncio.Lock()

    async def run(self, entities: Sequence[str], clock: Clock | None) -> ExtractionReport:
        reader = reader_of(self._erp, clock)
        try:
            now = await self._clock_of(reader, entities)
            intake = Intake(self._settings, "erp", self._erp.name, run_id=self._run_id, source_now=now)
            with intake:
                shutil.rmtree(self._folder, ignore_errors=True)
                windows = await asyncio.to_thread(self._plan_all, intake, entities)
                await side_by_side(self._guarded(reader, intake, window) for window in windows)
                await asyncio.to_thread(intake.load)
                await asyncio.to_thread(self._tell_what_is_wrong, intake)
            intake.raise_failures()
            return intake.report
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            await reader.close()

    async def _clock_of(self, reader: Reader, entities: Sequence[str]) -> datetime:
        try:
            return await reader.now()
        except SourceError as error:
            with Warehouse(self._settings).session() as session:
                ensure_every_table(session, self._settings)
                for entity in entities:
                    self._tell(session, entity, error)
            raise

    async def _guarded(self, reader: Reader, intake: Intake, window: Window) -> None:
        folder = self._folder / window.entity
        folder.mkdir(parents=True, exist_ok=True)
        try:
            await self._read(reader, intake, window, folder)
        except BoomerangError as error:
            async with self._putting_down:
                await asyncio.to_thread(intake.give_up, window, error)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _plan_all(self, intake: Intake, entities: Sequence[str]) -> list[Window]:
        """Windows of the entities; one whose cursor is ahead of the ERP's clock is given up at once."""
        planned = []
        # Sessions share what is open: the warehouse is opened once for all of them.
        with intake.session():
            for entity in entities:
                window, refused = self._plan(intake, entity)
                if refused is None:
                    planned.append(window)
                else:
                    intake.give_up(window, refused)
        return planned

    def _plan(self, intake: Intake, entity: str) -> tuple[Window, ClockWentBack | None]:
        root = self._queries[self._contract.tables_of(entity)[0].name]
        if not root.is_incremental:
            return intake.plan(entity, mode="full"), None
        cursor = intake.cursor(entity)
        said = clock_goes_back(self._erp, entity, cursor, intake.now)
        overlap = timedelta(minutes=self._erp.overlap_minutes)
        with intake.session() as session:
            anew = cursor is None or reads_from_the_beginning(session, self._erp, entity)
        start = history_start(self._settings) if anew or cursor is None else cursor - overlap
        window = intake.plan(entity, window_from=start, window_to=intake.now)
        return window, None if said is None else ClockWentBack(said)

    async def _read(self, reader: Reader, intake: Intake, window: Window, folder: Path) -> None:
        entity, item = window.entity, f"{self._erp.name}/{window.entity}"
        tables = [table for table in self._contract.tables_of(entity) if table.name in self._queries]
        self._progress.start(STAGE, item)
        asked = Asked(
            entity,
            tuple((table, self._queries[table.name]) for table in tables),
            Span(window.window_from, window.window_to),
            history_start(self._settings),
        )
        delivered = await reader.read(asked, folder, lambda rows: self._progress.advance(STAGE, item, rows))

        if delivered.there is not None:
            self._delivered[entity] = delivered

        def put_down() -> int:
            looking = watch(self._erp, self._contract, window, tables[0].name)
            admitted = intake.receive(window, delivered.files, expected=delivered.expected, on_commit=looking)
            return admitted.rejected_lines

        async with self._putting_down:
            rejected = await asyncio.to_thread(put_down)
        named = f", {rejected:,} rejected" if rejected else ""
        self._progress.finish(STAGE, item, f"{delivered.expected:,} rows{named}")

    def _tell_what_is_wrong(self, intake: Intake) -> None:
        with intake.session() as session:
            for result in intake.report.entities:
                for odd in self._oddities(session, result):
                    self._tell(session, result.entity, odd, intake.extracted_at)
            for entity, error in intake.failures.items():
                self._tell(session, entity, error, intake.extracted_at)

    def _oddities(self, session: Session, result: EntityResult) -> Iterator[SourceError]:
        """What is wrong with an entity that is loaded."""
        twice = [(name, count.duplicate) for name, count in result.tables.items() if count.duplicate]
        for name, rows in twice:
            yield CameTwice(came_twice(self._erp, name, rows))
        delivered = self._delivered.get(result.entity)
        if delivered is None or delivered.there is None or delivered.settled is None:
            return
        table = self._contract.tables_of(result.entity)[0]
        if gone := unseen_deletions(session, self._erp, table, delivered.there):
            yield DeletionsUnseen(gone)
        # Rows that came twice are told once.
        if not twice and (late := came_late(session, self._erp, table, delivered.settled)):
            yield CameLate(late)

    def _tell(self, session: Session, entity: str, error: Exception, at: datetime | None = None) -> None:
        report_problem(
            session,
            source="erp",
            connection=self._erp.name,
            feed=entity,
            code=_OWN_CODES.get(type(error)) or code_of(error, entity),
            message=str(error),
            run_id=self._run_id,
            detected_at=at,
        )
