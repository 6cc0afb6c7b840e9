"""Takes fetched files one by one: read, checked, judged; each is accepted, a duplicate, or refused with a sentence."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from pipelines.config import Settings
from pipelines.contracts.odcs import Contract
from pipelines.shopify.scratch import scratch
from pipelines.threepl.files.content import Content, arrow_of
from pipelines.threepl.files.csv_file import read_csv_file
from pipelines.threepl.files.judging import Flag, History
from pipelines.threepl.files.manifest import FINAL, FileRow
from pipelines.threepl.files.sftp import Fetched
from pipelines.threepl.files.x12_file import read_x12_file
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


@dataclass
class Accepted:
    """A file whose rows are to be loaded; `entities` are those that are not in the warehouse yet."""

    row: FileRow
    tables: dict[str, pa.Table]
    flags: list[Flag]
    supersedes: FileRow | None
    waiting_for: set[str] = field(default_factory=set)

    @property
    def is_late(self) -> bool:
        """Whether it is older than what was taken before it."""
        return any(flag.code == "FED-10" for flag in self.flags)


@dataclass
class Refused:
    """A file of which nothing is loaded, and the entities that may be missing it."""

    row: FileRow
    feed: Feed
    problem: FeedRefused
    entities: tuple[str, ...]


class Taking:
    """The files of one run. What is found is in `accepted`, `refused` and `settled` (rows of the manifest)."""

    def __init__(
        self, settings: Settings, contract: Contract, partner: FilePartner, history: History, entities: frozenset[str]
    ) -> None:
        """`entities` are those that the run reads; files that bring others are left for another run."""
        self._settings = settings
        self._contract = contract
        self._partner = partner
        self._history = history
        self._entities = entities
        self.accepted: list[Accepted] = []
        self.refused: list[Refused] = []
        self.settled: dict[str, FileRow] = {}

    def take(self, feed: Feed, row: FileRow, before: FileRow | None, fetched: Fetched, scratch_folder: Path) -> None:
        """Read one file; `before` is what was known of its path."""
        row = replace(row, sha256=fetched.sha256)
        if before is not None and before.state in FINAL and before.sha256 == fetched.sha256:
            touched = replace(before, size=row.size, mtime=row.mtime)
            self.settled[touched.file_id] = touched
            return
        same = self._history.same_content(row)
        if same is not None:
            reason = f"the same content as {same.path}, which is loaded"
            self.settled[row.file_id] = replace(row, state="duplicate", kind=same.kind, reason=reason)
            return
        try:
            self._read(feed, row, before, fetched, scratch_folder)
        except FeedRefused as problem:
            entities = self.entities_of(feed, fetched.path)
            self.refused.append(Refused(replace(row, state="rejected"), feed, problem, entities))

    def _read(self, feed: Feed, row: FileRow, before: FileRow | None, fetched: Fetched, folder: Path) -> None:
        with scratch(self._settings, folder) as connection:
            if feed.format == "x12":
                content = read_x12_file(connection, self._partner, feed, fetched.path)
            else:
                content = read_csv_file(connection, self._partner, feed, fetched.path, row.mtime)
            if not self._entities.issuperset(content.entities):
                return
            row, flags = self._history.judge(feed, row, content)
            tables = arrow_of(connection, self._contract, _of_entities(self._contract, content), row.file_id)
        supersedes = before if before is not None and before.file_id != row.file_id else None
        row = replace(row, state="loaded")
        self._history.accept(row)
        if content.entities:
            self.accepted.append(Accepted(row, tables, flags, supersedes, set(content.entities)))
        else:
            self.settled[row.file_id] = replace(row, reason="it tells nothing of goods")

    def entities_of(self, feed: Feed, path: Path) -> tuple[str, ...]:
        """What a file that cannot be read would have brought, by what it says or by what its feed brought before."""
        if feed.kind is not None:
            return (feed.kind,)
        found = dict.fromkeys(_SET.findall(path.read_bytes()))
        named = tuple(entity for code in found for entity in X12_ENTITIES[code])
        return named or self._history.kinds(feed, ALL_X12)


def _of_entities(contract: Contract, content: Content) -> dict[str, str]:
    wanted: Iterable[str] = (table.name for entity in content.entities for table in contract.tables_of(entity))
    return {name: content.tables[name] for name in wanted if name in content.tables}
