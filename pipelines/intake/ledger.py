"""The completeness ledger: one row a window of an entity, from its plan to the proof that it is in the warehouse.

A window is planned, submitted (the operation's id is known), downloaded (the file is on disk) and then loaded, in the
same transaction as its rows, or failed. Nothing else is remembered between runs: the cursor of an entity is the end of
its latest loaded window, and what a killed run left open is adopted by the next one.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pipelines.contracts.arrivals import Admitted
from pipelines.warehouse import Session

Mode = Literal["full", "incremental", "by_id", "sweep", "replay"]

WINDOWS = "ops.extraction_windows"
TABLES = "ops.extraction_tables"
# Nodes that were read by id, and which state of them: what is missing here, or older, is read by the next run.
NODES = "ops.extraction_nodes"
ALL_TABLES = (WINDOWS, TABLES, NODES)

_DDL = (
    f"""create table if not exists {WINDOWS} (
        window_id varchar not null, shop varchar not null, entity varchar not null, mode varchar not null,
        window_from timestamptz, window_to timestamptz not null, extracted_at timestamptz not null,
        state varchar not null, operation_id varchar, path varchar,
        expected_rows bigint, expected_roots bigint, arrived_rows bigint, rejected_rows bigint, loaded_rows bigint,
        parent_rows bigint, duplicate_rows bigint,
        run_id varchar not null, started_at timestamptz not null, finished_at timestamptz, reason varchar)""",
    f"""create table if not exists {TABLES} (
        window_id varchar not null, table_name varchar not null,
        arrived bigint not null, rejected bigint not null, duplicate bigint not null, loaded bigint not null)""",
    f"""create table if not exists {NODES} (
        shop varchar not null, entity varchar not null, node_id bigint not null, updated_at timestamptz not null)""",
)


@dataclass
class Window:
    """One extraction of one entity: what changed from `window_from` (None: everything) up to `window_to`.

    Times are instants in UTC. `extracted_at` is what the source's clock said when the window was planned.
    `expected_rows` are the lines that the source announced; `operation_id` and `path` are known once there.
    """

    window_id: str
    shop: str
    entity: str
    mode: Mode
    window_from: datetime | None
    window_to: datetime
    extracted_at: datetime
    run_id: str
    state: str = "planned"
    operation_id: str | None = None
    path: str | None = None
    expected_rows: int | None = None
    expected_roots: int | None = None


def new_window_id(shop: str, entity: str, window_to: datetime) -> str:
    """An id that reads well in lists: `us.orders.20260301T120000Z.3f9a1c`."""
    return f"{shop}.{entity}.{window_to:%Y%m%dT%H%M%SZ}.{secrets.token_hex(3)}"


def ensure_ledger(session: Session) -> None:
    """Create the ledger's tables where they are missing."""
    for statement in _DDL:
        session.execute(statement)


def plan(session: Session, window: Window) -> None:
    """Write down a window before anything is asked of the source."""
    session.execute(
        f"insert into {WINDOWS} (window_id, shop, entity, mode, window_from, window_to, extracted_at, state, run_id, "
        "started_at) values (?, ?, ?, ?, cast(? as timestamptz), ?, ?, 'planned', ?, ?)",
        (
            window.window_id,
            window.shop,
            window.entity,
            window.mode,
            window.window_from,
            window.window_to,
            window.extracted_at,
            window.run_id,
            datetime.now(UTC),
        ),
    )


def submitted(session: Session, window: Window, operation_id: str) -> None:
    """Keep the operation's id before it is polled, so that a killed run's operation is adopted and not orphaned."""
    window.state, window.operation_id = "submitted", operation_id
    session.execute(
        f"update {WINDOWS} set state = 'submitted', operation_id = ?, run_id = ? where window_id = ?",
        (operation_id, window.run_id, window.window_id),
    )


def downloaded(session: Session, window: Window) -> None:
    """The whole result is on disk at `window.path`, with what the source says it holds."""
    window.state = "downloaded"
    session.execute(
        f"update {WINDOWS} set state = 'downloaded', path = cast(? as varchar), expected_rows = cast(? as bigint), "
        "expected_roots = cast(? as bigint), run_id = ? where window_id = ?",
        (window.path, window.expected_rows, window.expected_roots, window.run_id, window.window_id),
    )


def announced(session: Session, window: Window) -> None:
    """Note how many rows a source said there are, for a window that is read and loaded in one go."""
    session.execute(
        f"update {WINDOWS} set expected_rows = cast(? as bigint) where window_id = ?",
        (window.expected_rows, window.window_id),
    )


