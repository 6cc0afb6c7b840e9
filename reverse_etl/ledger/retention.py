"""Old plans lose their rows, claims and outcomes, which grow with every delivery; what a person or a run needs stays.

Kept whatever their age: plans that are being applied or were cut off, plans with open claims (what is in doubt is read
back by them), the last plan that was delivered to each shop (its outcomes hold the values of before), and the newest
plan of each sync. The plans themselves and the runs stay as one row each: guards ask whether a first delivery ended.
Measured costs of lanes go by their own age: a lane that was slow once is assumed anew, and gets another try.
"""

from datetime import UTC, datetime, timedelta

from pipelines.warehouse import Session
from reverse_etl.ledger.tables import CLAIMS, COSTS, OUTCOMES, PLAN_ROWS, PLANS, REJECTIONS


def forget_old_plans(session: Session, keep_days: int) -> int:
    """Remove what plans older than `keep_days` hold; returns how many plans lost their rows. One transaction."""
    before = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=keep_days)
    with session.transaction():
        session.execute(f"delete from {COSTS} where observed_at < ?", (before,))
        # A plan whose rows are gone can not be applied: what it was based on goes with them, and is its mark.
        old = session.rows(
            f"""
            select plan_id from {PLANS}
            where created_at < ? and base_claims is not null
            and state in ('planned', 'waiting', 'stopped', 'applied', 'partly_applied')
            """,
            (before,),
        )
        if not old:
            return 0
        forgotten = sorted({plan_id for (plan_id,) in old} - _needed(session))
        if forgotten:
            for table in (PLAN_ROWS, REJECTIONS, CLAIMS, OUTCOMES):
                session.execute(f"delete from {table} where plan_id in (select unnest(?))", (forgotten,))
            session.execute(f"update {PLANS} set base_claims = null where plan_id in (select unnest(?))", (forgotten,))
    return len(forgotten)


def _needed(session: Session) -> set[str]:
    in_doubt = session.rows(f"select distinct plan_id from {CLAIMS} where state = 'open'")
    delivered = session.rows(
        f"""
        select plan_id from (
            select plan_id, row_number() over (partition by sync, shop order by claimed_at desc, claim_id desc) as place
            from {CLAIMS}
        ) as claimed
        where place = 1
        """
    )
    newest = session.rows(
        f"""
        select plan_id from (
            select plan_id, row_number() over (partition by sync order by created_at desc, plan_id desc) as place
            from {PLANS}
        ) as planned
        where place = 1
        """
    )
    return {str(plan_id) for (plan_id,) in (*in_doubt, *delivered, *newest)}
