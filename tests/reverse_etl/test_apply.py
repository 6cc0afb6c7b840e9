"""Plan and apply against the sandbox."""

import json
from decimal import Decimal

import pytest

from pipelines.failures import AccessDenied, SourceUnavailable
from pipelines.shopify.client import ShopifyClient
from reverse_etl.failures import DefinitionConflict, StalePlan
from reverse_etl.plans.plan_store import load_plan
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold
from tests.sandbox_fixture import EU, US


def test_customers_carry_what_the_model_wants_and_the_ledger_agrees(marketing: Marketing) -> None:
    first, second, third = marketing.customers()[:3]
    report = marketing.deliver({first: gold(), second: gold(tier="silver", p_alive="0"), third: {}})
    assert marketing.carried() == {
        first: {
            "vip_tier": "gold",
            "p_alive": "0.5",
            "expected_value_365d": '{"amount":"100.50","currency_code":"USD"}',
            "tags": {"boomerang:vip-gold"},
        },
        second: {
            "vip_tier": "silver",
            "p_alive": "0.0",
            "expected_value_365d": '{"amount":"100.50","currency_code":"USD"}',
            "tags": set(),
        },
    }
    assert (report.planned, report.acknowledged, report.rejected, report.rejections) == (7, 7, 0, [])
    assert report.points >= 20
    assert len(marketing.acknowledged()) == 7
    assert load_plan(marketing.settings, report.plan_id).state == "applied"


def test_applying_a_plan_twice_sends_nothing_the_second_time(marketing: Marketing) -> None:
    marketing.want({number: gold() for number in marketing.customers()[:3]})
    plan = marketing.plan()
    marketing.apply(plan)
    before = len(marketing.sandbox.log())
    report = marketing.apply(plan)
    assert (report.acknowledged, report.rejected, report.requests) == (0, 0, 0)
    assert len(marketing.sandbox.log()) == before


def test_an_unchanged_customer_costs_no_request(marketing: Marketing) -> None:
    first, second = marketing.customers()[:2]
    marketing.deliver({first: gold(), second: gold()})
    before = len(marketing.sandbox.log())
    plan = marketing.plan()
    assert plan.is_empty
    assert marketing.apply(plan).requests == 0
    assert len(marketing.sandbox.log()) == before
    writes = marketing.mutations()
    report = marketing.deliver({first: gold(), second: gold(p_alive="0.75")})
    assert (report.acknowledged, marketing.mutations() - writes) == (1, 1)


def test_calls_carry_up_to_25_values_of_whole_customers(marketing: Marketing) -> None:
    customers = marketing.customers()[:16]
    marketing.deliver({number: {**gold(tier="silver")} for number in customers})
    # Three values a customer: eight customers a call.
    assert marketing.mutations() == 2


def test_both_shops_get_their_own_values(marketing: Marketing) -> None:
    mine, theirs = marketing.customers("us")[0], marketing.customers("eu")[0]
    marketing.want({mine: gold()}, others=[{"shop": "eu", "customer_id": theirs, "vip_tier": "silver"}])
    report = marketing.apply(marketing.plan(None))
    assert (report.planned, report.acknowledged) == (5, 5)
    assert marketing.carried("us").keys() == {mine}
    assert marketing.carried("eu") == {theirs: {"vip_tier": "silver", "tags": set()}}


