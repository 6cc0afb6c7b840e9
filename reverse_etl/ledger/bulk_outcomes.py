"""Outcomes of a bulk operation, written where the plan's rows lie: no row moves through Python."""

from collections.abc import Sequence

import pyarrow as pa

from pipelines.warehouse import Session
from reverse_etl.ledger.acknowledged import Batch, move_values
from reverse_etl.ledger.claims import Claim
from reverse_etl.ledger.tables import CLAIMS, DIGESTS, OUTCOMES, PLAN_ROWS

_RANGES_AT_ONCE = 200


def acknowledge(
    session: Session, claim: Claim, ranges: Sequence[tuple[int, int]], digests: pa.Table | None, open_rows: str
) -> int:
    """Acknowledge the open rows within ranges of plan rows and settle the claim; returns how many rows.

    `digests` has columns plan_row and digest, as the results of the operation say. `open_rows`: SQL that is true of the
    rows of `ops.delivery_plan_rows` (as r) that are not acknowledged. Call it in a transaction: after a crash the same
    file is built again from the same rows.
    """
    batch = Batch()
    if digests is not None and digests.num_rows:
        session.append(DIGESTS, digests.append_column("claim_id", pa.repeat(claim.claim_id, digests.num_rows)))
    for start in range(0, len(ranges), _RANGES_AT_ONCE):
        some = ranges[start : start + _RANGES_AT_ONCE]
        within = " or ".join("r.plan_row between ? and ?" for _ in some)
        session.execute(
            f"""
            insert into {OUTCOMES} (
                run_id, plan_id, plan_row, shop, object, record_id, attribute, action, value_before,
                value_after, state, attempts, digest, settled_at, batch_id
            )
            select
                ?, r.plan_id, r.plan_row, r.shop, r.object, r.record_id, r.attribute, r.action,
                r.value_before, r.value_after, 'acknowledged', 1, d.digest, ?, ?
            from {PLAN_ROWS} as r
            left join (select plan_row, digest from {DIGESTS} where claim_id = ?) as d on d.plan_row = r.plan_row
            where r.plan_id = ? and r.shop = ? and r.action = ? and ({within}) and {open_rows}
            """,
            (
                claim.run_id,
                batch.settled_at,
                batch.batch_id,
                claim.claim_id,
                claim.plan_id,
                claim.shop,
                claim.action,
                *(number for ends in some for number in ends),
            ),
        )
    move_values(session, batch)
    session.execute(f"delete from {DIGESTS} where claim_id = ?", (claim.claim_id,))
    session.execute(f"update {CLAIMS} set state = 'settled' where claim_id = ?", (claim.claim_id,))
    counted = f"select count(*) from {OUTCOMES} where batch_id = ? and settled_at >= ?"
    return int(session.rows(counted, (batch.batch_id, batch.settled_at))[0][0])
