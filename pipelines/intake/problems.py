"""What is wrong with a feed: an expired key, a file that came twice, a count outside its band (codes FED-01 to FED-10).

Reconciliation holds back what rests on a feed with an open problem, so that no break is invented from the hole. A
problem is open until the next good window, or file, of its feed clears it. A feed is an entity of a connection, or the
name that a partner's settings give to one kind of its files.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from pipelines.contracts.types import definition
from pipelines.warehouse import Session

Code = Literal[
    "FED-01",  # late, missing, or a cursor that does not move
    "FED-02",  # the same file or interchange again
    "FED-03",  # cut short, or its totals do not add up
    "FED-04",  # columns, codes or qualifiers that are not known
    "FED-05",  # a zone that nobody named, or an as_of that goes back
    "FED-06",  # a number of rows outside the usual band
    "FED-07",  # a cap of the source was reached
    "FED-08",  # deletions at the source cannot be seen
    "FED-09",  # refused: credentials, or a rate limit that does not give way
    "FED-10",  # older data that came late
]

FEED_PROBLEMS = "ops.feed_problems"
COLUMNS = (
    ("problem_id", "string"),
    ("source", "string"),
    ("connection", "string"),
    ("feed", "string"),
    ("code", "string"),
    ("file", "string"),
    ("message", "string"),
    ("detected_at", "timestamptz"),
    ("window_id", "string"),
    ("run_id", "string"),
    ("cleared_at", "timestamptz"),
)


def ensure_feed_problems(session: Session) -> None:
    """Create the table where it is missing."""
    session.execute(f"create table if not exists {FEED_PROBLEMS} ({definition(COLUMNS)})")


def report_problem(
    session: Session,
    *,
    source: str,
    connection: str,
    feed: str,
    code: Code,
    message: str,
    run_id: str,
    file: str | None = None,
    window_id: str | None = None,
    detected_at: datetime | None = None,
) -> str:
    """Note a problem of a feed, or renew the open one of the same code and file; its id.

    `detected_at` is an instant in UTC (None: now); an open problem keeps the instant it was first seen.
    """
    at = detected_at or datetime.now(UTC)
    same = f"connection = ? and feed = ? and code = ? and cleared_at is null and {_file(file)}"
    which = [connection, feed, code, *([] if file is None else [file])]
    found = session.rows(f"select problem_id from {FEED_PROBLEMS} where {same}", which)
    if found:
        session.execute(
            f"update {FEED_PROBLEMS} set message = ?, window_id = cast(? as varchar), run_id = ? where problem_id = ?",
            (message, window_id, run_id, found[0][0]),
        )
        return str(found[0][0])
    named = "|".join((connection, feed, code, file or "", at.isoformat()))
    problem_id = hashlib.sha256(named.encode()).hexdigest()[:32]
    session.execute(
        f"insert into {FEED_PROBLEMS} ({', '.join(name for name, _ in COLUMNS)}) values "
        "(?, ?, ?, ?, ?, cast(? as varchar), ?, ?, cast(? as varchar), ?, cast(null as timestamptz))",
        (problem_id, source, connection, feed, code, file, message, at, window_id, run_id),
    )
    return problem_id


def clear_problems(
    session: Session,
    *,
    connection: str,
    feed: str,
    codes: Sequence[Code] | None = None,
    file: str | None = None,
    cleared_at: datetime | None = None,
) -> int:
    """Close the open problems of a feed (None: of any code; a file: only those about it); how many there were.

    Call it in the transaction that loads the good window, so that a feed is never trusted before its rows are there.
    """
    same = "connection = ? and feed = ? and cleared_at is null"
    which: list[object] = [connection, feed]
    if codes is not None:
        same += " and code in (select unnest(?))"
        which.append(list(codes))
    if file is not None:
        same += f" and {_file(file)}"
        which.append(file)
    count = int(session.rows(f"select count(*) from {FEED_PROBLEMS} where {same}", which)[0][0])
    if count:
        at = cleared_at or datetime.now(UTC)
        session.execute(f"update {FEED_PROBLEMS} set cleared_at = ? where {same}", (at, *which))
    return count


def _file(file: str | None) -> str:
    return "file is null" if file is None else "file = ?"
