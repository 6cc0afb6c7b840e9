"""What should go is said, one by one; that something is missing from a message never means anything."""

import pytest

from pipelines.failures import GuardStopped
from tests.reverse_etl.delivery.test_crashes import expected
from tests.reverse_etl.destinations.conformance.places import Place
from tests.reverse_etl.marketing import SYNC, gold


def test_a_record_that_left_a_mirror_is_cleared_by_explicit_deletions(place: Place) -> None:
    stays, leaves = place.marketing.customers()[:2]
    place.marketing.deliver({stays: gold(), leaves: gold()})
    before = place.deletions()
    report = place.marketing.deliver({stays: gold()})
    assert (report.acknowledged, report.rejected) == (4, 0)
    assert place.deletions() > before
    assert place.marketing.carried() == expected({stays: gold()})


def test_a_value_that_turns_null_is_deleted_and_no_other(place: Place) -> None:
    customer = place.marketing.customers()[0]
    place.marketing.deliver({customer: gold(tier="silver")})
    report = place.marketing.deliver({customer: {"vip_tier": "silver", "p_alive": None}})
    assert report.acknowledged == 2
    assert place.deletions() > 0
    assert place.marketing.carried() == {customer: {"vip_tier": "silver", "tags": set()}}


def test_a_deletion_of_what_is_not_there_any_more_succeeds(place: Place) -> None:
    customer, other = place.marketing.customers()[:2]
    place.marketing.deliver({customer: gold(tier="silver"), other: gold()})
    place.wipe(customer, "vip_tier")
    assert place.marketing.deliver({other: gold()}).rejected == 0
    assert place.marketing.carried() == expected({other: gold()})


def test_a_hand_edit_is_not_deleted_where_it_can_be_seen(place: Place) -> None:
    customer, other = place.marketing.customers()[:2]
    place.marketing.deliver({customer: gold(tier="silver"), other: gold()})
    place.edit(customer, "vip_tier", "bronze")
    report = place.marketing.deliver({other: gold()})
    seen = {customer: {"vip_tier": "bronze", "tags": set()}} if place.can_read else {}
    assert [one.code for one in report.rejections] == ["CONFLICT"] * len(seen)
    assert place.marketing.carried() == expected({other: gold()}) | seen


def test_an_empty_model_is_stopped_by_the_guards_and_deletes_nothing(place: Place) -> None:
    marketing = place.marketing
    model = {number: gold() for number in marketing.customers()[:4]}
    marketing.write_sync(SYNC)
    marketing.deliver(model)
    writes = marketing.mutations()
    marketing.want({})
    plan = marketing.plan()
    with pytest.raises(GuardStopped, match="max_removed_share"):
        marketing.apply(plan)
    assert (marketing.mutations(), place.deletions()) == (writes, 0)
    assert marketing.carried() == expected(model)
    assert marketing.apply(plan, allow_large_change=True).rejected == 0
    assert marketing.carried() == {}
    assert place.deletions() > 0
