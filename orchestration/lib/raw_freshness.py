"""Is every shop fresh? One check a source, on the table of orders, read from the completeness ledger.

Not from the rows: a quiet shop has no new rows and is fresh all the same, for its window was read. And by shop, which
the freshness of an asset is not: it is that of its freshest partition.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import dagster as dg

from orchestration.lib.concurrency import pool
from orchestration.lib.failures import readable_failures
from pipelines.config import Settings
from pipelines.warehouse import Warehouse

FRESH = "every_shop_is_fresh"
LEDGER = "ops.extraction_windows"
STALE_AFTER = timedelta(hours=3)
VERY_STALE_AFTER = timedelta(hours=24)


def build_freshness_check(settings: Settings, source: str, table: str, entity: str) -> dg.AssetChecksDefinition:
    """Warn after three hours without a loaded window of `entity` in any shop, fail after a day."""
    key = dg.AssetKey([source, table])

    @dg.asset_check(
        asset=key,
        name=FRESH,
        pool=pool(settings, "extraction"),
        description="Each shop has a window that was read to the end within three hours, quiet or not.",
    )
    def every_shop_is_fresh() -> dg.AssetCheckResult:
        with readable_failures():
            read_to = last_read(settings, entity)
        return judge(read_to, datetime.now(UTC), key)

    return every_shop_is_fresh


def last_read(settings: Settings, entity: str) -> dict[str, datetime | None]:
    """By shop, when the last loaded window of `entity` was finished; None for a shop that was never read."""
    found: dict[str, datetime | None] = dict.fromkeys(sorted(settings.shops))
    with Warehouse(settings).session() as session:
        if session.exists(LEDGER):
            sql = f"select shop, max(finished_at) from {LEDGER} where entity = ? and state = 'loaded' group by shop"
            found |= {shop: moment for shop, moment in session.rows(sql, (entity,)) if shop in found}
    return found


def judge(read_to: Mapping[str, datetime | None], now: datetime, key: dg.AssetKey) -> dg.AssetCheckResult:
    """Pass when no shop is older than STALE_AFTER; severity by the stalest shop."""
    ages = {shop: now - _utc(moment) if moment else None for shop, moment in read_to.items()}
    stale = [shop for shop, age in ages.items() if age is None or age > STALE_AFTER]
    very_stale = [shop for shop in stale if (age := ages[shop]) is None or age > VERY_STALE_AFTER]
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=FRESH,
        passed=not stale,
        severity=dg.AssetCheckSeverity.ERROR if very_stale else dg.AssetCheckSeverity.WARN,
        metadata=dict(_metadata(ages)),
    )


def _metadata(ages: Mapping[str, timedelta | None]) -> Iterator[tuple[str, str]]:
    for shop, age in ages.items():
        yield f"minutes since {shop} was read", "never" if age is None else f"{age.total_seconds() / 60:.0f}"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
