"""A part of a plan goes first, is read back and waited for; what is wrong with it stops the rest."""

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reverse_etl.delivery.canary import go_plan
from reverse_etl.failures import CanaryFailed, CanaryWaiting, UnknownPlan
from reverse_etl.plans.plan_store import load_plan
from reverse_etl.plans.sampling import border, is_chosen, pick_of, pick_sql
from reverse_etl.undo import plan_undo
from tests.reverse_etl.delivery.test_crashes import assert_whole
from tests.reverse_etl.dying import DIED
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Customer, Marketing, gold
from tests.sandbox_fixture import US

AT_ONCE = SYNC + NO_GUARD + "canary: {share: 0.3, salt: spring}\n"
WAITS = SYNC + NO_GUARD + "canary: {share: 0.3, salt: spring, needs_go: true}\n"


def chosen(numbers: list[int]) -> set[int]:
    """The records of a share of 0.3, of which there must be some and some others."""
    found = {number for number in numbers if is_chosen("spring", 0.3, number)}
    assert 0 < len(found) < len(numbers)
    return found


def wanted(marketing: Marketing, count: int = 12) -> dict[int, Customer]:
    """Want something of the first customers."""
    model = {number: gold() for number in marketing.customers()[:count]}
    marketing.want(model)
    return model


@given(st.integers(0, 2**63 - 1), st.floats(0.001, 0.999))
def test_a_record_is_chosen_by_its_hash_alone_and_a_larger_share_holds_the_smaller(record: int, share: float) -> None:
    assert is_chosen("spring", share, record) == (int(pick_of("spring", record), 16) < int(border(share), 16))
    assert not is_chosen("spring", share, record) or is_chosen("spring", min(0.9999, share * 1.5), record)


def test_the_share_is_met_and_another_salt_is_another_draw() -> None:
    first, other = (
        {number for number in range(20_000) if is_chosen(salt, 0.1, number)} for salt in ("spring", "autumn")
    )
    assert 1_800 < len(first) < 2_200
    assert 100 < len(first & other) < 300


def test_the_warehouse_chooses_the_records_that_python_does(offline: Marketing) -> None:
    picks = offline.rows(f"select range, {pick_sql('spring', 'range')} from range(1000)")
    assert all(pick == pick_of("spring", number) for number, pick in picks)


def test_the_chosen_go_first_are_read_back_and_the_rest_waits_for_a_go(marketing: Marketing) -> None:
    marketing.write_sync(WAITS)
    model = wanted(marketing)
    plan = marketing.plan()
    report = marketing.apply(plan)
    first = chosen(list(model))
    assert marketing.carried().keys() == first
    assert report.waits
    assert report.canary is not None
    assert (report.canary.records, report.canary.checked, report.canary.wrong) == (len(first), 4 * len(first), 0)
    assert load_plan(marketing.settings, plan.plan_id).state == "waiting"
    writes = marketing.mutations()
    with pytest.raises(CanaryWaiting, match=f"boomerang go {plan.plan_id} --by NAME"):
        marketing.apply(plan)
    assert marketing.mutations() == writes
    go_plan(marketing.settings, plan.plan_id, "Ada")
    rest = marketing.apply(plan)
    assert rest.acknowledged == 4 * (len(model) - len(first))
    assert_whole(marketing, model)


def test_after_its_time_the_rest_goes_without_a_word(marketing: Marketing) -> None:
    marketing.write_sync(WAITS.replace("needs_go: true", "wait_minutes: 30"))
    model = wanted(marketing)
    plan = marketing.plan()
    assert marketing.apply(plan).waits
    with pytest.raises(CanaryWaiting, match="the rest waits until"):
        marketing.apply(plan)
    with marketing.warehouse.session() as session:
        session.execute("update ops.delivery_canaries set resume_at = resume_at - interval 31 minute")
    marketing.apply(plan)
    assert_whole(marketing, model)


def test_without_a_wait_one_run_does_both(marketing: Marketing) -> None:
    marketing.write_sync(AT_ONCE)
    model = wanted(marketing)
    report = marketing.apply(marketing.plan())
    assert (report.acknowledged, report.waits) == (4 * len(model), False)
    assert_whole(marketing, model)


def test_at_the_bulk_lane_only_the_chosen_go_first(marketing: Marketing) -> None:
    marketing.write_sync(WAITS + "bulk_threshold: 1\n")
    model = wanted(marketing)
    plan = marketing.plan()
    marketing.apply(plan)
    assert marketing.carried().keys() == chosen(list(model))
    go_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.apply(plan)
    assert_whole(marketing, model)


def test_one_shop_may_be_the_canary_of_the_others(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "canary: {shop: eu, needs_go: true}\n")
    mine, theirs = marketing.customers("us")[0], marketing.customers("eu")[0]
    marketing.want({mine: gold()}, others=[{"shop": "eu", "customer_id": theirs, "vip_tier": "silver"}])
    plan = marketing.plan(None)
    assert marketing.apply(plan).waits
    assert (marketing.carried("us").keys(), marketing.carried("eu").keys()) == (set(), {theirs})
    go_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.apply(plan)
    assert marketing.carried("us").keys() == {mine}


def test_of_a_plan_without_a_chosen_record_one_goes_first_and_a_plan_of_one_record_does_not_wait(
    marketing: Marketing,
) -> None:
    marketing.write_sync(WAITS)
    others = [number for number in marketing.customers() if not is_chosen("spring", 0.3, number)][:3]
    marketing.want({number: gold() for number in others})
    marketing.apply(marketing.plan())
    first = min(others, key=lambda number: pick_of("spring", number))
    assert marketing.carried().keys() == {first}
    other = next(number for number in others if number != first)
    assert not marketing.deliver({first: gold(), other: gold()}).waits
    assert marketing.carried().keys() == {first, other}


