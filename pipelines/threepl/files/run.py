"""One run over a partner's files: listed twice, fetched, taken, loaded by entity together with the manifest."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import pyarrow as pa

from pipelines.config import Settings
from pipelines.door.scratch import scratch
from pipelines.failures import AuthenticationFailed, SourceError, SourceUnavailable
from pipelines.intake.ledger import Mode
from pipelines.intake.receiving import Intake
from pipelines.intake.report import rows_said
from pipelines.progress import Progress
from pipelines.threepl.files.combining import combined
from pipelines.threepl.files.content import zones
from pipelines.threepl.files.judging import SNAPSHOTS, History
from pipelines.threepl.files.listing import Sorted, feed_of, folders, sort_listing
from pipelines.threepl.files.manifest import FileRow, ensure_manifest, known_files, latest, save
from pipelines.threepl.files.problems import Problems, lateness, sentence
from pipelines.threepl.files.sftp import Fetched, FileServer, Listed
from pipelines.threepl.files.taking import ALL_X12, Accepted, Candidate, Refused, Taken, Taking
from pipelines.threepl.problems import FeedCode
from pipelines.threepl_settings import Feed, FilePartner
from pipelines.warehouse import Session

STAGE = "extract"
# So many files are fetched, read and loaded together; each load costs seconds.
FILES_AT_ONCE = 500
# The intake clears the problems of the feed that it is told; those of files are told apart by file, and cleared here.
NO_FEED = "-"


@dataclass
class Listing:
    """What lies on the server, looked at twice; `missing` are folders that do not exist."""

    before: list[Listed] = field(default_factory=list)
    after: list[Listed] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failure: SourceError | None = None

    def newest(self) -> datetime | None:
        """When the newest file was written."""
        return max((listed.mtime for listed in self.after), default=None)


def entities_of(partner: FilePartner) -> tuple[str, ...]:
    """What a partner's files bring."""
    found = (feed.kind for feed in partner.feeds.values())
    return tuple(
        dict.fromkeys(("warehouses", *(entity for kind in found for entity in ((kind,) if kind else ALL_X12))))
    )


def extract_files(
    settings: Settings, partner: FilePartner, entities: Iterable[str], run_id: str, progress: Progress
) -> Intake:
    """Load what is new; the intake holds the report, and the failures by entity, which the caller raises."""
    listing = asyncio.run(_list(settings, partner))
    now = listing.newest() if partner.clock == "files" else None
    with Intake(settings, "threepl", partner.name, run_id=run_id, source_now=now or datetime.now(UTC)) as intake:
        FilesRun(settings, partner, intake, frozenset(entities), progress).run(listing)
    return intake


async def _list(settings: Settings, partner: FilePartner) -> Listing:
    found = Listing()
    try:
        async with _server(settings, partner) as server:
            found.before, _ = await server.listing(folders(partner))
            await asyncio.sleep(partner.settle_seconds)
            found.after, found.missing = await server.listing(folders(partner))
    except (AuthenticationFailed, SourceUnavailable) as error:
        found.failure = error
    return found


def _server(settings: Settings, partner: FilePartner) -> FileServer:
    given = settings.extraction
    return FileServer(partner, timeout=given.request_timeout_seconds, attempts=given.attempts)


