"""Rows that broke their contract: kept with the rule, the payload and the run, until they are replayed or dismissed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from pipelines.config import Settings
from pipelines.contracts.odcs import Table
from pipelines.contracts.sql import identifier, texts
from pipelines.contracts.types import definition
from pipelines.failures import ConfigurationError
from pipelines.warehouse import Session, Warehouse

State = Literal["open", "replayed", "superseded", "dismissed"]

DEAD_LETTERS = "ops.dead_letters"
# Columns and their physical types, of the table and of the files that the door writes. Those that may be empty:
COLUMNS = (
    ("dead_letter_id", "string"),
    ("source", "string"),
    ("shop", "string"),
    ("entity", "string"),
    ("table_name", "string"),
    ("row_key", "string"),
    ("rule", "string"),
    ("message", "string"),
    ("payload", "string"),
    ("line_number", "bigint"),
    ("window_id", "string"),
    ("run_id", "string"),
    ("rejected_at", "timestamptz"),
    ("state", "string"),
    ("attempts", "bigint"),
    ("replayed_at", "timestamptz"),
)
_NULLABLE = ("table_name", "row_key", "line_number", "replayed_at")
COLUMN_LIST = ", ".join(name for name, _ in COLUMNS)


@dataclass(frozen=True)
class DeadLetter:
    """One rejected row.

    `table_name` and `row_key` are None when the line could not be attributed; `rule` lists the names of all broken
    rules; `payload` is the line exactly as it arrived. Instants are UTC: `rejected_at` is the source's clock, as in
    `_extracted_at`. `attempts` counts how often it came to the door.
    """

    dead_letter_id: str
    source: str
    shop: str
    entity: str
    table_name: str | None
    row_key: str | None
    rule: str
    message: str
    payload: str
    line_number: int | None
    window_id: str
    run_id: str
    rejected_at: datetime
    state: State
    attempts: int
    replayed_at: datetime | None


def ensure_dead_letters(session: Session) -> None:
    """Create the table where it is missing."""
    columns = (f"{definition([column])}{'' if column[0] in _NULLABLE else ' not null'}" for column in COLUMNS)
    session.execute(f"create table if not exists {DEAD_LETTERS} ({', '.join(columns)})")


def store(session: Session, shop: str, rows: str, window_id: str) -> None:
    """Add the rejected rows of a window; call it in the transaction that loads the rest of the window.

    `rows` is SQL with the columns of the table. Open dead letters about the same rows are superseded: the row is as bad
    as before, and there is one letter about it.
    """
    session.execute(
        f"""update {DEAD_LETTERS} as stored set state = 'superseded', replayed_at = ?
            where shop = ? and state = 'open' and window_id <> ? and exists (
                select 1 from {rows} as fresh
                where fresh.table_name = stored.table_name and fresh.row_key = stored.row_key)""",
        (datetime.now(UTC), shop, window_id),
    )
    session.execute(f"insert into {DEAD_LETTERS} ({COLUMN_LIST}) select {COLUMN_LIST} from {rows}")


def supersede(session: Session, shop: str, tables: Sequence[Table], rows: Mapping[str, str], window_id: str) -> None:
    """Close open dead letters about rows that came in good order since; `rows` is SQL with the key of each table."""
    if not tables:
        return
    about = f"shop = ? and table_name in ({texts([table.name for table in tables])}) and state = 'open'"
    found = {name for (name,) in session.rows(f"select distinct table_name from {DEAD_LETTERS} where {about}", (shop,))}
    for table in tables:
        if table.name in found:
            key = " || ',' || ".join(f"cast({identifier(name)} as varchar)" for name in table.key)
            session.execute(
                f"update {DEAD_LETTERS} set state = 'superseded', replayed_at = ? where shop = ? and table_name = ? "
                f"and state = 'open' and window_id <> ? and row_key in (select {key} from {rows[table.name]})",
                (datetime.now(UTC), shop, table.name, window_id),
            )


def list_dead_letters(
    settings: Settings,
    *,
    ids: Sequence[str] | None = None,
    shop: str | None = None,
    entity: str | None = None,
    state: State | None = "open",
    limit: int = 1000,
) -> list[DeadLetter]:
    """Dead letters that match, the newest first."""
    conditions, values = matching(ids=ids, shop=shop, entity=entity, state=state)
    sql = (
        f"select {COLUMN_LIST} from {DEAD_LETTERS} where {conditions} "
        f"order by rejected_at desc, dead_letter_id limit {int(limit)}"
    )
    with Warehouse(settings).session() as session:
        ensure_dead_letters(session)
        return [DeadLetter(**row) for row in session.dicts(sql, values)]


def count_dead_letters(settings: Settings, *, state: State | None = "open") -> dict[tuple[str, str, str], int]:
    """Number of dead letters by (shop, table or entity, rule)."""
    conditions, values = matching(state=state)
    sql = f"""select shop, coalesce(table_name, entity) as about, rule, count(*) as letters from {DEAD_LETTERS}
              where {conditions} group by shop, coalesce(table_name, entity), rule order by shop, about, rule"""
    with Warehouse(settings).session() as session:
        ensure_dead_letters(session)
        return {(shop, table, rule): count for shop, table, rule, count in session.rows(sql, values)}


def dismiss(settings: Settings, ids: Sequence[str]) -> int:
    """Close open dead letters that shall never be loaded; the number that were open."""
    if not ids:
        raise ConfigurationError("No dead letter was named; give the ids of those to dismiss.")
    conditions, values = matching(ids=ids, state="open")
    with Warehouse(settings).session() as session:
        ensure_dead_letters(session)
        found = int(session.rows(f"select count(*) from {DEAD_LETTERS} where {conditions}", values)[0][0])
        session.execute(
            f"update {DEAD_LETTERS} set state = 'dismissed', replayed_at = ? where {conditions}",
            (datetime.now(UTC), *values),
        )
    return found


def matching(
    *,
    ids: Sequence[str] | None = None,
    shop: str | None = None,
    entity: str | None = None,
    state: str | None = None,
) -> tuple[str, list[object]]:
    """SQL condition and its values for dead letters with these properties."""
    conditions, values = ["true"], list[object]()
    if ids is not None:
        conditions.append("dead_letter_id in (select unnest(?))")
        values.append(list(ids))
    for name, value in (("shop", shop), ("entity", entity), ("state", state)):
        if value is not None:
            conditions.append(f"{name} = ?")
            values.append(value)
    return " and ".join(conditions), values
