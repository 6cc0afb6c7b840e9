"""Problems of a partner's files: which are open, when one is over, and the sentences in which they are told."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath

from pipelines.intake.problems import FEED_PROBLEMS, clear_problems, report_problem
from pipelines.intake.receiving import Intake
from pipelines.threepl.files.manifest import FileRow
from pipelines.threepl.problems import FeedCode
from pipelines.threepl_settings import Feed, FilePartner
from pipelines.warehouse import Session


class Problems:
    """The rows of ops.feed_problems of one partner; a problem is about an entity and a file, or a feed's pattern."""

    def __init__(self, intake: Intake) -> None:
        """Instants of problems are those of the run's rows."""
        self._intake = intake

    def report(
        self, session: Session, entity: str, code: FeedCode, message: str, file: str, window_id: str | None = None
    ) -> None:
        """Note a problem, or renew the open one."""
        report_problem(
            session,
            source=self._intake.source,
            connection=self._intake.connection,
            feed=entity,
            code=code,
            message=message,
            run_id=self._intake.run_id,
            file=file,
            window_id=window_id,
            detected_at=self._intake.extracted_at,
        )

    def clear(self, session: Session, entity: str, file: str) -> None:
        """Close what is open about a file."""
        clear_problems(
            session,
            connection=self._intake.connection,
            feed=entity,
            file=file,
            cleared_at=self._intake.extracted_at,
        )

    def open(self, session: Session, entity: str) -> list[tuple[str, str]]:
        """File and code of each open problem of an entity."""
        found = session.rows(f"select file, code from {_OPEN} and feed = ?", (self._intake.connection, entity))
        return [(str(file), str(code)) for file, code in found]

    def files(self, session: Session) -> frozenset[str]:
        """Files with an open problem."""
        found = session.rows(f"select distinct file from {_OPEN}", (self._intake.connection,))
        return frozenset(str(file) for (file,) in found)


_OPEN = f"{FEED_PROBLEMS} where connection = ? and cleared_at is null and file is not null"


def sentence(partner: FilePartner, row: FileRow, what: str) -> str:
    """Partner, warehouse and file, and what is the matter with it."""
    feed = partner.feeds.get(row.feed)
    warehouse = row.warehouse_code or (feed.warehouse if feed else None)
    place = f", warehouse {warehouse}" if warehouse else ""
    return f"Partner {partner.name}{place}, file {row.path}: {what}."


def lateness(feed: Feed, newest: datetime | None, missing: Sequence[str], now: datetime) -> str | None:
    """What to say of a feed that is late at an instant, or whose folder is missing; None when it is neither."""
    folder = str(PurePosixPath(feed.pattern).parent)
    if folder in missing:
        return f"folder {folder} of feed {feed.name} does not exist on the server; ask the partner"
    if feed.every_hours is None:
        return None
    if newest is None:
        return f"feed {feed.name} ({feed.pattern}) has brought nothing yet; ask the partner for its files"
    hours = (now - newest).total_seconds() / 3600
    if hours <= feed.every_hours:
        return None
    return (
        f"feed {feed.name} ({feed.pattern}) brought its last file at {newest:%Y-%m-%d %H:%M} UTC, {hours:,.0f} hours "
        f"ago, though one is due every {feed.every_hours:g}; ask the partner for it"
    )
