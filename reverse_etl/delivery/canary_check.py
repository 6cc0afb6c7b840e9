"""Reads the canary of a plan back: is every value that was acknowledged there, and was none refused?

Of a destination that can not be read, only the second is asked.
"""

from collections.abc import Mapping

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from reverse_etl.delivery.canary import Reading
from reverse_etl.destinations.opened import can_read, opened
from reverse_etl.ledger.row_batches import plan_rows
from reverse_etl.ledger.rows import CONFLICT
from reverse_etl.ledger.tables import OUTCOMES, PLAN_ROWS
from reverse_etl.sync_format.sync_file import Sync

# A canary that is a whole shop is not read back whole; these are the first values of it.
MOST_CHECKED = 5_000
_ROWS = f"{PLAN_ROWS} as r where r.plan_id = ? and r.shop = ? and r.plan_row <= ?"
_ACKNOWLEDGED = f"""
    exists (
        select 1 from {OUTCOMES} as o
        where o.plan_id = r.plan_id and o.plan_row = r.plan_row and o.state = 'acknowledged'
    )
"""


async def read_canary(settings: Settings, plan_id: str, sync: Sync, until: Mapping[str, int]) -> list[Reading]:
    """What each shop shows. A value that somebody changed by hand since the plan was left alone, and is no failure."""
    return [await _read_shop(settings, plan_id, sync, shop, last) for shop, last in until.items()]


async def _read_shop(settings: Settings, plan_id: str, sync: Sync, shop: str, last: int) -> Reading:
    key = (plan_id, shop, last)
    with Warehouse(settings).session() as session:
        refused = _refused(session, key)
        sent = (
            []
            if not can_read(settings, sync)
            else plan_rows(
                session.arrow(
                    f"""
                select r.plan_row, r.shop, r.object, r.record_id, r.attribute, r.action, r.value_before, r.value_after
                from {_ROWS} and {_ACKNOWLEDGED} order by r.plan_row limit {MOST_CHECKED}
                """,
                    key,
                )
            )
        )
    async with opened(settings, sync, shop) as destination:
        in_place = await destination.in_place(sent) if sent else []
    standing = {outcome.row.plan_row for outcome in in_place}
    wrong = [row for row in sent if row.plan_row not in standing]
    reasons = [
        f"{rows:,} values of {attribute} were refused in shop {shop} ({code}: {reason}; for example {record})"
        for attribute, code, reason, rows, record in refused
    ]
    if wrong:
        reasons.append(
            f"{len(wrong):,} of {len(sent):,} values read back from shop {shop} are not there as they were sent (for "
            f"example {wrong[0].attribute} of {wrong[0].record_id})"
        )
    return Reading(len(sent), sum(rows for *_, rows, _ in refused), len(wrong), reasons)


def _refused(session: Session, key: tuple[str, str, int]) -> list[tuple[str, str, str, int, int]]:
    """Rows of the canary that Shopify did not take, by attribute, code and reason."""
    return session.rows(
        f"""
        select r.attribute, f.code, f.reason, count(distinct r.plan_row) as refused, min(r.record_id)
        from {PLAN_ROWS} as r
        join {OUTCOMES} as f
            on f.plan_id = r.plan_id and f.plan_row = r.plan_row and f.state = 'rejected' and f.code <> '{CONFLICT}'
        where r.plan_id = ? and r.shop = ? and r.plan_row <= ? and not {_ACKNOWLEDGED}
        group by r.attribute, f.code, f.reason order by refused desc, r.attribute, f.code
        """,
        key,
    )
