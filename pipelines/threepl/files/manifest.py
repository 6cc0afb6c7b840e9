"""The manifest: every file that was seen at a partner, and what became of it.

A date would not do as a cursor: files come late, twice, corrected and half-written. A file is known by its path and the
version of its content; rows carry both as `file_id`, and the state changes in the transaction that loads the rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

import pyarrow as pa

from pipelines.contracts.types import definition
from pipelines.threepl.files.sftp import Listed
from pipelines.warehouse import Session

# growing: being written; waiting: its marker is missing; superseded: a later version of it is loaded.
State = Literal["seen", "growing", "waiting", "loaded", "duplicate", "superseded", "rejected"]
FINAL = ("loaded", "duplicate", "superseded")

MANIFEST = "ops.threepl_files"
COLUMNS = (
    ("partner", "string"),
    ("file_id", "string"),
    ("path", "string"),
    ("version", "bigint"),
    ("feed", "string"),
    ("kind", "string"),
    ("warehouse_code", "string"),
    ("size", "bigint"),
    ("mtime", "timestamptz"),
    ("sha256", "string"),
    ("control_number", "string"),
    ("row_count", "bigint"),
    ("as_of", "timestamptz"),
    ("state", "string"),
    ("reason", "string"),
    ("first_seen_at", "timestamptz"),
    ("loaded_at", "timestamptz"),
    ("window_id", "string"),
    ("run_id", "string"),
)
_ARROW = {"string": pa.string(), "bigint": pa.int64(), "timestamptz": pa.timestamp("us", "UTC")}
_SCHEMA = pa.schema([(name, _ARROW[kind]) for name, kind in COLUMNS])


@dataclass(frozen=True)
class FileRow:
    """One version of a file. `kind` and `warehouse_code` are lists with commas; instants are in UTC.

    `as_of` is the instant of the stock that it tells, if it tells stock; `row_count` are its data lines.
    """

    partner: str
    path: str
    version: int
    feed: str
    size: int
    mtime: datetime
    state: State
    first_seen_at: datetime
    run_id: str
    kind: str | None = None
    warehouse_code: str | None = None
    sha256: str | None = None
    control_number: str | None = None
    row_count: int | None = None
    as_of: datetime | None = None
    reason: str | None = None
    loaded_at: datetime | None = None
    window_id: str | None = None

    @property
    def file_id(self) -> str:
        """The id that rows carry."""
        return f"{self.path}@{self.version}"

    def is_as_listed(self, listed: Listed) -> bool:
        """Whether the server still shows the same size and time."""
        return (self.size, self.mtime) == (listed.size, listed.mtime)

    def kinds(self) -> tuple[str, ...]:
        """Entities that the file brought."""
        return tuple(self.kind.split(",")) if self.kind else ()

    def warehouses(self) -> tuple[str, ...]:
        """Warehouses that the file told of."""
        return tuple(self.warehouse_code.split(",")) if self.warehouse_code else ()

    def control_numbers(self) -> tuple[str, ...]:
        """Each interchange of the file."""
        return tuple(self.control_number.split(", ")) if self.control_number else ()


def ensure_manifest(session: Session) -> None:
    """Create the table where it is missing."""
    session.execute(f"create table if not exists {MANIFEST} ({definition(COLUMNS)})")


def known_files(session: Session, partner: str) -> list[FileRow]:
    """All versions of all files of a partner, oldest first."""
    names = ", ".join(name for name, _ in COLUMNS if name != "file_id")
    found = session.dicts(
        f"select {names} from {MANIFEST} where partner = ? order by first_seen_at, path, version", (partner,)
    )
    return [FileRow(**{name: _utc(value) for name, value in row.items()}) for row in found]


def latest(rows: Iterable[FileRow]) -> dict[str, FileRow]:
    """The latest version of each path."""
    found: dict[str, FileRow] = {}
    for row in rows:
        if row.path not in found or row.version > found[row.path].version:
            found[row.path] = row
    return found


def save(session: Session, rows: Mapping[str, FileRow]) -> None:
    """Write rows, by file id, in place of what was known of those files. Call it in a transaction."""
    if not rows:
        return
    partner = next(iter(rows.values())).partner
    session.execute(
        f"delete from {MANIFEST} where partner = ? and file_id in (select unnest(?))", (partner, list(rows))
    )
    columns = [{**asdict(row), "file_id": row.file_id} for row in rows.values()]
    session.append(MANIFEST, pa.Table.from_pylist(columns, schema=_SCHEMA))


def first_seen(partner: str, feed: str, listed: Listed, state: State, now: datetime, run_id: str) -> FileRow:
    """The row of a file that nobody knew."""
    return FileRow(partner, listed.path, 1, feed, listed.size, listed.mtime, state, now, run_id)


def next_version(row: FileRow, listed: Listed, now: datetime, run_id: str) -> FileRow:
    """The row of a file whose content changed after it had been taken."""
    fresh = first_seen(row.partner, row.feed, listed, "seen", now, run_id)
    return replace(fresh, version=row.version + 1)


def _utc(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value
