"""What a failed reading says about the feed, and what a good one says that nobody looked for."""

from collections.abc import Callable
from datetime import datetime, timedelta

from pipelines.contracts.dead_letters import DEAD_LETTERS
from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import text
from pipelines.erp.deletions import DELETIONS, TOLD, remove_deleted
from pipelines.erp.reading import CapReached, RateLimited
from pipelines.erp_settings import Erp
from pipelines.failures import AccessDenied, AuthenticationFailed, IncompleteExtraction, InvalidQuery
from pipelines.intake.handing_over import UnexpectedColumns
from pipelines.intake.ledger import TABLES, WINDOWS, Window
from pipelines.intake.problems import FEED_PROBLEMS, Code, report_problem
from pipelines.warehouse import Session

# Below so many rows a share says nothing.
ALWAYS_PLAUSIBLE_ROWS = 20
_CODES: tuple[tuple[type[BaseException], Code], ...] = (
    (CapReached, "FED-07"),
    (RateLimited, "FED-09"),
    (AuthenticationFailed, "FED-09"),
    (AccessDenied, "FED-09"),
    (InvalidQuery, "FED-04"),
    (UnexpectedColumns, "FED-04"),
    (IncompleteExtraction, "FED-03"),
)


def code_of(error: BaseException, entity: str) -> Code:
    """The code of a feed that could not be read; deletions that cannot be read cannot be seen."""
    if entity == DELETIONS and isinstance(error, AccessDenied | InvalidQuery):
        return "FED-08"
    return next((code for kind, code in _CODES if isinstance(error, kind)), "FED-01")


def watch(erp: Erp, contract: Contract, window: Window, root: str) -> Callable[[Session], None]:
    """What to do and to look at in the transaction that loads a window; `root` is the table that the others hang on."""

    def look(session: Session) -> None:
        if window.entity == DELETIONS:
            remove_deleted(session, contract, window)
        fewer = _far_fewer(session, erp, window, root) if window.mode == "full" else None
        if fewer is not None:
            _report(session, window, "FED-06", fewer)
        silent = _silent(session, erp, window)
        if silent is not None:
            _report(session, window, "FED-01", silent)

    return look


def clock_goes_back(erp: Erp, entity: str, cursor: datetime | None, now: datetime) -> str | None:
    """The sentence for an ERP whose clock is behind what it said before; None when it is not."""
    if cursor is None or now >= cursor:
        return None
    return (
        f"The clock of erp {erp.name} says {now:%Y-%m-%d %H:%M}, before {cursor:%Y-%m-%d %H:%M}, up to which {entity} "
        f"was read; nothing of it was read: check that the ERP, or its replica, is the one it was."
    )


def unseen_deletions(session: Session, erp: Erp, table: Table, there: int) -> str | None:
    """The sentence for rows that are gone in the ERP and not among its deleted records; None when there are none.

    `there` counts what the ERP has by now; what the warehouse has beyond that was deleted, or no longer fits the query.
    """
    if table.name not in TOLD:
        return None
    live = int(
        session.rows(
            f"select count(*) from raw_erp.{table.name} as stored where stored.erp = ? and not exists ("
            f"select 1 from raw_erp.{DELETIONS} as gone where gone.erp = stored.erp "
            f"and gone.record_type = {text(table.name)} and gone.record_id = stored.{table.key[0]})",
            (erp.name,),
        )[0][0]
    )
    if live <= there:
        return None
    return (
        f"{live - there:,} rows of {table.name} that are in the warehouse are gone in erp {erp.name}, and it told of "
        f"no deletion of them; what rests on them is held back: give its role the permission to see deleted records, "
        f"or remove the rows."
    )


def came_twice(erp: Erp, table: str, rows: int) -> str:
    """The sentence for rows that a reading brought again."""
    return (
        f"{rows:,} rows of {table} came more than once from erp {erp.name}; one of each is loaded, and what rests on "
        f"them is held back: correct the query of {table}, which joins something that is there several times."
    )


def came_late(session: Session, erp: Erp, table: Table, settled: int) -> str | None:
    """The sentence for rows that the ERP has below the cursor and the warehouse has not; None when there are none.

    `settled` counts what the ERP last changed before the window's end. Rows among the dead letters are not missing.
    """
    loaded, rejected = session.rows(
        f"select (select count(*) from raw_erp.{table.name} where erp = ?), (select count(distinct "
        f"coalesce(row_key, dead_letter_id)) from {DEAD_LETTERS} where shop = ? and entity = ? "
        f"and coalesce(table_name, {text(table.name)}) = {text(table.name)} and state in ('open', 'dismissed'))",
        (erp.name, erp.name, table.entity),
    )[0]
    if settled <= loaded + rejected:
        return None
    return (
        f"{settled - loaded - rejected:,} rows of {table.name} are in erp {erp.name} with a time of change that was "
        f"read before they came; the next run reads {table.name} from the beginning, and until then what rests on them "
        f"is held back: if it happens again, raise erp.{erp.name}.overlap_minutes."
    )


def reads_from_the_beginning(session: Session, erp: Erp, entity: str) -> bool:
    """Whether rows of an entity came late, so that a window would not hold them."""
    sql = f"select count(*) from {FEED_PROBLEMS} where connection = ? and feed = ? and code = ? and cleared_at is null"
    return bool(session.rows(sql, (erp.name, entity, "FED-10"))[0][0])


def _far_fewer(session: Session, erp: Erp, window: Window, root: str) -> str | None:
    """A whole reading with far fewer rows than the one before is more likely half an answer than half a business."""
    before = session.rows(
        f"select t.arrived from {TABLES} as t join {WINDOWS} as w on w.window_id = t.window_id where w.shop = ? "
        "and w.entity = ? and w.mode = 'full' and w.state = 'loaded' and t.table_name = ? and w.window_id <> ? "
        "order by w.extracted_at desc limit 1",
        (window.shop, window.entity, root, window.window_id),
    )
    rows = int(
        session.rows(
            f"select count(*) from raw_erp.{root} where erp = ? and _window_id = ?", (window.shop, window.window_id)
        )[0][0]
    )
    if not before or before[0][0] - rows <= ALWAYS_PLAUSIBLE_ROWS or rows >= before[0][0] * erp.smallest_share:
        return None
    return (
        f"{root} of erp {erp.name} has {rows:,} rows, where the reading before had {before[0][0]:,}; they are loaded, "
        f"but what rests on them is held back: check that the role of the integration still sees all of them."
    )


def _silent(session: Session, erp: Erp, window: Window) -> str | None:
    """An entity that changes daily and has not for hours: a replica that stopped, or a feed into the ERP that did."""
    hours = erp.late_hours.get(window.entity)
    if hours is None or window.mode != "incremental":
        return None
    sql = f"select max(updated_at) from raw_erp.{window.entity} where erp = ?"
    newest: datetime | None = session.rows(sql, (window.shop,))[0][0]
    if newest is None or window.window_to - newest <= timedelta(hours=hours):
        return None
    return (
        f"{window.entity} of erp {erp.name} has had no change since {newest:%Y-%m-%d %H:%M}, for more than "
        f"{hours:g} hours; check that what is read is the live ERP and not a copy that stopped."
    )


def _report(session: Session, window: Window, code: Code, message: str) -> None:
    report_problem(
        session,
        source="erp",
        connection=window.shop,
        feed=window.entity,
        code=code,
        message=message,
        run_id=window.run_id,
        window_id=window.window_id,
        detected_at=window.extracted_at,
    )
