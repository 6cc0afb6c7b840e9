"""Killed between any two effects, write-back neither loses nor repeats an acknowledged change."""

import subprocess
import sys
from decimal import Decimal

import pytest

from reverse_etl.report import Plan
from tests.reverse_etl.dying import DIED
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Customer, Marketing, gold
from tests.sandbox_fixture import EU

# Where to die, at which time of passing, and what a person does next.
BULK = [
    ("claimed", 1, "same plan"),
    ("submitted", 1, "same plan"),
    ("submitted", 1, "new plan"),
    ("submission recorded", 1, "new plan"),
    ("bulk ended", 1, "same plan"),
    ("recorded", 1, "new plan"),
    ("submission recorded", 3, "same plan"),
]


def die(marketing: Marketing, plan: Plan, point: str, nth: int) -> None:
    """Apply in another process that is dead afterwards."""
    command = [sys.executable, "-m", "tests.reverse_etl.dying", str(marketing.folder), plan.plan_id, point, str(nth)]
    assert subprocess.run(command, check=False, timeout=60).returncode == DIED


def before_and_after(marketing: Marketing) -> tuple[dict[int, Customer], dict[int, Customer]]:
    """Twelve customers: some stay, change their tier, lose values, leave, or come."""
    stays, changes, loses, leaves, comes = (marketing.customers()[start : start + 3] for start in range(0, 15, 3))
    before = {number: gold() for number in [*stays, *changes, *loses, *leaves]}
    after = {number: gold() for number in [*stays, *comes]}
    after |= {number: gold(tier="platinum", p_alive="0.9") for number in changes}
    after |= {number: {"vip_tier": "silver", "p_alive": Decimal("0.5")} for number in loses}
    return before, after


def expected(model: dict[int, Customer]) -> dict[int, Customer]:
    """What customers of a model carry."""
    carried = {}
    for number, wanted in model.items():
        tier = wanted["vip_tier"]
        values: Customer = {"vip_tier": tier, "p_alive": f"{float(wanted['p_alive'])}"}
        if "expected_value_365d_amount" in wanted:
            values["expected_value_365d"] = '{"amount":"100.50","currency_code":"USD"}'
        values["tags"] = {f"boomerang:vip-{tier}"} if tier in ("gold", "platinum") else set()
        carried[number] = values
    return carried


def assert_whole(marketing: Marketing, after: dict[int, Customer]) -> None:
    """Both sides agree with the model, nothing is left to do, and no change was acknowledged twice."""
    assert marketing.carried() == expected(after)
    values = sum(len(customer) - 1 + len(customer["tags"]) for customer in expected(after).values())
    assert len(marketing.acknowledged()) == values
    assert marketing.plan().is_empty
    twice = """
        select plan_id, plan_row from ops.delivery_outcomes where state = 'acknowledged'
        group by plan_id, plan_row having count(*) > 1
    """
    assert marketing.rows(twice) == []
    assert marketing.rows("select * from ops.delivery_locks where run_id is not null") == []


def assert_survived(marketing: Marketing, point: str, nth: int, recovery: str) -> None:
    """A second delivery dies, is taken up again, and both sides are whole."""
    before, after = before_and_after(marketing)
    marketing.deliver(before)
    marketing.want(after)
    plan = marketing.plan()
    die(marketing, plan, point, nth)
    marketing.apply(plan if recovery == "same plan" else marketing.plan())
    assert_whole(marketing, after)


@pytest.mark.parametrize(("point", "nth", "recovery"), BULK)
def test_killed_at_the_bulk_lane(marketing: Marketing, point: str, nth: int, recovery: str) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    assert_survived(marketing, point, nth, recovery)


def test_a_bulk_operation_left_behind_is_awaited_before_newer_values_are_sent(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    customers = marketing.customers()[:4]
    marketing.want({number: gold(tier="silver") for number in customers})
    marketing.sandbox.faults({"kind": "bulk_slow", "seconds": 2, "times": 1})
    die(marketing, marketing.plan(), "submission recorded", 1)
    marketing.write_sync(SYNC + NO_GUARD)
    marketing.deliver({number: gold(tier="bronze") for number in customers})
    assert {customer["vip_tier"] for customer in marketing.carried().values()} == {"bronze"}
    assert marketing.plan().is_empty


def test_a_crash_in_one_shop_does_not_touch_the_other(marketing: Marketing) -> None:
    mine, theirs = marketing.customers("us")[0], marketing.customers("eu")[0]
    marketing.want({mine: gold()}, others=[{"shop": "eu", "customer_id": theirs, "vip_tier": "silver"}])
    die(marketing, marketing.plan("us"), "claimed", 1)
    assert marketing.apply(marketing.plan("eu")).acknowledged == 1
    assert str(theirs) in marketing.sandbox.state(EU)["customers"]
    assert marketing.carried() == {}
    marketing.apply(marketing.plan("us"))
    assert marketing.carried().keys() == {mine}
