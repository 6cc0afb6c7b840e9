"""How a connector hands rows over: planned in the ledger, checked by the contract, landed by dlt, committed as one.

    with Intake(settings, "threepl", "shipbob", run_id=run_id, source_now=clock_of_the_partner) as intake:
        cursor = intake.cursor("shipments")                      # end of the latest loaded window; None at first
        window = intake.plan("shipments", window_from=cursor, window_to=intake.now)
        ...read the source...
        intake.receive(window, {"shipments": table, "shipment_lines": lines}, expected=rows_the_source_announced)
        intake.load()                                            # may follow several windows: dlt is paid for once
    intake.report                                                # an ExtractionReport, for the orchestration

An entity is what is read together (`entity` in the contract): its parent table and the tables that hang on it. A parent
that arrived replaces all rows that hung on it. Modes: `incremental` replaces by key, `full` replaces all rows of the
connection (an empty `full` window empties its tables). A row that breaks the contract becomes a dead letter, the rest
is loaded, and `boomerang replay` sends it again. Counts must add up: rows announced = arrived = loaded + rejected, or
nothing of the window is loaded and the cursor stays.
"""

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival, TableCount
from pipelines.contracts.odcs import Table
from pipelines.door.admission import admit
from pipelines.failures import BoomerangError
from pipelines.intake import ledger
from pipelines.intake.exclusive import exclusive
from pipelines.intake.handing_over import Rows, write_lines
from pipelines.intake.ledger import Mode, Window
from pipelines.intake.problems import clear_problems
from pipelines.intake.report import ExtractionFailed, ExtractionReport, failure_sentence
from pipelines.intake.sources import Source, source_contract
from pipelines.intake.tables import ensure_every_table
from pipelines.loading.load import ONE_AT_A_TIME, LoadItem, load
from pipelines.warehouse import Session, Warehouse

OnCommit = Callable[[Session], None]
# So many rows are checked and kept on disk before they are loaded.
ROWS_AT_ONCE = 500_000


@dataclass
class _Received:
    item: LoadItem
    started: float


