"""A delivery that nobody watches begins anew, goes on with what is under way, or waits."""

import pytest

from pipelines.failures import DeliveryError
from reverse_etl.deliver import Delivered, deliver_sync
from reverse_etl.failures import NotApproved
from reverse_etl.plans.approvals import approve_plan
from reverse_etl.plans.plan_store import load_plan
from tests.reverse_etl.delivery.test_crashes import assert_whole
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

WAITS = "canary: {share: 0.3, salt: spring, needs_go: true}\n"


def deliver(marketing: Marketing, plan_id: str | None = None) -> Delivered:
    """As Dagster does it."""
    settings = marketing.settings
    return deliver_sync(settings, "customers", plan_id=plan_id, launched_by="run 1", folder=marketing.folder)


def test_it_waits_for_an_approval_and_a_launch_with_the_id_of_the_plan_is_one(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "approval: {required: true}\n")
    model = {number: gold() for number in marketing.customers()[:3]}
    marketing.want(model)
    with pytest.raises(NotApproved, match="boomerang approve customers-"):
        deliver(marketing)
    plan_id = marketing.rows("select plan_id from ops.delivery_plans")[0][0]
    done = deliver(marketing, plan_id)
    assert done.report is not None
    approval = load_plan(marketing.settings, plan_id).approval
    assert approval is not None
    assert (approval.approved_by, approval.via, done.waits) == ("run 1", "dagster", "")
    assert marketing.carried().keys() == model.keys()


def test_a_plan_that_was_approved_meanwhile_is_sent_by_the_next_delivery(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "approval: {required: true}\n")
    marketing.want({number: gold() for number in marketing.customers()[:3]})
    plan = marketing.plan(None)
    approve_plan(marketing.settings, plan.plan_id, "Ada")
    assert deliver(marketing).plan.plan_id == plan.plan_id
    assert deliver(marketing).plan.is_empty


def test_a_canary_that_waits_is_left_alone_until_a_launch_with_its_id(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + WAITS)
    model = {number: gold() for number in marketing.customers()[:12]}
    marketing.want(model)
    first = deliver(marketing)
    assert "for a go: `boomerang go" in first.waits
    writes = marketing.mutations()
    again = deliver(marketing)
    assert (again.plan.plan_id, again.report, marketing.mutations()) == (first.plan.plan_id, None, writes)
    deliver(marketing, first.plan.plan_id)
    assert_whole(marketing, model)


def test_a_canary_whose_model_has_moved_gives_way_to_a_new_plan(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + WAITS.replace("needs_go: true", "wait_minutes: 0"))
    marketing.want({number: gold() for number in marketing.customers()[:3]})
    plan = marketing.plan(None)
    approve_plan(marketing.settings, plan.plan_id, "Ada")
    marketing.want({number: gold(tier="silver") for number in marketing.customers()[:3]})
    assert deliver(marketing).plan.plan_id != plan.plan_id
    assert {values["vip_tier"] for values in marketing.carried().values()} == {"silver"}


def test_a_plan_of_another_sync_is_refused(marketing: Marketing) -> None:
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan(None)
    with pytest.raises(DeliveryError, match="is one of sync 'customers', not of 'orders'"):
        deliver_sync(marketing.settings, "orders", plan_id=plan.plan_id, launched_by="run 1", folder=marketing.folder)
    assert marketing.mutations() == 0
