"""Rows that are gone at the source stay in the warehouse, marked by `deleted_at`: no update window ever mentions them.

Two traces lead to them: the feed of events, which tells at once and forgets after a year, and a sweep of all ids, which
finds what the feed missed. `deleted_at` is the time of the event, or of the sweep that did not find the row.
"""

from datetime import datetime, timedelta

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.odcs import Contract, Table
from pipelines.contracts.sql import identifier, text
from pipelines.failures import IncompleteExtraction, SourceError
from pipelines.intake import ledger
from pipelines.intake.ledger import Window
from pipelines.shopify.contract import RAW_SCHEMA
from pipelines.warehouse import Session
from pipelines.warehouse.conflicts import together

# A sweep that finds more than this share gone is more likely half an answer than half a business.
IMPLAUSIBLE_SHARE = 0.2
# Below so many rows a share says nothing.
ALWAYS_PLAUSIBLE_ROWS = 10


class ImplausibleSweep(SourceError):
    """A sweep would mark an implausible share of the rows as deleted."""


def swept_tables(contract: Contract) -> dict[str, Table]:
    """Tables with soft deletes, by the entity whose ids a sweep reads."""
    return {table.entity: table for table in contract.tables if table.soft_delete}


def mark_deleted_by_events(session: Session, contract: Contract, shop: str, now: datetime) -> int:
    """Mark rows that the events in the warehouse say were deleted; how many were not marked before.

    `_extracted_at` becomes `now`, the source's clock, so that incremental models see the change.
    """
    marked = 0
    for table in swept_tables(contract).values():
        raw, key = f"{RAW_SCHEMA}.{table.name}", identifier(table.key[0])
        gid = f"gid://shopify/{table.rows[0]}/"
        # Compared as texts: an id that is no number would end the whole statement.
        gone = (
            f"select substr(subject_gid, {len(gid) + 1}) as id, min(created_at) as destroyed_at "
            f"from {RAW_SCHEMA}.events where shop = {text(shop)} and action = 'destroy' "
            f"and subject_gid like {text(gid + '%')} group by 1"
        )
        live = f"select cast({key} as varchar) from {raw} where shop = ? and deleted_at is null"
        count = f"select count(*) from ({gone}) as gone where id in ({live})"
        found = int(session.rows(count, (shop,))[0][0])
        if found:
            session.execute(
                f"update {raw} set deleted_at = gone.destroyed_at, _extracted_at = ? from ({gone}) as gone "
                f"where shop = ? and deleted_at is null and cast({key} as varchar) = gone.id",
                (now, shop),
            )
        marked += found
    return marked


def sweep_is_due(session: Session, settings: Settings, shop: str, entity: str, now: datetime) -> bool:
    """Whether the ids of an entity should be compared again; the first time, some days after its first window."""
    last = ledger.last_loaded(session, shop, entity, "sweep") or ledger.first_loaded(session, shop, entity)
    return last is not None and now - last >= timedelta(days=settings.extraction.sweep_days)


def commit_sweep(session: Session, table: Table, window: Window, ids: str, admitted: Admitted) -> int:
    """Mark the live rows that a complete list of ids does not name, and close the window; how many there are.

    `ids` is SQL of rows with the column `id`. Rows that were extracted after the sweep was planned are not judged.
    Raises IncompleteExtraction when the list is shorter than announced, ImplausibleSweep when it names too few.
    """
    if window.expected_rows is not None and admitted.lines != window.expected_rows:
        raise IncompleteExtraction(
            f"The sweep of {window.entity} of shop {window.shop} lists {admitted.lines:,} ids instead of "
            f"{window.expected_rows:,}; nothing was marked as deleted, run again."
        )
    raw, key = f"{RAW_SCHEMA}.{table.name} as stored", identifier(table.key[0])
    live = "shop = ? and deleted_at is null and _extracted_at < ?"
    gone = f"{live} and not exists (select 1 from {ids} as swept where swept.id = stored.{key})"
    values = (window.shop, window.extracted_at)

    def mark() -> int:
        before = int(session.rows(f"select count(*) from {raw} where {live}", values)[0][0])
        missing = int(session.rows(f"select count(*) from {raw} where {gone}", values)[0][0])
        if missing > ALWAYS_PLAUSIBLE_ROWS and missing > before * IMPLAUSIBLE_SHARE:
            raise ImplausibleSweep(
                f"The sweep of {window.entity} of shop {window.shop} would mark {missing:,} of {before:,} rows as "
                f"deleted, more than {IMPLAUSIBLE_SHARE:.0%}; nothing was marked: check that the app may still read "
                f"all of them, then run again."
            )
        session.execute(
            f"update {raw} set deleted_at = ?, _extracted_at = ? where {gone}",
            (window.extracted_at, window.extracted_at, *values),
        )
        ledger.loaded(session, window, admitted)
        return missing

    return together(session, mark)
