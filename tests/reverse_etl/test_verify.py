"""What drifted in Shopify since it was acknowledged is found, named by its kind, and brought back on demand."""

import pytest

from reverse_etl.delivery.runs import new_run_id
from reverse_etl.failures import AlreadyApplying
from reverse_etl.ledger.locks import acquire, release
from reverse_etl.verify import Verification, verify_sync
from tests.reverse_etl.marketing import Marketing, gold
from tests.reverse_etl.test_undo import REMOVE_TAGS, set_by_hand

ADD_TAGS = """
mutation Add($id: ID!, $tags: [String!]!) { tagsAdd(id: $id, tags: $tags) { userErrors { message } } }
"""


def verified(marketing: Marketing, **options: bool) -> Verification:
    return verify_sync(marketing.settings, "customers", "us", folder=marketing.folder, **options)


def drift(found: Verification) -> set[tuple[str, str, int]]:
    return {(one.attribute.rpartition(":")[2], one.kind, one.example_record_id) for one in found.drift}


def gid(customer: int) -> str:
    return f"gid://shopify/Customer/{customer}"


def test_what_nobody_touched_is_in_place(marketing: Marketing) -> None:
    marketing.deliver({number: gold() for number in marketing.customers()[:40]})
    writes = marketing.mutations()
    found = verified(marketing)
    assert (found.acknowledged, found.in_place, found.drift) == (160, 160, [])
    assert marketing.mutations() == writes


def test_hand_edits_are_named_by_their_kind(marketing: Marketing) -> None:
    edited, untagged, foreign, tagged, untouched = marketing.customers()[:5]
    marketing.deliver({edited: gold(), untagged: gold(), untouched: gold()})
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "silver")
    marketing.sandbox.ask(REMOVE_TAGS, {"id": gid(untagged), "tags": ["boomerang:vip-gold"]})
    set_by_hand(marketing, foreign, "vip_tier", "single_line_text_field", "platinum")
    marketing.sandbox.ask(ADD_TAGS, {"id": gid(tagged), "tags": ["boomerang:vip-gold"]})

    found = verified(marketing)

    assert drift(found) == {
        ("boomerang.vip_tier", "changed", edited),
        ("vip-gold", "removed", untagged),
        ("boomerang.vip_tier", "foreign", foreign),
        ("vip-gold", "foreign", tagged),
    }
    assert (found.acknowledged, found.in_place) == (12, 10)


def test_a_customer_who_is_not_there_any_more_is_gone_and_not_emptied(marketing: Marketing) -> None:
    with marketing.warehouse.session() as session:
        session.execute(
            "insert into ops.delivery_values (shop, object, record_id, attribute, value) values "
            "('us', 'customer', 1, 'metafield:boomerang.p_alive', '0.5')"
        )
    assert drift(verified(marketing)) == {("boomerang.p_alive", "gone", 1)}
    verified(marketing, restore=True)
    assert marketing.acknowledged() == {}


def test_what_drifted_is_restored_by_the_next_plan_and_all_is_in_place_again(marketing: Marketing) -> None:
    edited, untagged, foreign = marketing.customers()[:3]
    marketing.deliver({edited: gold(), untagged: gold()})
    carried = marketing.carried()
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "silver")
    marketing.sandbox.ask(REMOVE_TAGS, {"id": gid(untagged), "tags": ["boomerang:vip-gold"]})
    set_by_hand(marketing, foreign, "vip_tier", "single_line_text_field", "platinum")
    assert marketing.plan().is_empty

    verified(marketing, restore=True)
    report = marketing.apply(marketing.plan())

    assert (report.acknowledged, report.rejected) == (3, 0)
    assert marketing.carried() == carried
    assert verified(marketing).drift == []


def test_a_value_that_shopify_only_spells_otherwise_has_not_drifted(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.deliver({customer: gold()})
    with marketing.warehouse.session() as session:
        spelled = '{"amount": "100.5", "currency_code": "USD"}'
        session.execute("update ops.delivery_values set value = ? where attribute like '%expected_value%'", (spelled,))
    assert verified(marketing).drift == []


def test_no_delivery_runs_while_values_are_compared(marketing: Marketing) -> None:
    other = new_run_id()
    with marketing.warehouse.session() as session:
        acquire(session, "customers", ["us"], other)
    with pytest.raises(AlreadyApplying):
        verified(marketing)
    with marketing.warehouse.session() as session:
        release(session, other)
    assert verified(marketing).drift == []