def refuse(marketing: Marketing, customer: int) -> None:
    """Shopify takes no value of this customer."""
    fault = {"kind": "user_error", "owner": f"gid://shopify/Customer/{customer}", "message": "No.", "code": "INVALID"}
    marketing.sandbox.faults(fault)


def test_a_refused_value_stops_the_rest_and_the_way_back_and_the_way_on_are_named(marketing: Marketing) -> None:
    marketing.write_sync(AT_ONCE)
    model = wanted(marketing)
    bad = min(chosen(list(model)))
    marketing.want({**model, bad: gold(p_alive="0.5")})
    refuse(marketing, bad)
    plan = marketing.plan()
    with pytest.raises(CanaryFailed) as failed:
        marketing.apply(plan)
    run = marketing.rows("select run_id from ops.delivery_runs")[0][0]
    assert "values of metafield:boomerang.vip_tier were refused in shop us" in str(failed.value)
    assert f"`boomerang undo {run}`" in str(failed.value)
    assert f"`boomerang go {plan.plan_id} --by NAME`" in str(failed.value)
    assert marketing.carried().keys() == chosen(list(model)) - {bad}
    with pytest.raises(CanaryFailed):
        marketing.apply(plan)
    undo = plan_undo(marketing.settings, run, folder=marketing.folder)
    marketing.apply(undo.plan)
    assert marketing.carried() == {}


def test_a_failed_canary_goes_on_when_a_person_says_so(marketing: Marketing) -> None:
    marketing.write_sync(AT_ONCE)
    model = wanted(marketing)
    bad = min(chosen(list(model)))
    marketing.want({**model, bad: gold()})
    refuse(marketing, bad)
    plan = marketing.plan()
    with pytest.raises(CanaryFailed):
        marketing.apply(plan)
    go_plan(marketing.settings, plan.plan_id, "Ada")
    assert marketing.apply(plan).acknowledged == 4 * (len(model) - len(chosen(list(model))))
    assert marketing.carried().keys() == model.keys() - {bad}


def test_a_value_that_is_not_there_when_it_is_read_back_fails_the_canary(marketing: Marketing) -> None:
    marketing.write_sync(AT_ONCE)
    model = wanted(marketing)
    victim = min(chosen(list(model)))

    def meddle(point: str) -> None:
        if point == "delivered":
            marketing.sandbox.ask(
                """mutation Gone($id: ID!) { metafieldsDelete(metafields: [
                {ownerId: $id, namespace: "boomerang", key: "p_alive"}]) { userErrors { message } } }""",
                {"id": f"gid://shopify/Customer/{victim}"},
                shop=US,
            )

    with pytest.raises(CanaryFailed, match=f"1 of .* values read back from shop us are not there .* of {victim}"):
        marketing.apply(marketing.plan(), checkpoint=meddle)


def test_a_go_is_for_a_canary_that_waits(offline: Marketing) -> None:
    offline.want({1: gold()})
    with pytest.raises(UnknownPlan, match="has no canary that waits for a go"):
        go_plan(offline.settings, offline.plan().plan_id, "Ada")


# Where to die, and what a person does next.
POINTS = [
    ("begun", 1, "same plan"),
    ("claimed", 1, "same plan"),
    ("sent", 1, "same plan"),
    ("recorded", 1, "new plan"),
    ("delivered", 1, "same plan"),
    ("delivered", 1, "new plan"),
    ("canary read", 1, "same plan"),
    ("canary judged", 1, "same plan"),
    ("canary judged", 1, "new plan"),
    ("claimed", 3, "same plan"),
    ("sent", 4, "new plan"),
    ("delivered", 2, "same plan"),
    ("ended", 1, "same plan"),
]


@pytest.mark.parametrize(("point", "nth", "recovery"), POINTS)
def test_killed_it_is_taken_up_where_it_was(marketing: Marketing, point: str, nth: int, recovery: str) -> None:
    marketing.write_sync(AT_ONCE)
    model = wanted(marketing)
    plan = marketing.plan()
    command = [sys.executable, "-m", "tests.reverse_etl.dying", str(marketing.folder), plan.plan_id, point, str(nth)]
    assert subprocess.run(command, check=False, timeout=60).returncode == DIED
    marketing.apply(plan if recovery == "same plan" else marketing.plan())
    assert_whole(marketing, model)


def test_killed_while_it_is_judged_it_still_waits_for_the_go(marketing: Marketing) -> None:
    marketing.write_sync(WAITS)
    model = wanted(marketing)
    plan = marketing.plan()
    command = [
        sys.executable,
        "-m",
        "tests.reverse_etl.dying",
        str(marketing.folder),
        plan.plan_id,
        "canary judged",
        "1",
    ]
    assert subprocess.run(command, check=False, timeout=60).returncode == DIED
    with pytest.raises(CanaryWaiting):
        marketing.apply(plan)
    assert marketing.carried().keys() == chosen(list(model))
    go_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.apply(plan)
    assert_whole(marketing, model)


def test_a_newer_plan_takes_the_place_of_one_that_waits(marketing: Marketing) -> None:
    marketing.write_sync(WAITS)
    wanted(marketing)
    marketing.apply(marketing.plan())
    newer = {number: {**gold(), "p_alive": Decimal("0.25")} for number in marketing.customers()[:12]}
    marketing.want(newer)
    plan = marketing.plan()
    marketing.apply(plan)
    go_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.apply(plan)
    assert {values["p_alive"] for values in marketing.carried().values()} == {"0.25"}
