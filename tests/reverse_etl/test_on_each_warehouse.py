"""Write-back on DuckDB, Snowflake and BigQuery: the same rows, the same outcomes, the same way back after a crash."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pipelines.failures import GuardStopped
from reverse_etl.delivery.canary import go_plan
from reverse_etl.failures import AlreadyApplying, NotApproved, PlanChanged, StalePlan
from reverse_etl.plans.approvals import approve_plan
from reverse_etl.plans.model_state import ModelState, store_model_states
from reverse_etl.plans.sampling import is_chosen
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync
from tests.reverse_etl.delivery.test_crashes import assert_survived, assert_whole, before_and_after
from tests.reverse_etl.marketing import MODEL, NO_GUARD, SYNC, Marketing, gold
from tests.reverse_etl.test_undo import set_by_hand


def test_a_delivery_and_the_next_one_that_finds_nothing_to_do(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    before, after = before_and_after(marketing)
    first = marketing.deliver(before)
    assert (first.acknowledged, first.rejected) == (first.planned, 0)
    second = marketing.deliver(after)
    assert (second.acknowledged, second.rejected) == (second.planned, 0)
    assert_whole(marketing, after)
    writes = marketing.mutations()
    assert marketing.deliver(after).planned == 0
    assert marketing.mutations() == writes


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)  # DuckDB: test_crashes
@pytest.mark.parametrize(
    ("point", "nth", "recovery", "lane"),
    [
        pytest.param("claimed", 2, "same plan", "paced", marks=pytest.mark.long),
        ("sent", 1, "same plan", "paced"),
        pytest.param("recorded", 3, "new plan", "paced", marks=pytest.mark.long),
        pytest.param("submitted", 1, "new plan", "bulk", marks=pytest.mark.long),
        pytest.param("bulk ended", 2, "same plan", "bulk", marks=pytest.mark.long),
    ],
)
def test_killed_it_neither_loses_nor_repeats_an_acknowledged_change(
    marketing_anywhere: Marketing, point: str, nth: int, recovery: str, lane: str
) -> None:
    marketing = marketing_anywhere
    if lane == "bulk":
        marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    assert_survived(marketing, point, nth, recovery)


def test_a_guard_stops_what_would_change_too_many_and_lets_it_pass_on_purpose(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    customers = marketing.customers()[:10]
    marketing.write_sync(SYNC + "guard: {max_shift: 0.5, max_model_age_hours: 24, max_audience_deviation: 0.5}\n")
    store_model_states(marketing.settings, {MODEL: ModelState(datetime.now(UTC))})
    marketing.deliver({number: gold(tier="silver") for number in customers})
    marketing.want({number: gold(tier="bronze", p_alive="0.9") for number in customers})
    plan = marketing.plan()
    assert [stop.split(":")[0] for stop in plan.guard_stops] == ["max_changed_share", "max_shift"]
    assert "vip_tier shift by 100.0 %" in plan.guard_stops[1]
    writes = marketing.mutations()
    with pytest.raises(GuardStopped, match="max_changed_share: 10 records of shop us would change"):
        marketing.apply(plan)
    assert marketing.mutations() == writes
    assert marketing.apply(plan, allow_large_change=True).acknowledged == 20
    # Three in ten are held out from now on, and lose what they had; newcomers are numbered on from there.
    marketing.write_sync(SYNC + NO_GUARD + "holdout: {share: 0.3, stratify_by: vip_tier, salt: spring}\n")
    newcomers = marketing.customers()[10:20]
    marketing.plan()
    marketing.deliver({number: gold(tier="bronze") for number in [*customers, *newcomers]})
    held = marketing.rows("select customer_id from ops.holdout_assignments where assigned_group = 'control'")
    assert len({number for (number,) in held} & set(customers)) == 3
    assert len(held) == 6
    assert set(marketing.carried()) == {*customers, *newcomers} - {number for (number,) in held}


def test_a_plan_stands_while_its_rows_and_its_model_do_and_is_sent_once_it_is_approved(
    marketing_anywhere: Marketing,
) -> None:
    marketing = marketing_anywhere
    marketing.write_sync(SYNC + NO_GUARD + "approval: {required: true, max_age_hours: 24}\n")
    wanted = {number: gold(tier="silver") for number in marketing.customers()[:3]}
    marketing.want(wanted)
    older, plan = marketing.plan(), marketing.plan()
    with pytest.raises(NotApproved, match=f"boomerang approve {plan.plan_id}"):
        marketing.apply(plan)
    with marketing.warehouse.session() as session:
        session.execute("update ops.delivery_plan_rows set value_after = 'gold' where plan_id = ?", (older.plan_id,))
    with pytest.raises(PlanChanged):
        approve_plan(marketing.settings, older.plan_id, "Ada")
    approve_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.want({number: gold(tier="bronze") for number in wanted})
    with pytest.raises(StalePlan, match="was built with other values"):
        marketing.apply(plan)
    marketing.want(wanted)
    assert marketing.apply(plan).acknowledged == plan.rows


def test_the_canary_goes_first_everywhere_the_same_records(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    marketing.write_sync(SYNC + NO_GUARD + "canary: {share: 0.3, salt: spring, needs_go: true}\n")
    wanted = {number: gold(tier="silver") for number in marketing.customers()[:12]}
    marketing.want(wanted)
    plan = marketing.plan()
    report = marketing.apply(plan)
    first = {number for number in wanted if is_chosen("spring", 0.3, number)}
    assert report.waits
    assert marketing.carried().keys() == first
    go_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.apply(plan)
    assert marketing.carried().keys() == wanted.keys()


def test_the_second_of_two_applies_refuses_and_an_older_plan_is_stale_afterwards(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    customer = marketing.customers()[0]
    marketing.want({customer: gold(tier="silver")})
    older, plan = marketing.plan(), marketing.plan()
    begun, go_on = threading.Event(), threading.Event()

    def wait(point: str) -> None:
        if point == "begun":
            begun.set()
            assert go_on.wait(60)

    first = threading.Thread(target=marketing.apply, args=(plan,), kwargs={"checkpoint": wait})
    first.start()
    assert begun.wait(60)
    with pytest.raises(AlreadyApplying, match="is being applied by run delivery-"):
        marketing.apply(plan)
    go_on.set()
    first.join(60)
    assert marketing.rows("select state, acknowledged from ops.delivery_runs") == [("finished", 3)]
    with pytest.raises(StalePlan):
        marketing.apply(older)


def test_a_refused_value_stays_in_the_difference(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    good, bad = marketing.customers()[:2]
    fault = {"kind": "user_error", "owner": f"gid://shopify/Customer/{bad}", "message": "No.", "code": "INVALID"}
    marketing.sandbox.faults(fault)
    report = marketing.deliver({good: gold(), bad: gold(tier="silver")})
    assert report.rejected == 3
    assert {record for record, _ in marketing.acknowledged()} == {good}
    marketing.sandbox.http.delete("/__meta/faults")
    again = marketing.deliver({good: gold(), bad: gold(tier="silver", p_alive="0.25", value="3.00")})
    assert (again.planned, again.acknowledged) == (3, 3)
    assert marketing.acknowledged()[bad, "metafield:boomerang.p_alive"] == str(Decimal("0.25"))


RULES = 'validations: {min: "0", max: "1", max_precision: "3"}'
EVERY_RULE = SYNC.replace("name: P alive, drifts: true}", f"name: P alive, {RULES}}}").replace(
    "silver, bronze, none]}", 'silver, bronze, none], regex: "^[a-z]+$", min: "3"}'
)


def test_what_shopify_would_refuse_is_named_in_the_plan_and_the_last_good_value_stays(
    marketing_anywhere: Marketing,
) -> None:
    marketing = marketing_anywhere
    assert "max_precision" in EVERY_RULE
    assert "regex" in EVERY_RULE
    marketing.write_sync(EVERY_RULE + NO_GUARD)
    good, bad = marketing.customers()[:2]
    marketing.deliver({good: gold(), bad: gold("0.25")})
    marketing.want({good: gold("0.75"), bad: gold("1.5", "7.00", tier="emerald")})
    plan = marketing.plan()
    assert plan.rows == 3  # the tag of gold goes, as the model says
    assert [(one.attribute, one.code, one.rows, one.example_record_id) for one in plan.rejections] == [
        ("metafield:boomerang.p_alive", "INVALID_VALUE", 1, bad),
        ("metafield:boomerang.vip_tier", "INCLUSION", 1, bad),
    ]
    report = marketing.apply(plan)
    assert (report.acknowledged, report.rejected) == (3, 0)
    carried = marketing.carried()[bad]
    assert (carried["vip_tier"], carried["p_alive"]) == ("gold", "0.25")
    assert '"7.00"' in carried["expected_value_365d"]
    again = marketing.plan()
    assert (again.rows, again.rejected) == (0, 2)


def test_a_delivery_is_verified_restored_and_taken_back(marketing_anywhere: Marketing) -> None:
    marketing = marketing_anywhere
    edited, other = marketing.customers()[:2]
    run = marketing.deliver({edited: gold(), other: gold()})
    carried = marketing.carried()
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "silver")
    found = verify_sync(marketing.settings, "customers", "us", restore=True, folder=marketing.folder)
    assert [(one.kind, one.rows) for one in found.drift] == [("changed", 1)]
    assert marketing.apply(marketing.plan()).acknowledged == 1
    assert marketing.carried() == carried
    undo = plan_undo(marketing.settings, run.run_id, folder=marketing.folder)
    assert [(left.reason, left.rows) for left in undo.left] == [("changed by a later run", 1)]
    assert marketing.apply(undo.plan).acknowledged == 7
    assert marketing.carried() == {edited: {"vip_tier": "gold", "tags": set()}}


def test_a_hand_edit_since_the_plan_is_kept_whatever_the_lane_and_shown_by_the_next_plan(
    marketing_anywhere: Marketing,
) -> None:
    marketing = marketing_anywhere
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    edited, other = marketing.customers()[:2]
    marketing.deliver({edited: gold(tier="silver"), other: gold(tier="silver")})
    assert marketing.rows("select count(*) from ops.delivery_values where digest is null") == [(0,)]
    marketing.want({edited: gold(tier="bronze"), other: gold(tier="bronze")})
    plan = marketing.plan()
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "platinum")
    report = marketing.apply(plan)
    assert (report.acknowledged, [(one.code, one.rows) for one in report.rejections]) == (1, [("CONFLICT", 1)])
    assert marketing.acknowledged()[edited, "metafield:boomerang.vip_tier"] == "platinum"
    marketing.want({})
    plan = marketing.plan()
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "silver")
    assert (marketing.apply(plan).acknowledged, marketing.carried()[edited]["vip_tier"]) == (5, "silver")
