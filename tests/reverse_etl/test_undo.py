"""A run is taken back: what it changed returns to what was before, unless somebody changed it since."""

import pytest

from pipelines.warehouse import Warehouse
from reverse_etl.failures import UnknownRun
from reverse_etl.ledger.tables import PLANS, ensure_tables
from reverse_etl.report import DeliveryReport, Undo
from reverse_etl.undo import plan_undo
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

SET = """
mutation Set($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) { userErrors { message } }
}
"""
REMOVE_TAGS = """
mutation Remove($id: ID!, $tags: [String!]!) { tagsRemove(id: $id, tags: $tags) { userErrors { message } } }
"""


def undone(marketing: Marketing, run_id: str) -> tuple[Undo, DeliveryReport]:
    undo = plan_undo(marketing.settings, run_id, folder=marketing.folder)
    return undo, marketing.apply(undo.plan)


def set_by_hand(marketing: Marketing, customer: int, key: str, kind: str, value: str) -> None:
    metafield = {"namespace": "boomerang", "key": key, "type": kind, "value": value}
    marketing.sandbox.ask(SET, {"metafields": [{"ownerId": f"gid://shopify/Customer/{customer}", **metafield}]})


def test_undoing_twice_changes_nothing_the_second_time(marketing: Marketing) -> None:
    run = marketing.deliver({marketing.customers()[0]: gold()})
    undone(marketing, run.run_id)
    writes = marketing.mutations()
    undo, report = undone(marketing, run.run_id)
    assert undo.plan.is_empty
    assert {left.reason for left in undo.left} == {"changed by a later run"}
    assert (report.acknowledged, marketing.mutations()) == (0, writes)


def test_an_undo_can_be_undone(marketing: Marketing) -> None:
    run = marketing.deliver({marketing.customers()[0]: gold()})
    carried = marketing.carried()
    _, back = undone(marketing, run.run_id)
    assert marketing.carried() == {}
    undone(marketing, back.run_id)
    assert marketing.carried() == carried


def test_what_somebody_changed_in_shopify_since_is_left_alone_and_listed(marketing: Marketing) -> None:
    edited, untagged, other = marketing.customers()[:3]
    run = marketing.deliver({edited: gold(), untagged: gold(), other: gold()})
    set_by_hand(marketing, edited, "vip_tier", "single_line_text_field", "silver")
    gid = f"gid://shopify/Customer/{untagged}"
    marketing.sandbox.ask(REMOVE_TAGS, {"id": gid, "tags": ["boomerang:vip-gold"]})

    _, report = undone(marketing, run.run_id)

    assert marketing.carried() == {edited: {"vip_tier": "silver", "tags": set()}}
    refused = {(one.attribute, one.code, one.rows) for one in report.rejections}
    assert refused == {
        ("metafield:boomerang.vip_tier", "CHANGED_SINCE", 1),
        ("tag:boomerang:vip-gold", "CHANGED_SINCE", 1),
    }


def test_what_a_later_run_changed_is_left_out_of_the_plan(marketing: Marketing) -> None:
    first, second = marketing.customers()[:2]
    run = marketing.deliver({first: gold(), second: gold()})
    marketing.deliver({first: gold(p_alive="0.9"), second: gold()})

    undo, _ = undone(marketing, run.run_id)

    assert [(one.attribute, one.reason, one.rows) for one in undo.left] == [
        ("metafield:boomerang.p_alive", "changed by a later run", 1)
    ]
    assert marketing.carried() == {first: {"p_alive": "0.9", "tags": set()}}


def test_a_value_that_the_sync_file_names_no_more_is_left_alone(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    run = marketing.deliver({customer: gold()})
    without = "\n".join(line for line in SYNC.splitlines() if "p_alive" not in line)
    marketing.write_sync(without + "\n" + NO_GUARD)

    undo, _ = undone(marketing, run.run_id)

    assert [(one.attribute, one.reason) for one in undo.left] == [
        ("metafield:boomerang.p_alive", "not in the sync file any more")
    ]
    assert marketing.carried() == {customer: {"p_alive": "0.5", "tags": set()}}


def test_a_large_run_is_taken_back_although_it_went_in_bulk(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 5\n")
    run = marketing.deliver({number: gold() for number in marketing.customers()[:30]})
    assert len(marketing.carried()) == 30
    _, report = undone(marketing, run.run_id)
    assert (report.acknowledged, report.rejected) == (120, 0)
    assert marketing.carried() == {}


def test_a_run_that_is_unknown_or_forgotten_ends_in_one_sentence(marketing: Marketing) -> None:
    run = marketing.deliver({marketing.customers()[0]: gold()})
    with pytest.raises(UnknownRun, match="no delivery run 'delivery-1'"):
        plan_undo(marketing.settings, "delivery-1", folder=marketing.folder)
    with marketing.warehouse.session() as session:
        session.execute("delete from ops.delivery_outcomes where run_id = ?", (run.run_id,))
    with pytest.raises(UnknownRun, match="cannot be undone any more"):
        plan_undo(marketing.settings, run.run_id, folder=marketing.folder)


def test_a_warehouse_of_an_earlier_version_gains_the_column(marketing: Marketing) -> None:
    with Warehouse(marketing.settings).session() as session:
        session.execute(f"alter table {PLANS} drop column undoes_run")
        ensure_tables(session)
        assert "undoes_run" in session.columns("ops")["delivery_plans"]
    assert marketing.deliver({marketing.customers()[0]: gold()}).acknowledged == 4