class Intake:
    """One run of one connection; a context manager that holds the connection and loads what is left at its end."""

    def __init__(
        self,
        settings: Settings,
        source: Source,
        connection: str,
        *,
        run_id: str,
        source_now: datetime | None = None,
    ) -> None:
        """`source_now` is what the source's clock says (UTC); None where it has none, and ours is taken."""
        self.settings = settings
        self.source = source
        self.connection = connection
        self.run_id = run_id
        self.contract = source_contract(settings, source)
        self.report = ExtractionReport(connection, run_id)
        # Why an entity was not loaded: filled by `load` and `give_up`, for the caller to raise at the end.
        self.failures: dict[str, Exception] = {}
        self.now = source_now or datetime.now(UTC)
        self.extracted_at = self.now
        self._source_now = source_now
        self._received: list[_Received] = []
        self._held = ExitStack()
        self._folder = settings.data_dir / "exports" / connection

    def __enter__(self) -> Self:
        """Hold the connection, make the tables, and close what a dead run left open."""
        self._held.enter_context(exclusive(self.settings, self.connection))
        try:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True, exist_ok=True)
            # Connections that are read at the same time would make the same tables at the same time.
            with ONE_AT_A_TIME, self.session() as session:
                ensure_every_table(session, self.settings)
                self.extracted_at = ledger.next_instant(session, self.connection, self._source_now)
                for window in ledger.open_windows(session, self.connection):
                    ledger.failed(session, window, "its run ended before its rows were loaded")
        except BaseException:
            self._held.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Load what was received; after an error of the caller, nothing of it."""
        try:
            if error is None:
                self.load()
            else:
                for one in self._received:
                    self.give_up(one.item.window, error)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._held.close()

    def session(self) -> AbstractContextManager[Session]:
        """A session of the warehouse, for what the connector itself reads and writes."""
        return Warehouse(self.settings).session()

    def cursor(self, entity: str) -> datetime | None:
        """The instant up to which an entity is in the warehouse; None before its first incremental window."""
        with self.session() as session:
            return ledger.cursor(session, self.connection, entity)

    def plan(
        self,
        entity: str,
        *,
        mode: Mode = "incremental",
        window_from: datetime | None = None,
        window_to: datetime | None = None,
    ) -> Window:
        """Write a window down before the source is asked. `window_to` (None: now) becomes the cursor once loaded."""
        end = window_to or self.now
        window = Window(
            window_id=ledger.new_window_id(self.connection, entity, end),
            shop=self.connection,
            entity=entity,
            mode=mode,
            window_from=window_from,
            window_to=end,
            extracted_at=self.extracted_at,
            run_id=self.run_id,
        )
        with self.session() as session:
            ledger.plan(session, window)
        return window

    def receive(
        self,
        window: Window,
        rows: Mapping[str, Rows],
        *,
        expected: int | None = None,
        feed: str | None = None,
        on_commit: OnCommit | None = None,
    ) -> Admitted:
        """Check the rows of a window, by table; `load` brings them into the warehouse.

        `expected` is how many the source announced, over all tables (None: it announces none). `on_commit` is called in
        the transaction of the window, after the problems of `feed` (None: the entity) are cleared: a manifest of files,
        say, is written there. Raises UnexpectedColumns and IncompleteExtraction, after `give_up`.
        """
        if any(one.item.window.entity == window.entity for one in self._received):
            self.load()
        started = time.monotonic()
        path = self._folder / f"{window.window_id}.jsonl"
        try:
            lines = write_lines(self.settings, self.contract, rows, path)
            window.expected_rows = lines if expected is None else expected
            window.path = str(path) if lines or window.expected_rows else None
            admitted = self._admit(window, path)
        except BoomerangError as error:
            self.give_up(window, error)
            raise
        finally:
            path.unlink(missing_ok=True)
        committing = partial(self._committing, window, feed or window.entity, on_commit)
        self._received.append(_Received(LoadItem(window, admitted, on_commit=committing), started))
        if sum(one.item.admitted.lines for one in self._received) >= ROWS_AT_ONCE:
            self.load()
        return admitted

    def load(self) -> None:
        """Load what was received; what could not be loaded is in `failures`, by entity, and its window is closed."""
        received, self._received = self._received, []
        if not received:
            return
        try:
            load(self.settings, self.contract, self.connection, [one.item for one in received])
        except BaseException as error:
            for one in received:
                self.give_up(one.item.window, error)
            if not isinstance(error, BoomerangError):
                raise
            return
        finally:
            for one in received:
                shutil.rmtree(self._folder / one.item.window.window_id, ignore_errors=True)
        for one in received:
            if one.item.failure is not None:
                self.give_up(one.item.window, one.item.failure)
            else:
                self.report.add(one.item.window, one.item.admitted, time.monotonic() - one.started)

    def give_up(self, window: Window, error: BaseException) -> None:
        """Close a window that brings nothing; its cursor stays, and the next run reads the same again."""
        with self.session() as session:
            ledger.failed(session, window, str(error) or type(error).__name__)
        if isinstance(error, Exception):
            self.failures[window.entity] = error

    def raise_failures(self) -> None:
        """Raise ExtractionFailed, with the report of what is loaded, when an entity was not."""
        if self.failures:
            named = f"{self.contract.connection} {self.connection}"
            sentence = failure_sentence(named, self.failures, self.report.entities)
            raise ExtractionFailed(sentence, self.report, self.failures)

    def _admit(self, window: Window, path: Path) -> Admitted:
        arrival = Arrival(
            self.source, self.connection, window.entity, window.window_id, window.run_id, window.extracted_at
        )
        if window.path is None:
            return Admitted(arrival, tables={table.name: TableCount() for table in self._tables(window)})
        folder = self._folder / window.window_id
        return admit(self.settings, self.contract, arrival, path, folder, lines=window.expected_rows)

    def _tables(self, window: Window) -> tuple[Table, ...]:
        return self.contract.tables_of(window.entity)

    def _committing(
        self, window: Window, feed: str, on_commit: OnCommit | None, session: Session, rejected: str | None
    ) -> None:
        ledger.announced(session, window)
        clear_problems(session, connection=self.connection, feed=feed, cleared_at=self.extracted_at)
        if on_commit is not None:
            on_commit(session)
