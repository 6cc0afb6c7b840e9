"""Takes fetched files: read feed by feed, then judged one by one; each is accepted, a duplicate, or refused."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.config import Settings
from pipelines.contracts.odcs import Contract
from pipelines.door.scratch import scratch
from pipelines.threepl.files.content import FILE_NO, Batch, Content, Incoming
from pipelines.threepl.files.csv_file import read_csv_files
from pipelines.threepl.files.judging import Flag, History
from pipelines.threepl.files.manifest import FINAL, FileRow
from pipelines.threepl.files.sftp import Fetched
from pipelines.threepl.files.x12_file import read_x12_files
from pipelines.threepl.problems import FeedRefused
from pipelines.threepl_settings import Feed, FilePartner

# What each X12 set tells of; a 944 is a delivery, or a return when it names an RMA.
X12_ENTITIES = {
    b"945": ("shipments",),
    b"944": ("receipts", "returns"),
    b"846": ("inventory_snapshots",),
    b"947": ("movements",),
}
ALL_X12 = tuple(entity for entities in X12_ENTITIES.values() for entity in entities)
_SET = re.compile(rb"(?:^|[~\r\n'])\s*ST.(94[457]|846)")


@dataclass(frozen=True)
class Candidate:
    """A fetched file: its feed, the row that it will have, and what was known of its path before."""

    feed: Feed
    row: FileRow
    before: FileRow | None
    fetched: Fetched


@dataclass
class Accepted:
    """A file whose rows are to be loaded; `waiting_for` are its entities that are not in the warehouse yet."""

    number: int
    row: FileRow
    flags: list[Flag]
    supersedes: FileRow | None
    waiting_for: set[str]

    @property
    def is_late(self) -> bool:
        """Whether it is older than what was taken before it."""
        return any(flag.code == "FED-10" for flag in self.flags)


@dataclass
class Refused:
    """A file of which nothing is loaded, and the entities that may be missing it."""

    row: FileRow
    problem: FeedRefused
    entities: tuple[str, ...]


@dataclass
class Taken:
    """What became of files: `settled` are rows of the manifest of those that bring nothing."""

    accepted: list[Accepted] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    settled: dict[str, FileRow] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)

    def rows(self, contract: Contract, entity: str) -> dict[str, pa.Table]:
        """Rows of accepted files, by table of an entity, with the number of each one's file."""
        numbers = pa.array([file.number for file in self.accepted if entity in file.waiting_for], pa.int64())
        found: dict[str, pa.Table] = {}
        for table in contract.tables_of(entity):
            parts = [batch.tables[table.name] for batch in self.batches if table.name in batch.tables]
            if parts and len(numbers):
                together = pa.concat_tables(parts)
                found[table.name] = together.filter(pc.is_in(together.column(FILE_NO), value_set=numbers))
        return found


class Taking:
    """How the files of a run are taken; `history` learns of each that is accepted."""

    def __init__(
        self, settings: Settings, contract: Contract, partner: FilePartner, history: History, entities: frozenset[str]
    ) -> None:
        """`entities` are those that the run reads; files that bring others are left for another run."""
        self._settings = settings
        self._contract = contract
        self._partner = partner
        self._history = history
        self._entities = entities

    def take(self, candidates: Sequence[Candidate], folder: Path) -> Taken:
        """Read and judge files, given from the oldest to the newest."""
        taken = Taken()
        todo = {number: one for number, one in enumerate(candidates) if not self._is_known(one, taken)}
        contents: dict[int, Content] = {}
        problems: dict[int, FeedRefused] = {}
        with scratch(self._settings, folder) as connection:
            for feed in {one.feed.name: one.feed for one in todo.values()}.values():
                incoming = [
                    Incoming(number, one.fetched.path, one.row.file_id, one.row.mtime)
                    for number, one in todo.items()
                    if one.feed.name == feed.name
                ]
                read = read_x12_files if feed.format == "x12" else read_csv_files
                batch = read(connection, self._contract, self._partner, feed, incoming)
                contents |= batch.contents
                problems |= batch.refusals
                taken.batches.append(batch)
        for number, one in todo.items():
            self._judge(number, one, contents.get(number), problems.get(number), taken)
        return taken

    def _is_known(self, one: Candidate, taken: Taken) -> bool:
        """Settle a file whose content is loaded already: its own, or that of another file of the feed."""
        before = one.before
        if before is not None and before.state in FINAL and before.sha256 == one.row.sha256:
            touched = replace(before, size=one.row.size, mtime=one.row.mtime)
            taken.settled[touched.file_id] = touched
            return True
        same = self._history.same_content(one.row)
        if same is None:
            return False
        reason = f"the same content as {same.path}, which is loaded"
        taken.settled[one.row.file_id] = replace(one.row, state="duplicate", kind=same.kind, reason=reason)
        return True

    def _judge(
        self, number: int, one: Candidate, content: Content | None, problem: FeedRefused | None, taken: Taken
    ) -> None:
        if self._is_known(one, taken):  # by now: its twin was accepted
            return
        row, flags = one.row, list[Flag]()
        try:
            if problem is not None or content is None:
                raise problem or FeedRefused("FED-03", "it could not be read")
            if not self._entities.issuperset(content.entities):
                return
            row, flags = self._history.judge(one.feed, row, content)
        except FeedRefused as refusal:
            entities = self.entities_of(one.feed, one.fetched.path)
            taken.refused.append(Refused(replace(row, state="rejected"), refusal, entities))
            return
        before = one.before
        row = replace(row, state="loaded")
        self._history.accept(row)
        if content.entities:
            supersedes = before if before is not None and before.file_id != row.file_id else None
            taken.accepted.append(Accepted(number, row, flags, supersedes, set(content.entities)))
        else:
            taken.settled[row.file_id] = replace(row, reason="it tells nothing of goods")

    def entities_of(self, feed: Feed, path: Path) -> tuple[str, ...]:
        """What a file that cannot be read would have brought, by what it says or by what its feed brought before."""
        if feed.kind is not None:
            return (feed.kind,)
        found = dict.fromkeys(_SET.findall(path.read_bytes()))
        named = tuple(entity for code in found for entity in X12_ENTITIES[code])
        return named or self._history.kinds(feed, ALL_X12)