def loaded(session: Session, window: Window, admitted: Admitted) -> None:
    """Close a window as complete; call it in the transaction that writes its rows.

    Lines: arrived = loaded + rejected. A line counts as loaded when its content is in the warehouse: as a row, as the
    key of parents whose children were replaced (`parent_rows`), or as the repeat of such a row (`duplicate_rows`).
    """
    window.state = "loaded"
    session.execute(f"delete from {TABLES} where window_id = ?", (window.window_id,))
    counted = [
        (window.window_id, name, count.arrived, count.rejected, count.duplicate, count.loaded)
        for name, count in admitted.tables.items()
    ]
    if counted:
        places = ", ".join("(?, ?, ?, ?, ?, ?)" for _ in counted)
        session.execute(
            f"insert into {TABLES} (window_id, table_name, arrived, rejected, duplicate, loaded) values {places}",
            [value for row in counted for value in row],
        )
    session.execute(
        f"update {WINDOWS} set state = 'loaded', arrived_rows = ?, rejected_rows = ?, loaded_rows = ?, "
        "parent_rows = ?, duplicate_rows = ?, run_id = ?, finished_at = ?, reason = null where window_id = ?",
        (
            admitted.lines,
            admitted.rejected_lines,
            admitted.lines - admitted.rejected_lines,
            admitted.parent_lines,
            admitted.duplicate_lines,
            window.run_id,
            datetime.now(UTC),
            window.window_id,
        ),
    )


def failed(session: Session, window: Window, reason: str, *, arrived_rows: int | None = None) -> None:
    """Close a window that brought nothing into the warehouse; the cursor stays where it was."""
    window.state = "failed"
    session.execute(
        f"update {WINDOWS} set state = 'failed', reason = ?, arrived_rows = cast(? as bigint), run_id = ?, "
        "finished_at = ? where window_id = ?",
        (reason, arrived_rows, window.run_id, datetime.now(UTC), window.window_id),
    )


def cursor(session: Session, shop: str, entity: str) -> datetime | None:
    """The instant up to which changes of an entity are in the warehouse, or None before its first window."""
    sql = f"select max(window_to) from {WINDOWS} where shop = ? and entity = ? and state = 'loaded' and mode = ?"
    found: datetime | None = session.rows(sql, (shop, entity, "incremental"))[0][0]
    return None if found is None else found.astimezone(UTC)


def last_loaded(session: Session, shop: str, entity: str, mode: Mode) -> datetime | None:
    """When the latest loaded window of a mode was extracted, by the source's clock."""
    sql = f"select max(extracted_at) from {WINDOWS} where shop = ? and entity = ? and state = 'loaded' and mode = ?"
    found: datetime | None = session.rows(sql, (shop, entity, mode))[0][0]
    return None if found is None else found.astimezone(UTC)


def first_loaded(session: Session, shop: str, entity: str) -> datetime | None:
    """When the first window of an entity was extracted, by the source's clock."""
    sql = f"select min(extracted_at) from {WINDOWS} where shop = ? and entity = ? and state = 'loaded'"
    found: datetime | None = session.rows(sql, (shop, entity))[0][0]
    return None if found is None else found.astimezone(UTC)


def next_instant(session: Session, shop: str, source_now: datetime | None) -> datetime:
    """The `_extracted_at` of what is read now: the source's clock, but later than that of anything read before.

    Models that take what is new since they last looked rely on this; our own clock would not do, for it may be ahead.
    """
    last: datetime | None = session.rows(f"select max(extracted_at) from {WINDOWS} where shop = ?", (shop,))[0][0]
    if last is None:
        return source_now or datetime.now(UTC)
    after = last.astimezone(UTC) + timedelta(milliseconds=1)
    return after if source_now is None else max(source_now, after)


def open_windows(session: Session, shop: str) -> list[Window]:
    """Windows that earlier runs of a shop neither loaded nor gave up, oldest first. Call it while holding the shop."""
    found = session.dicts(
        "select window_id, shop, entity, mode, window_from, window_to, extracted_at, run_id, state, operation_id, "
        f"path, expected_rows, expected_roots from {WINDOWS} "
        "where shop = ? and state in ('planned', 'submitted', 'downloaded') order by started_at",
        (shop,),
    )
    windows = [Window(**row) for row in found]
    for window in windows:
        window.window_from = window.window_from and window.window_from.astimezone(UTC)
        window.window_to = window.window_to.astimezone(UTC)
        window.extracted_at = window.extracted_at.astimezone(UTC)
    return windows
