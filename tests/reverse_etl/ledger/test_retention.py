"""What is old goes, what is needed stays."""

from datetime import UTC, datetime, timedelta

import pytest

from reverse_etl.failures import UnknownPlan
from reverse_etl.ledger.retention import forget_old_plans
from tests.reverse_etl.delivery.test_crashes import die
from tests.reverse_etl.marketing import Marketing, gold

BULKY = ("delivery_plan_rows", "delivery_claims", "delivery_outcomes")


def age(marketing: Marketing, days: int) -> None:
    """Let all plans have been made so long ago, in their order."""
    with marketing.warehouse.session() as session:
        found = session.rows("select plan_id from ops.delivery_plans order by created_at, plan_id")
        for place, (plan_id,) in enumerate(found):
            moment = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days) + timedelta(seconds=place)
            session.execute("update ops.delivery_plans set created_at = ? where plan_id = ?", (moment, plan_id))


def forget(marketing: Marketing, days: int = 90) -> int:
    with marketing.warehouse.session() as session:
        return forget_old_plans(session, days)


def held(marketing: Marketing) -> list[set[str]]:
    """Plans that have rows, claims, outcomes."""
    return [{plan for (plan,) in marketing.rows(f"select distinct plan_id from ops.{name}")} for name in BULKY]


def test_old_plans_lose_their_rows_and_the_last_delivery_keeps_them(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    reports = [marketing.deliver({customer: gold(tier=tier)}) for tier in ("silver", "bronze", "none")]
    age(marketing, 91)
    assert forget(marketing) == 2
    assert held(marketing) == [{reports[2].plan_id}] * 3
    assert forget(marketing) == 0
    assert marketing.plan().is_empty  # what Shopify acknowledged is not forgotten


def test_a_plan_without_its_rows_is_refused_in_a_sentence(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold(tier="silver")})
    old = marketing.plan()
    marketing.deliver({customer: gold(tier="bronze")})
    age(marketing, 91)
    assert forget(marketing) == 1
    writes = marketing.mutations()
    with pytest.raises(UnknownPlan, match=r"were removed, as it is older than delivery.keep_days \(90\); make a new"):
        marketing.apply(old)
    assert marketing.mutations() == writes


def test_what_is_in_doubt_stays_until_it_is_settled(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold(tier="silver")})
    cut_off = marketing.plan()
    die(marketing, cut_off, "sent", 1)
    age(marketing, 200)
    with marketing.warehouse.session() as session:  # not even when nobody noticed how it ended
        session.execute("update ops.delivery_plans set state = 'planned'")
    assert forget(marketing) == 0
    assert marketing.apply(cut_off).settled == 3
    assert marketing.plan().is_empty


def test_a_delivery_forgets_by_itself_what_is_older_than_the_setting(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    first = marketing.deliver({customer: gold(tier="silver")})
    marketing.deliver({customer: gold(tier="bronze")})
    age(marketing, 91)
    last = marketing.deliver({customer: gold(tier="none")})
    assert all(first.plan_id not in plans and last.plan_id in plans for plans in held(marketing))
