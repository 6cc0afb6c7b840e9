"""Draws the control group of a sync: every customer is assigned once, before anything is written to them.

Stratum by stratum the newcomers are put in the order of a salted hash, and numbered on from those assigned before;
with a share of a tenth the 5th, 15th, 25th ... of a stratum is held out. So the control group of each stratum is the
share of it, to half a customer, whatever comes in whatever portions, and chance decides who it is.
"""

from datetime import UTC, datetime

from pipelines.failures import DeliveryError
from pipelines.intake.holdouts import HOLDOUTS
from pipelines.warehouse import Session
from reverse_etl.plans.sampling import pick_sql
from reverse_etl.sync_format.sync_file import Sync

_PARTS = 1_000_000  # shares are whole numbers of these, which every engine adds up alike


def draw(session: Session, sync: Sync, shop: str, now: datetime | None = None) -> None:
    """Assign those of the shop's customers who are not yet; end the experiments that the sync has not any more.

    Runs in the transaction of the plan. Raises DeliveryError for a salt whose experiment has ended: its control group
    has been written to meanwhile.
    """
    moment = now or datetime.now(UTC)
    if sync.object == "customer":
        _end_others(session, sync, shop, moment)
    if sync.holdout is None:
        return
    salt, key = sync.holdout_salt, [sync.name, sync.holdout_salt, shop]
    ended = f"select count(*) from {HOLDOUTS} where sync = ? and experiment = ? and shop = ? and ended_at is not null"
    if session.rows(ended, key)[0][0]:
        raise DeliveryError(
            f"The experiment '{salt}' of sync '{sync.name}' has ended in shop {shop}, and its control group was "
            f"written to since; nothing was planned. Begin another one: give holdout.salt a value that it never had."
        )
    share = max(1, round(sync.holdout.share * _PARTS))
    column = sync.holdout.stratify_by
    stratum = f"coalesce(cast(m.{column} as string), '')" if column else "''"
    session.execute(
        f"""
        insert into {HOLDOUTS}
            (sync, experiment, shop, customer_id, stratum, control_share, assigned_group, assigned_at)
        select
            '{sync.name}', '{salt}', ?, customer_id, stratum, cast({share / _PARTS:.6f} as decimal(9, 6)),
            case when mod(place * {share} + {_PARTS // 2}, {_PARTS}) < {share} then 'control' else 'treated' end,
            cast(? as timestamptz)
        from (
            select
                n.customer_id, n.stratum,
                coalesce(b.assigned, 0) + row_number() over (partition by n.stratum order by n.pick, n.customer_id)
                    as place
            from (
                select
                    m.{sync.key} as customer_id, {stratum} as stratum, {pick_sql(salt, f"m.{sync.key}")} as pick
                from {sync.model} as m
                left join (
                    select customer_id from {HOLDOUTS} where sync = ? and experiment = ? and shop = ?
                ) as known on known.customer_id = m.{sync.key}
                where m.shop = ? and m.{sync.key} is not null and known.customer_id is null
                and {sync.may_be_written("m")}
            ) as n
            left join (
                select stratum, count(*) as assigned from {HOLDOUTS}
                where sync = ? and experiment = ? and shop = ? group by stratum
            ) as b on b.stratum = n.stratum
        ) as numbered
        """,
        (shop, moment, *key, shop, *key),
    )


def _end_others(session: Session, sync: Sync, shop: str, moment: datetime) -> None:
    others = "sync = ? and shop = ? and experiment <> ? and ended_at is null"
    key = (sync.name, shop, sync.holdout_salt)
    if session.rows(f"select count(*) from {HOLDOUTS} where {others}", key)[0][0]:
        session.execute(f"update {HOLDOUTS} set ended_at = cast(? as timestamptz) where {others}", (moment, *key))
