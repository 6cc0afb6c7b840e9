"""The control group of a sync: drawn once, as large in each stratum as in all, and never written to."""

from collections import Counter
from collections.abc import Mapping

import pytest

from pipelines.failures import DeliveryError
from reverse_etl.coverage import values_never_acknowledged
from reverse_etl.sync_format.sync_yaml import load_sync
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

HOLDOUT = "holdout: {share: 0.1, stratify_by: vip_tier, salt: spring}\n"
SIZES = {"platinum": 4, "gold": 25, "none": 371}


def tiers(sizes: Mapping[str, int], first: int = 1) -> dict[int, str]:
    """Customers numbered from `first`, so many of each tier."""
    named = [tier for tier, size in sizes.items() for _ in range(size)]
    return dict(enumerate(named, first))


def wanted(by_customer: Mapping[int, str]) -> dict[int, dict[str, object]]:
    return {number: gold(tier=tier) for number, tier in by_customer.items()}


def assigned(marketing: Marketing, experiment: str = "spring") -> dict[int, tuple[str, str]]:
    """Customer to stratum and group."""
    rows = marketing.rows(
        "select customer_id, stratum, assigned_group from ops.holdout_assignments where experiment = ?", experiment
    )
    assert len({row[0] for row in rows}) == len(rows)
    return {number: (stratum, group) for number, stratum, group in rows}


def control(marketing: Marketing, experiment: str = "spring") -> set[int]:
    return {number for number, (_, group) in assigned(marketing, experiment).items() if group == "control"}


def planned(marketing: Marketing, plan_id: str) -> set[int]:
    return {row[0] for row in marketing.rows("select record_id from ops.delivery_plan_rows where plan_id = ?", plan_id)}


def test_the_share_is_held_out_of_each_stratum_and_nothing_is_planned_for_it(offline: Marketing) -> None:
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    offline.want(wanted(tiers(SIZES)))
    plan = offline.plan()
    held = Counter(stratum for stratum, group in assigned(offline).values() if group == "control")
    assert held == {"gold": 3, "none": 37}
    assert planned(offline, plan.plan_id) == set(tiers(SIZES)) - control(offline)


def test_who_is_assigned_stays_so_when_the_tier_moves_and_the_share_grows(offline: Marketing) -> None:
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    offline.want(wanted(tiers(SIZES)))
    offline.plan()
    before = assigned(offline)
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT.replace("0.1", "0.5"))
    newcomers = tiers({"gold": 100}, first=1001)
    offline.want(wanted(dict.fromkeys(before, "bronze") | newcomers))
    plan = offline.plan()
    after = assigned(offline)
    assert {number: after[number] for number in before} == before
    assert len(control(offline) & set(newcomers)) == 50
    assert not planned(offline, plan.plan_id) & control(offline)


def test_newcomers_one_by_one_are_held_out_as_often_as_many_at_once(offline: Marketing) -> None:
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT.replace("0.1", "0.25"))
    for count in range(1, 13):
        offline.want(wanted(tiers({"gold": count})))
        offline.plan()
    assert len(control(offline)) == 3


def test_another_salt_is_another_draw_and_the_same_salt_the_same(offline: Marketing) -> None:
    offline.want(wanted(tiers(SIZES)))
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    offline.plan()
    spring = control(offline)
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT.replace("spring", "autumn"))
    offline.plan()
    assert control(offline, "autumn") != spring
    assert control(offline) == spring
    lasting = "select distinct experiment from ops.holdout_assignments where ended_at is null"
    assert offline.rows(lasting) == [("autumn",)]
    with offline.warehouse.session() as session:
        session.execute("delete from ops.holdout_assignments")
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    offline.plan()
    assert control(offline) == spring


def test_an_experiment_that_has_ended_does_not_begin_again(offline: Marketing) -> None:
    offline.want(wanted(tiers(SIZES)))
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    offline.plan()
    offline.write_sync(SYNC + NO_GUARD)
    assert planned(offline, offline.plan().plan_id) == set(tiers(SIZES))
    offline.write_sync(SYNC + NO_GUARD + HOLDOUT)
    with pytest.raises(DeliveryError, match=r"'spring' of sync 'customers' has ended in shop us.*holdout.salt"):
        offline.plan()


def test_nobody_without_consent_is_assigned(offline: Marketing) -> None:
    consent = "purpose: marketing\nconsent: {column: accepts_marketing}\n"
    offline.write_sync(SYNC + NO_GUARD + consent + HOLDOUT)
    customers = wanted(tiers({"gold": 40}))
    offline.want({number: row | {"accepts_marketing": number > 20} for number, row in customers.items()})
    offline.plan()
    assert set(assigned(offline)) == set(range(21, 41))
    assert len(control(offline)) == 2


def test_what_the_control_group_carried_is_cleared_by_a_mirror(marketing: Marketing) -> None:
    customers = marketing.customers()[:20]
    everybody = {number: gold() for number in customers}
    marketing.deliver(everybody)
    marketing.write_sync(SYNC + NO_GUARD + HOLDOUT)
    marketing.deliver(everybody)
    assert len(control(marketing)) == 2
    assert set(marketing.carried()) == set(customers) - control(marketing)
    # Nothing of the control group is missing: it was never wanted.
    assert values_never_acknowledged(marketing.settings, load_sync("customers", marketing.folder).sync) == 0
    assert marketing.plan().is_empty
