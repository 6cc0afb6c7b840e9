"""A value that somebody changed in Shopify between plan and apply is kept, named, and shown by the next plan."""

import pytest

from reverse_etl.ledger.rows import CONFLICT
from reverse_etl.plans.plan_store import load_plan
from tests.reverse_etl.delivery.test_crashes import die
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold
from tests.reverse_etl.test_undo import set_by_hand

TIER = ("vip_tier", "single_line_text_field")
DELETE = """
mutation Delete($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) { userErrors { message } }
}
"""


def delete_by_hand(marketing: Marketing, customer: int, key: str) -> None:
    owner = f"gid://shopify/Customer/{customer}"
    marketing.sandbox.ask(DELETE, {"metafields": [{"ownerId": owner, "namespace": "boomerang", "key": key}]})


@pytest.mark.parametrize("lane", ["paced", "bulk"])
def test_hand_edits_since_the_plan_are_kept_and_everything_else_is_written(marketing: Marketing, lane: str) -> None:
    if lane == "bulk":
        marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    customers = edited, emptied, foreign, *others = marketing.customers()[:8]
    marketing.deliver({number: gold(tier="silver") for number in customers if number != foreign})
    marketing.want({number: gold(tier="bronze", p_alive="0.75") for number in customers})
    plan = marketing.plan()
    set_by_hand(marketing, edited, *TIER, "platinum")
    delete_by_hand(marketing, emptied, "vip_tier")
    set_by_hand(marketing, foreign, *TIER, "platinum")

    report = marketing.apply(plan)

    assert [(one.attribute, one.code, one.rows) for one in report.rejections] == [
        ("metafield:boomerang.vip_tier", CONFLICT, 3)
    ]
    assert "somebody changed it in Shopify since the plan was made" in report.rejections[0].reason
    assert load_plan(marketing.settings, plan.plan_id).state == "partly_applied"
    carried = marketing.carried()
    assert {carried[number].get("vip_tier") for number in others} == {"bronze"}
    assert {carried[number]["p_alive"] for number in customers} == {"0.75"}
    assert [carried[number].get("vip_tier") for number in (edited, emptied, foreign)] == ["platinum", None, "platinum"]

    again = marketing.plan()
    assert {(sample.record_id, sample.value_before, sample.value_after) for sample in again.samples} == {
        (edited, "platinum", "bronze"),
        (emptied, None, "bronze"),
        (foreign, "platinum", "bronze"),
    }
    assert marketing.apply(plan).rejected == 3  # the old plan still knows no better
    assert marketing.apply(marketing.plan()).rejected == 0
    assert {customer["vip_tier"] for customer in marketing.carried().values()} == {"bronze"}
    assert marketing.plan().is_empty


@pytest.mark.parametrize("lane", ["paced", "bulk"])
def test_a_value_that_somebody_changed_is_not_deleted(marketing: Marketing, lane: str) -> None:
    if lane == "bulk":
        marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    edited, other, gone = marketing.customers()[:3]
    marketing.deliver({number: gold(tier="silver") for number in (edited, other, gone)})
    marketing.want({})
    plan = marketing.plan()
    set_by_hand(marketing, edited, *TIER, "platinum")
    delete_by_hand(marketing, gone, "vip_tier")
    report = marketing.apply(plan)
    assert [(one.code, one.rows, one.example_record_id) for one in report.rejections] == [(CONFLICT, 1, edited)]
    assert marketing.carried() == {edited: {"vip_tier": "platinum", "tags": set()}}
    assert marketing.apply(marketing.plan()).acknowledged == 1
    assert marketing.carried() == {}


def test_somebody_who_wrote_what_is_wanted_is_no_conflict(marketing: Marketing) -> None:
    edited, other = marketing.customers()[:2]
    marketing.deliver({edited: gold(tier="silver"), other: gold(tier="silver")})
    marketing.want({edited: gold(tier="bronze"), other: gold(tier="bronze")})
    plan = marketing.plan()
    set_by_hand(marketing, edited, *TIER, "bronze")
    assert (marketing.apply(plan).acknowledged, marketing.plan().is_empty) == (2, True)


def test_what_was_written_before_a_crash_is_not_taken_for_somebody_elses(marketing: Marketing) -> None:
    edited, *others = marketing.customers()[:6]
    marketing.deliver({number: gold(tier="silver") for number in (edited, *others)})
    marketing.want({number: gold(tier="bronze") for number in (edited, *others)})
    plan = marketing.plan()
    die(marketing, plan, "sent", 1)
    set_by_hand(marketing, edited, *TIER, "platinum")
    report = marketing.apply(plan)
    assert (report.settled, report.rejected, report.rejections[0].code) == (5, 1, CONFLICT)
    assert marketing.carried()[edited]["vip_tier"] == "platinum"


def test_a_value_whose_digest_nobody_knows_is_written_all_the_same(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.deliver({customer: gold(tier="silver")})
    with marketing.warehouse.session() as session:  # of a ledger that an earlier version wrote
        session.execute("update ops.delivery_values set digest = null where true")
    assert marketing.deliver({customer: gold(tier="bronze")}).rejected == 0
    assert marketing.rows("select count(*) from ops.delivery_values where digest is null") == [(2,)]
