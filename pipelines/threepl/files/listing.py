"""What to take of a listing: new files, changed ones and refused ones that may be right by now, once they are whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from pipelines.threepl.files.manifest import FINAL, FileRow, State, first_seen, next_version
from pipelines.threepl.files.sftp import Listed
from pipelines.threepl_settings import Feed, FilePartner

# How senders call a file that is still being written.
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".uploading", ".writing")


@dataclass
class Sorted:
    """Files to fetch, with the row each will have if it is new, and rows of those that have to wait."""

    candidates: list[tuple[Feed, Listed, FileRow]] = field(default_factory=list)
    waiting: dict[str, FileRow] = field(default_factory=dict)


def folders(partner: FilePartner) -> tuple[str, ...]:
    """The folders in which the partner's feeds lie."""
    return tuple(dict.fromkeys(str(PurePosixPath(feed.pattern).parent) for feed in partner.feeds.values()))


def feed_of(partner: FilePartner, path: str) -> Feed | None:
    """The first feed whose pattern a path matches."""
    return next((feed for feed in partner.feeds.values() if fnmatchcase(path, feed.pattern)), None)


def sort_listing(
    partner: FilePartner,
    listings: tuple[Sequence[Listed], Sequence[Listed]],
    known: Mapping[str, FileRow],
    refused: frozenset[str],
    now: datetime,
    run_id: str,
) -> Sorted:
    """Compare two listings, taken one after the other, with the latest version of each path.

    A file is whole when both show it alike and, where the feed has markers, its marker is there. `refused` are paths
    that are tried again as they are: their problem is still open.
    """
    before = {listed.path: listed for listed in listings[0]}
    after = {listed.path: listed for listed in listings[1]}
    found = Sorted()
    for path, listed in sorted(after.items(), key=lambda item: (item[1].mtime, item[0])):
        feed = feed_of(partner, path)
        if feed is None or _is_unfinished(path) or (feed.done_suffix and path.endswith(feed.done_suffix)):
            continue
        row = known.get(path)
        if row is not None and row.is_as_listed(listed) and _is_settled(row, refused):
            continue
        state: State = "seen"
        if before.get(path) != listed:
            state = "growing"
        elif feed.done_suffix and f"{path}{feed.done_suffix}" not in after:
            state = "waiting"
        fresh = _row(partner, feed, listed, row, state, now, run_id)
        if state == "seen":
            found.candidates.append((feed, listed, fresh))
        elif row is None or row.state not in FINAL:
            found.waiting[fresh.file_id] = fresh
    return found


def _is_settled(row: FileRow, refused: frozenset[str]) -> bool:
    return row.state in FINAL or (row.state == "rejected" and row.path not in refused)


def _is_unfinished(path: str) -> bool:
    name = PurePosixPath(path).name
    return name.startswith(".") or name.lower().endswith(UNFINISHED)


def _row(
    partner: FilePartner, feed: Feed, listed: Listed, row: FileRow | None, state: State, now: datetime, run_id: str
) -> FileRow:
    """A file that was taken and has changed gets a new version; any other keeps the one it has."""
    if row is None:
        return first_seen(partner.name, feed.name, listed, state, now, run_id)
    if row.state in FINAL:
        return next_version(row, listed, now, run_id)
    return replace(row, feed=feed.name, size=listed.size, mtime=listed.mtime, state=state, reason=None, run_id=run_id)
