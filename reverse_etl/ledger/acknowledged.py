"""Acknowledged values follow acknowledged outcomes: the last step of every write of outcomes, in its transaction.

So do values that somebody changed before they could be written (CONFLICT): the ledger holds what was found, so that the
next plan shows it as the value before and may write over it, on purpose.
"""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipelines.warehouse import Session
from reverse_etl.ledger.rows import CONFLICT
from reverse_etl.ledger.tables import OUTCOMES, VALUES


@dataclass(frozen=True)
class Batch:
    """Outcomes that are written together. `settled_at` (UTC, without zone) is theirs, and never before it is made."""

    batch_id: str = field(default_factory=lambda: secrets.token_hex(8))
    settled_at: datetime = field(default_factory=lambda: datetime.now(UTC).replace(tzinfo=None))


def move_values(session: Session, batch: Batch, records: tuple[int, int] | None = None) -> None:
    """Let the acknowledged values follow the acknowledged outcomes of a batch, and what was found in a conflict.

    `records` are the lowest and highest record id in it, looked up when not given. They, and the moment of the batch,
    let the engine skip the blocks of large tables that hold none of these rows.
    """
    of_batch = f"o.batch_id = ? and o.settled_at >= ? and (o.state = 'acknowledged' or o.code = '{CONFLICT}')"
    key = (batch.batch_id, batch.settled_at)
    if records is None:
        lowest, highest = session.rows(
            f"select min(o.record_id), max(o.record_id) from {OUTCOMES} as o where {of_batch}", key
        )[0]
        if lowest is None:
            return
        records = (lowest, highest)
    session.execute(
        f"""
        delete from {VALUES} where record_id between ? and ? and exists (
            select 1 from {OUTCOMES} as o
            where {of_batch} and o.shop = delivery_values.shop and o.object = delivery_values.object
            and o.record_id = delivery_values.record_id and o.attribute = delivery_values.attribute
        )
        """,
        (*records, *key),
    )
    carried = (
        "case when o.state = 'rejected' then o.value_found when o.action in ('set', 'tag_add') then o.value_after end"
    )
    session.execute(
        f"""
        insert into {VALUES} (shop, object, record_id, attribute, value, digest, acknowledged_at, run_id)
        select o.shop, o.object, o.record_id, o.attribute, {carried} as carried, o.digest, o.settled_at, o.run_id
        from {OUTCOMES} as o where {of_batch} and {carried} is not null
        """,
        key,
    )
