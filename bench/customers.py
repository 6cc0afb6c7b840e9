"""Customers with five scored attributes in the warehouse: what a sync wants, and what Shopify acknowledged before."""

from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from reverse_etl.ledger.tables import PLAN_ROWS, PLANS, VALUES
from reverse_etl.plan import plan_sync

SYNC = "bench_customers"
SYNCS = Path(__file__).parent / "syncs"
MODEL = "syncs.bench_customers"
ATTRIBUTES = 5
# One customer in so many gains a tag when it changes.
TAGGED_EVERY = 50


def fill_acknowledged(settings: Settings, customers: int) -> None:
    """Put so many customers into the model and let all their values be acknowledged, as a first delivery leaves it."""
    with Warehouse(settings).session() as session:
        session.execute("create schema if not exists syncs")
        session.execute(
            f"""
            create or replace table {MODEL} as
            select
                'us' as shop, 7000000000 + 7 * i as customer_id,
                (['silver', 'bronze', 'none'])[1 + i % 3] as vip_tier,
                (['active', 'cooling'])[1 + i % 2] as churn_band,
                (['champions', 'loyal', 'promising', 'dormant'])[1 + i % 4] as rfm_group,
                ((hash(i) % 9000) / 10000)::decimal(6, 4) as p_alive,
                ((hash(i + 1) % 50000) / 10000)::decimal(12, 4) as expected_orders_90d
            from range({customers}) as numbers (i)
            """
        )
    plan = plan_sync(settings, SYNC, folder=SYNCS)
    with Warehouse(settings).session() as session, session.transaction():
        session.execute(
            f"""
            insert into {VALUES} by name
            select shop, object, record_id, attribute, value_after as value, now()::timestamp as acknowledged_at,
                'bench' as run_id
            from {PLAN_ROWS} where plan_id = ?
            """,
            (plan.plan_id,),
        )
        session.execute(f"update {PLANS} set state = 'applied' where plan_id = ?", (plan.plan_id,))


def change(session: Session, every: int) -> None:
    """Change all five attributes of one customer in `every`; some of them reach the tier that has a tag."""
    session.execute(
        f"""
        update {MODEL} set
            vip_tier = case when customer_id // 7 % {TAGGED_EVERY} = 0 then 'platinum' else 'gold' end,
            churn_band = 'at_risk', rfm_group = 'needs_attention', p_alive = p_alive + 0.0500,
            expected_orders_90d = expected_orders_90d + 1
        where customer_id // 7 % {every} = 0
        """
    )


def come_and_go(session: Session, every: int) -> None:
    """Let one customer in `every` leave the model, and as many new ones come."""
    session.execute(f"delete from {MODEL} where customer_id // 7 % {every} = 1")
    session.execute(
        f"""
        insert into {MODEL}
        select shop, customer_id + 3, vip_tier, churn_band, rfm_group, p_alive, expected_orders_90d
        from {MODEL} where customer_id // 7 % {every} = 2
        """
    )
