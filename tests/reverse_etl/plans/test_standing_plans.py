"""A plan is applied as it was made, or not at all: approved, young, unchanged, and of the model that stands."""

from datetime import timedelta

import pytest

from pipelines.failures import ConfigurationError
from reverse_etl.failures import NotApproved, PlanChanged, StalePlan, UnknownPlan
from reverse_etl.plans.approvals import approve_plan
from reverse_etl.plans.plan_store import load_plan
from tests.reverse_etl.marketing import MODEL, NO_GUARD, SYNC, Marketing, gold

APPROVED = "approval: {required: true, max_age_hours: 24}\n"


def refused(marketing: Marketing, plan_id: str, failure: type[Exception], said: str) -> None:
    """The apply is refused with a sentence, and no request is sent."""
    writes = marketing.mutations()
    with pytest.raises(failure, match=said):
        marketing.apply(plan_id)
    assert marketing.mutations() == writes
    assert marketing.rows("select count(*) from ops.delivery_runs where state = 'running'") == [(0,)]
    assert marketing.rows("select count(*) from ops.delivery_locks where run_id is not null") == [(0,)]


def test_a_model_that_was_built_with_other_values_since_makes_the_plan_stale(marketing: Marketing) -> None:
    one, other = marketing.customers()[:2]
    marketing.want({one: gold(), other: gold(tier="silver")})
    plan = marketing.plan()
    marketing.want({one: gold(), other: gold(tier="bronze")})
    refused(marketing, plan.plan_id, StalePlan, f"before model {MODEL} was built with other values for shop us")


def test_a_model_that_was_built_with_the_same_values_lets_the_plan_stand(marketing: Marketing) -> None:
    wanted = {number: gold() for number in marketing.customers()[:2]}
    marketing.want(wanted)
    plan = marketing.plan()
    marketing.want(dict(reversed(wanted.items())))
    assert marketing.apply(plan).acknowledged == plan.rows


@pytest.mark.parametrize(
    "change",
    [
        "update ops.delivery_plan_rows set value_after = 'platinum' where value_after = 'gold'",
        "delete from ops.delivery_plan_rows where plan_row = 2",
        "insert into ops.delivery_plan_rows select * replace (99 as plan_row) from ops.delivery_plan_rows limit 1",
        "update ops.delivery_plans set guard_stops = '[\"\"]'",
        "update ops.delivery_plans set expires_at = expires_at + interval 9 day",
    ],
)
def test_a_plan_that_was_changed_in_the_warehouse_is_refused(marketing: Marketing, change: str) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "approval: {max_age_hours: 24}\n")
    marketing.want({number: gold() for number in marketing.customers()[:3]})
    plan = marketing.plan()
    with marketing.warehouse.session() as session:
        session.execute(change)
    writes = marketing.mutations()
    with pytest.raises(PlanChanged, match="Somebody changed or removed rows of it in the warehouse"):
        marketing.apply(plan, allow_large_change=True)
    assert marketing.mutations() == writes


def test_a_plan_that_is_older_than_its_sync_allows_is_refused(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "approval: {max_age_hours: 2}\n")
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    assert plan.expires_at == plan.created_at + timedelta(hours=2)
    with marketing.warehouse.session() as session:
        session.execute(
            "update ops.delivery_plans set expires_at = expires_at - interval 3 hour, "
            "created_at = created_at - interval 3 hour"
        )
    refused(marketing, plan.plan_id, StalePlan, "older than the 2 hours that sync 'customers' allows")
    with pytest.raises(StalePlan):
        approve_plan(marketing.settings, plan.plan_id, "Ada")


def test_a_sync_that_wants_approval_is_applied_after_it_and_says_who_agreed(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + APPROVED)
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    refused(marketing, plan.plan_id, NotApproved, f"`boomerang approve {plan.plan_id} --by NAME`")
    approve_plan(marketing.settings, plan.plan_id, " Ada ")
    approve_plan(marketing.settings, plan.plan_id, "Grace")
    approval = load_plan(marketing.settings, plan.plan_id).approval
    assert approval is not None
    assert (approval.approved_by, approval.via) == ("Ada", "command line")
    kept = marketing.rows("select plan_id, content_hash from ops.delivery_approvals")
    assert kept == [(plan.plan_id, plan.content_hash)]
    assert marketing.apply(plan).acknowledged == plan.rows


def test_an_approval_is_for_one_plan_and_not_for_the_next(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + APPROVED)
    marketing.want({marketing.customers()[0]: gold()})
    approve_plan(marketing.settings, marketing.plan().plan_id, "Ada")
    refused(marketing, marketing.plan().plan_id, NotApproved, "nobody has approved")


def test_an_approval_needs_a_name_and_a_plan(offline: Marketing) -> None:
    offline.want({1: gold()})
    with pytest.raises(ConfigurationError, match="needs a name"):
        approve_plan(offline.settings, offline.plan().plan_id, "  ")
    with pytest.raises(UnknownPlan, match="There is no plan 'p-1'"):
        approve_plan(offline.settings, "p-1", "Ada")


def test_a_plan_for_a_shop_whose_name_means_another_one_now_is_refused(marketing: Marketing) -> None:
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    shops = {**marketing.settings.shops, "us": marketing.settings.shops["eu"]}
    marketing.settings = marketing.settings.model_copy(update={"shops": shops})
    refused(marketing, plan.plan_id, StalePlan, "and shop us is .* now; nothing was written")


def test_a_plan_of_a_sync_that_is_gone_is_refused(marketing: Marketing) -> None:
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    (marketing.folder / "customers.yml").unlink()
    refused(marketing, plan.plan_id, ConfigurationError, "There is no sync 'customers'")


def test_a_plan_is_refused_after_another_one_was_applied(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold()})
    old = marketing.plan()
    marketing.deliver({customer: gold(tier="silver")})
    with pytest.raises(StalePlan, match=r"nothing was written\. Make a new plan"):
        marketing.apply(old)
    assert marketing.carried()[customer]["vip_tier"] == "silver"


def test_a_plan_is_refused_after_its_sync_file_was_changed(marketing: Marketing) -> None:
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    marketing.write_sync(SYNC + NO_GUARD + "description: another one\n")
    with pytest.raises(StalePlan, match=r"before customers\.yml was changed"):
        marketing.apply(plan)
