"""Which part of an entity a run reads: everything, or what changed between two instants.

A window ends before the request, so that nothing slips in while the export runs, and begins before the previous one
ended, because the search index lags behind writes (shopify.dev, "Perform bulk operations": results are eventually
consistent). Rows that are read twice replace themselves.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pipelines.config import Settings
from pipelines.failures import ConfigurationError
from pipelines.intake import ledger
from pipelines.intake.ledger import Window
from pipelines.shopify.bulk_query import EntityQuery
from pipelines.warehouse import Session

# The filter that finds what is new, where there is none by update.
SEARCH_FIELDS = {
    "balance_transactions": "processed_at",
    "events": "created_at",
    "payouts": "issued_at",
    "tender_transactions": "processed_at",
}
# Events and tender transactions never change. A movement of the balance waits for its payout, up to a month where the
# merchant is paid monthly, and a payout for the bank: they are read again until that is over.
READ_AGAIN = {"balance_transactions": timedelta(days=45), "payouts": timedelta(days=45)}
DEFAULT_SEARCH_FIELD = "updated_at"
# An adopted snapshot or window older than this is followed by a fresh one in the same run.
STILL_FRESH = timedelta(minutes=5)


@dataclass(frozen=True)
class Moment:
    """When a run reads: the source's clock, and the `_extracted_at` of its rows. Both are instants in UTC."""

    now: datetime
    extracted_at: datetime


def plan_window(
    session: Session, settings: Settings, shop: str, query: EntityQuery, moment: Moment, run_id: str
) -> Window:
    """The next window of an entity. It is not yet written to the ledger."""
    window_from, now = None, moment.now
    window_to = now - timedelta(minutes=settings.extraction.settle_minutes)
    if query.is_incremental:
        cursor = ledger.cursor(session, shop, query.entity)
        overlap = max(settings.extraction.overlap, READ_AGAIN.get(query.entity, timedelta()))
        window_from = history_start(settings) if cursor is None else cursor - overlap
    return Window(
        window_id=ledger.new_window_id(shop, query.entity, window_to),
        shop=shop,
        entity=query.entity,
        mode="incremental" if query.is_incremental else "full",
        window_from=window_from,
        window_to=window_to,
        extracted_at=moment.extracted_at,
        run_id=run_id,
    )


def search_filter(window: Window) -> str | None:
    """The search text of a window: its start belongs to it, its end does not. None for a window without a start."""
    if window.window_from is None:
        return None
    field = SEARCH_FIELDS.get(window.entity, DEFAULT_SEARCH_FIELD)
    return f"{field}:>='{_instant(window.window_from)}' {field}:<'{_instant(window.window_to)}'"


def history_start(settings: Settings) -> datetime:
    """The instant before which nothing is read."""
    text = settings.extraction.history_start
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"Setting extraction.history_start is '{text}'; write an instant such as 2015-01-01T00:00:00Z."
        ) from None
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