class FilesRun:
    """The steps of a run, which shares one intake."""

    def __init__(
        self, settings: Settings, partner: FilePartner, intake: Intake, entities: frozenset[str], progress: Progress
    ) -> None:
        """Nothing is read yet."""
        self._settings, self._partner, self._intake = settings, partner, intake
        self._entities, self._progress = entities, progress
        self._folder = settings.data_dir / "files" / partner.name
        self._problems = Problems(intake)
        self._where = f"sftp://{partner.host}:{partner.port}"

    def run(self, listing: Listing) -> None:
        """Take what is new, load it, and write down what became of the rest."""
        with self._intake.session() as session:
            ensure_manifest(session)
            rows = known_files(session, self._partner.name)
            refused = self._problems.files(session)
        if listing.failure is not None:
            self._tell_unreachable(listing.failure)
            raise listing.failure
        known, history = latest(rows), History(rows)
        todo = sort_listing(
            self._partner, (listing.before, listing.after), known, refused, self._intake.now, self._intake.run_id
        )
        taking = Taking(self._settings, self._intake.contract, self._partner, history, self._entities)
        outcome, failure = Taken(), None
        item = f"{self._partner.name}/files"
        if todo.candidates:
            self._progress.start(STAGE, item, total=len(todo.candidates), unit="files")
        # At least once, also without files: that nothing came is news, too.
        for start in range(0, max(1, len(todo.candidates)), FILES_AT_ONCE):
            files, failure = self._fetched(todo.candidates[start : start + FILES_AT_ONCE], known)
            taken = taking.take(files, self._folder / "scratch") if files else Taken()
            self._load(taken, history)
            self._progress.advance(STAGE, item, len(files))
            outcome.refused += taken.refused
            outcome.settled |= taken.settled
            if failure is not None:
                break
        if todo.candidates:
            named = f", {len(outcome.refused):,} files refused" if outcome.refused else ""
            told = (one for one in self._intake.report.entities if one.entity != "warehouses")
            self._progress.finish(STAGE, item, f"{rows_said(told)} of {len(todo.candidates):,} files{named}")
        self._finish(listing, todo, outcome, history, known)
        for refusal in outcome.refused:
            self._fail(refusal, history)
        if failure is not None:
            self._tell_unreachable(failure)
            raise failure

    def _fetched(
        self, candidates: Sequence[tuple[Feed, Listed, FileRow]], known: Mapping[str, FileRow]
    ) -> tuple[list[Candidate], SourceError | None]:
        """Fetch files; what could not be fetched any more is the failure, those fetched before it are taken."""
        if not candidates:
            return [], None
        fetched, failure = asyncio.run(self._fetch([listed for _, listed, _ in candidates]))
        by_path = {file.listed.path: file for file in fetched}
        return [
            Candidate(feed, replace(row, sha256=by_path[row.path].sha256), known.get(row.path), by_path[row.path])
            for feed, _, row in candidates
            if row.path in by_path
        ], failure

    async def _fetch(self, files: Sequence[Listed]) -> tuple[list[Fetched], SourceError | None]:
        try:
            async with _server(self._settings, self._partner) as server:
                return await server.fetch(files, self._folder)
        except (AuthenticationFailed, SourceUnavailable) as error:
            return [], error

    def _load(self, taken: Taken, history: History) -> None:
        for entity in self._intake.contract.entities():
            if entity not in self._entities:
                continue
            files = [file for file in taken.accepted if entity in file.waiting_for]
            # A feed has come as far as its newest file: what happened since, nobody has been told yet.
            reached = self._intake.now if entity == "warehouses" else history.reached(entity)
            if reached is None:
                continue
            mode: Mode = "full" if entity == "warehouses" else "incremental"
            window = self._intake.plan(entity, mode=mode, window_to=reached)
            rows = self._warehouses(history) if entity == "warehouses" else self._rows(entity, taken)
            commit = partial(self._commit, entity, window.window_id, files)
            expected = sum(table.num_rows for table in rows.values())
            self._intake.receive(window, rows, expected=expected, feed=NO_FEED, on_commit=commit)
        self._intake.load()

    def _rows(self, entity: str, taken: Taken) -> dict[str, pa.Table]:
        given = taken.rows(self._intake.contract, entity)
        if not given:
            return {}
        late = frozenset(file.number for file in taken.accepted if file.is_late)
        with scratch(self._settings, self._folder / "scratch") as connection, self._intake.session() as session:
            return combined(connection, session, self._intake.contract, self._partner.name, entity, given, late)

    def _warehouses(self, history: History) -> dict[str, pa.Table]:
        known = zones(self._partner, tuple(history.warehouses()))
        codes = known.column("warehouse_code").to_pylist()
        named = [one.name if (one := self._partner.warehouses.get(code)) else None for code in codes]
        return {"warehouses": known.append_column("name", pa.array(named, pa.string()))}

    def _commit(self, entity: str, window_id: str, files: Sequence[Accepted], session: Session) -> None:
        """In the transaction of the rows: what earlier versions left goes, files are loaded, problems are over."""
        done: dict[str, FileRow] = {}
        for file in files:
            if file.supersedes is not None and file.supersedes.state == "loaded":
                self._remove(session, entity, file.supersedes)
            file.waiting_for.discard(entity)
            if file.waiting_for:
                continue
            done[file.row.file_id] = replace(
                file.row, loaded_at=self._intake.extracted_at, window_id=window_id, run_id=self._intake.run_id
            )
            if file.supersedes is not None:
                done[file.supersedes.file_id] = replace(
                    file.supersedes, state="superseded", reason=f"version {file.row.version} holds"
                )
        save(session, done)
        for file in files:
            self._clear(session, entity, file)
            for flag in file.flags:
                self._problems.report(
                    session,
                    entity,
                    flag.code,
                    sentence(self._partner, file.row, flag.message),
                    file.row.path,
                    window_id,
                )

    def _remove(self, session: Session, entity: str, old: FileRow) -> None:
        """Remove rows that only the earlier version of a file had; the others were replaced by key."""
        contract = self._intake.contract
        for table in reversed(contract.tables_of(entity)):
            own = f"{contract.connection} = ? and file_id = ?"
            which = (self._partner.name, old.file_id)
            if table.column("file_id") is not None:
                session.execute(f"delete from {contract.raw_schema}.{table.name} where {own}", which)
            elif table.parent is not None:
                key = table.parent_key
                session.execute(
                    f"delete from {contract.raw_schema}.{table.name} where {contract.connection} = ? and {key} in "
                    f"(select {key} from {contract.raw_schema}.{table.parent} where {own})",
                    (self._partner.name, *which),
                )

    def _clear(self, session: Session, entity: str, file: Accepted) -> None:
        """A file that is loaded has no problem; a good one ends what was odd about those before it."""
        self._problems.clear(session, entity, file.row.path)
        if file.flags:
            return
        ended: list[FeedCode] = ["FED-06", "FED-10"]
        if entity == SNAPSHOTS:  # a later stock says all that an earlier one could have said
            ended += ["FED-02", "FED-03", "FED-04", "FED-05"]
        for path, code in self._problems.open(session, entity):
            feed = feed_of(self._partner, path)
            if feed is not None and feed.name == file.row.feed and code in ended:
                self._problems.clear(session, entity, path)

    def _finish(
        self, listing: Listing, todo: Sorted, outcome: Taken, history: History, known: dict[str, FileRow]
    ) -> None:
        listed = {file.path for file in listing.after}
        with self._intake.session() as session, session.transaction():
            rejected = {one.row.file_id: replace(one.row, reason=str(one.problem)) for one in outcome.refused}
            save(session, {**todo.waiting, **outcome.settled, **rejected})
            for refusal in outcome.refused:
                for entity in refusal.entities:
                    message = sentence(self._partner, refusal.row, str(refusal.problem))
                    self._problems.report(session, entity, refusal.problem.code, message, refusal.row.path)
                    if entity == SNAPSHOTS and history.told_stock_after(refusal.row):
                        self._problems.clear(session, entity, refusal.row.path)
            for entity in self._entities:
                self._problems.clear(session, entity, self._where)
                for path, _ in self._problems.open(session, entity):
                    gone = path in known and path not in listed
                    if gone or path in {row.path for row in outcome.settled.values()}:
                        self._problems.clear(session, entity, path)
            for feed in self._partner.feeds.values():
                late = lateness(feed, history.newest(feed.name), listing.missing, self._intake.now)
                for entity in history.kinds(feed, ALL_X12):
                    self._judge_lateness(session, feed, entity, late)

    def _judge_lateness(self, session: Session, feed: Feed, entity: str, late: str | None) -> None:
        if late is None:
            self._problems.clear(session, entity, feed.pattern)
        elif entity in self._entities:
            said = f"Partner {self._partner.name}: {late}."
            self._problems.report(session, entity, "FED-01", said, feed.pattern)
            self._intake.failures.setdefault(entity, SourceError(said))

    def _tell_unreachable(self, error: SourceError) -> None:
        code: FeedCode = "FED-09" if isinstance(error, AuthenticationFailed) else "FED-01"
        with self._intake.session() as session, session.transaction():
            for entity in sorted(self._entities):
                self._problems.report(session, entity, code, str(error), self._where)

    def _fail(self, refusal: Refused, history: History) -> None:
        what = sentence(self._partner, refusal.row, str(refusal.problem))
        said = f"{what} Nothing of the file is loaded ({refusal.problem.code})."
        for entity in refusal.entities:
            over = entity == SNAPSHOTS and history.told_stock_after(refusal.row)
            if entity in self._entities and not over:
                self._intake.failures.setdefault(entity, SourceError(said))