def test_a_tier_change_swaps_tags_and_leaves_other_tags_alone(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.sandbox.ask(
        'mutation T($id: ID!) { tagsAdd(id: $id, tags: ["wholesale", "boomerangs"]) { userErrors { message } } }',
        {"id": f"gid://shopify/Customer/{customer}"},
    )
    before = set(marketing.sandbox.state()["customers"][str(customer)]["tags"])
    marketing.deliver({customer: gold()})
    since = marketing.sandbox.log()[-1]["number"]
    marketing.deliver({customer: gold(tier="platinum")})
    assert set(marketing.sandbox.state()["customers"][str(customer)]["tags"]) == before | {"boomerang:vip-platinum"}
    roots = [root for entry in marketing.sandbox.log(since=since) for root in entry.get("roots") or ()]
    assert roots.index("tagsAdd") < roots.index("tagsRemove")
    marketing.deliver({})
    assert set(marketing.sandbox.state()["customers"][str(customer)]["tags"]) == before


def test_a_removed_tag_waits_until_the_one_that_replaces_it_stands(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.deliver({customer: gold()})
    full = [
        f"tag-{number}" for number in range(250 - len(marketing.sandbox.state()["customers"][str(customer)]["tags"]))
    ]
    ask = "mutation T($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }"
    marketing.sandbox.ask(ask, {"id": f"gid://shopify/Customer/{customer}", "tags": full})
    report = marketing.deliver({customer: gold(tier="platinum")})
    assert {(r.code, r.attribute) for r in report.rejections} == {
        ("USER_ERROR", "tag:boomerang:vip-platinum"),
        ("HELD_BACK", "tag:boomerang:vip-gold"),
    }
    assert marketing.carried()[customer]["tags"] == {"boomerang:vip-gold"}


def test_definitions_are_made_first_with_validations_and_for_segments(marketing: Marketing) -> None:
    marketing.deliver({marketing.customers()[0]: gold()})
    made = {definition["key"]: definition for definition in marketing.sandbox.state()["definitions"]}
    assert made["vip_tier"]["type"]["name"] == "single_line_text_field"
    assert made["vip_tier"]["capabilities"]["adminFilterable"]["enabled"]
    choices = made["vip_tier"]["validations"][0]
    assert (choices["name"], json.loads(choices["value"])[0]) == ("choices", "platinum")
    assert not made["p_alive"]["capabilities"]["adminFilterable"]["enabled"]


def test_a_definition_of_another_type_stops_before_anything_is_written(marketing: Marketing) -> None:
    create = """
        mutation D($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) { userErrors { code } } }
    """
    definition = {
        "name": "x",
        "namespace": "boomerang",
        "key": "p_alive",
        "ownerType": "CUSTOMER",
        "type": "number_integer",
    }
    marketing.sandbox.ask(create, {"d": definition})
    marketing.want({marketing.customers()[0]: gold()})
    plan = marketing.plan()
    with pytest.raises(
        DefinitionConflict, match=r"p_alive of CUSTOMER as number_integer, but the sync writes number_decimal"
    ):
        marketing.apply(plan)
    assert (marketing.mutations(), marketing.carried()) == (0, {})
    assert load_plan(marketing.settings, plan.plan_id).state == "interrupted"


def test_one_bad_value_rejects_one_customer_and_not_the_whole_call(marketing: Marketing) -> None:
    # A rule that somebody added in the shop, and of which the sync file says nothing.
    rule = {"name": "choices", "value": '["silver", "bronze"]'}
    named = {"name": "Tier", "namespace": "boomerang", "key": "vip_tier", "ownerType": "CUSTOMER"}
    create = "mutation D($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {"
    create += " userErrors { code } } }"
    definition = {**named, "type": "single_line_text_field", "validations": [rule]}
    marketing.sandbox.ask(create, {"d": definition})
    marketing.write_sync(
        SYNC.replace("validations: {choices: [platinum, gold, silver, bronze, none]}, ", "") + NO_GUARD
    )
    good, bad, last = marketing.customers()[:3]
    report = marketing.deliver({good: gold(tier="silver"), bad: gold(tier="diamond"), last: gold(tier="bronze")})
    assert (report.acknowledged, report.rejected) == (6, 3)
    assert marketing.carried().keys() == {good, last}
    reasons = {r.attribute: (r.code, r.example_record_id) for r in report.rejections}
    assert reasons["metafield:boomerang.p_alive"] == ("SIBLING_REJECTED", bad)
    assert reasons["metafield:boomerang.vip_tier"][1] == bad
    assert load_plan(marketing.settings, report.plan_id).state == "partly_applied"


def test_an_error_that_names_no_entry_is_narrowed_down_by_halving(marketing: Marketing) -> None:
    customers = marketing.customers()[:8]
    bad = customers[5]
    fault = {"kind": "user_error", "owner": f"gid://shopify/Customer/{bad}", "message": "No.", "code": "INTERNAL_ERROR"}
    marketing.sandbox.faults(fault)
    report = marketing.deliver({number: gold(tier="silver") for number in customers})
    assert (report.acknowledged, report.rejected) == (21, 3)
    assert marketing.carried().keys() == set(customers) - {bad}


def test_rejected_rows_are_sent_again_by_the_next_plan_and_by_the_same_plan(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    # Each of the three values is refused once, and the tag.
    fault = {"kind": "user_error", "owner": f"gid://shopify/Customer/{customer}", "message": "Not now.", "times": 4}
    marketing.sandbox.faults(fault)
    marketing.want({customer: gold()})
    plan = marketing.plan()
    assert marketing.apply(plan).rejected == 4
    again = marketing.plan()
    assert again.rows == 4
    assert marketing.apply(plan).acknowledged == 4
    with pytest.raises(StalePlan, match="was made before plan"):
        marketing.apply(again)
    assert marketing.plan().is_empty


def test_a_customer_who_does_not_exist_is_rejected_with_the_reason(marketing: Marketing) -> None:
    report = marketing.deliver({1: gold(), marketing.customers()[0]: gold()})
    assert (report.acknowledged, report.rejected) == (4, 4)
    assert {
        (r.reason or "").partition(". It was deleted or merged")[0]
        for r in report.rejections
        if r.code != "SIBLING_REJECTED"
    } == {
        "Owner does not exist",
        "Customer does not exist",
    }


def test_what_a_deleted_customer_carried_counts_as_cleared(marketing: Marketing) -> None:
    with marketing.warehouse.session() as session:
        session.execute(
            """
            insert into ops.delivery_values (shop, object, record_id, attribute, value) values
            ('us', 'customer', 1, 'metafield:boomerang.p_alive', '0.5'),
            ('us', 'customer', 1, 'tag:boomerang:vip-gold', 'boomerang:vip-gold')
            """
        )
    report = marketing.apply(marketing.plan())
    assert (report.acknowledged, report.rejected, marketing.acknowledged()) == (2, 0, {})


def test_a_shop_that_stops_answering_ends_in_one_sentence_and_the_next_apply_goes_on(marketing: Marketing) -> None:
    customers = marketing.customers()[:30]
    marketing.want({number: gold(tier="silver") for number in customers})
    plan = marketing.plan()
    marketing.sandbox.faults({"kind": "http_status", "status": 503, "skip": 1, "root": "metafieldsSet"})
    with pytest.raises(SourceUnavailable, match="failed 4 times at metafieldsSet"):
        marketing.apply(plan)
    assert load_plan(marketing.settings, plan.plan_id).state == "interrupted"
    arrived = len(marketing.carried())
    assert 0 < arrived < 30
    marketing.sandbox.http.delete("/__meta/faults")
    known = len(marketing.acknowledged())
    report = marketing.apply(plan)
    assert known + report.settled + report.acknowledged == 90
    assert len(marketing.carried()) == 30
    assert marketing.plan().is_empty


def test_a_refused_scope_ends_in_one_sentence(marketing: Marketing) -> None:
    marketing.sandbox.settings(scopes="read_customers")
    marketing.want({marketing.customers()[0]: gold()})
    with pytest.raises(AccessDenied, match="write_customers"):
        marketing.apply(marketing.plan())
    assert marketing.carried() == {}


def test_a_scope_that_is_revoked_in_mid_run_keeps_what_was_acknowledged_and_the_next_apply_goes_on(
    marketing: Marketing,
) -> None:
    marketing.want({number: gold(tier="silver") for number in marketing.customers()[:30]})
    plan = marketing.plan()
    fault = {"kind": "access_denied", "root": "metafieldsSet", "scope": "write_customers", "skip": 2, "times": 20}
    marketing.sandbox.faults(fault)
    with pytest.raises(AccessDenied, match="write_customers"):
        marketing.apply(plan)
    assert load_plan(marketing.settings, plan.plan_id).state == "interrupted"
    marketing.sandbox.http.delete("/__meta/faults")
    report = marketing.apply(plan)
    assert len(marketing.acknowledged()) == 90
    assert 0 < report.settled + report.acknowledged <= 90
    assert len(marketing.carried()) == 30


def test_a_token_that_expires_and_a_security_block_in_mid_run_are_waited_out(
    marketing: Marketing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ShopifyClient.__init__.__kwdefaults__, "security_backoff", 0.05)
    marketing.sandbox.faults(
        {"kind": "expired_token", "root": "metafieldsSet", "skip": 1, "times": 1},
        {"kind": "http_status", "status": 430, "root": "metafieldsSet", "skip": 2, "times": 1},
    )
    report = marketing.deliver({number: gold(tier="silver") for number in marketing.customers()[:30]})
    assert (report.acknowledged, report.rejected) == (90, 0)
    assert marketing.sandbox.http.get("/__meta/faults").json() == []  # both struck
    assert marketing.plan().is_empty


def test_the_runs_of_a_plan_are_written_down(marketing: Marketing) -> None:
    report = marketing.deliver({marketing.customers()[0]: gold(tier="silver"), 1: {"p_alive": Decimal("1")}})
    row = marketing.rows("select state, acknowledged, rejected, requests, points, reason from ops.delivery_runs")[0]
    assert row == ("finished", 3, 1, report.requests, Decimal(str(report.points)), None)
    assert marketing.rows("select run_id from ops.delivery_locks where run_id is not null") == []
    assert {US, EU} >= {entry["shop"] for entry in marketing.sandbox.log() if entry.get("roots")}


def test_a_shop_that_is_down_does_not_keep_the_other_from_its_values(marketing: Marketing) -> None:
    mine, theirs = marketing.customers("us")[0], marketing.customers("eu")[0]
    marketing.want({mine: gold()}, others=[{"shop": "eu", "customer_id": theirs, "vip_tier": "silver"}])
    plan = marketing.plan(None)
    marketing.sandbox.faults({"kind": "http_status", "status": 503, "shop": US})
    with pytest.raises(SourceUnavailable, match="Shop us failed"):
        marketing.apply(plan)
    assert marketing.carried("eu").keys() == {theirs}
    marketing.sandbox.http.delete("/__meta/faults")
    assert marketing.apply(plan).acknowledged == 4
    assert marketing.plan(None).is_empty
