"""A destination is never hurried, and what it says about waiting, failing and access is obeyed."""

import pytest

from pipelines.failures import BoomerangError
from reverse_etl.plans.plan_store import load_plan
from tests.reverse_etl.delivery.test_crashes import assert_whole, expected
from tests.reverse_etl.destinations.conformance.places import Place
from tests.reverse_etl.marketing import gold


def test_no_request_comes_faster_than_the_limit(place: Place) -> None:
    place.keep_a_limit()
    model = {number: gold() for number in place.marketing.customers()[:120]}
    first = place.marketing.deliver(model)
    changed = dict.fromkeys(list(model)[:60], gold(tier="platinum"))
    second = place.marketing.deliver(model | changed)
    assert first.requests + second.requests > place.requests_at_once
    assert (place.refused_as_too_fast(), first.rejected + second.rejected) == (0, 0)
    assert place.marketing.carried() == expected(model | changed)


def test_who_asks_for_patience_gets_it_and_loses_nothing(place: Place) -> None:
    model = {number: gold() for number in place.marketing.customers()[:10]}
    place.throttle(3)
    report = place.marketing.deliver(model)
    assert (report.acknowledged, report.rejected, place.refused_as_too_fast()) == (40, 0, 3)
    assert_whole(place.marketing, model)


def test_a_failure_after_the_write_is_tried_again_without_harm(place: Place) -> None:
    model = {number: gold() for number in place.marketing.customers()[:2]}
    place.fail_after_writing()
    report = place.marketing.deliver(model)
    assert (report.acknowledged, report.rejected, place.changes_made()) == (8, 0, 8)
    assert_whole(place.marketing, model)


def test_who_shuts_us_out_ends_the_run_in_a_sentence_and_the_next_one_goes_on(place: Place) -> None:
    marketing = place.marketing
    model = {number: gold() for number in marketing.customers()[:3]}
    marketing.want(model)
    plan = marketing.plan()
    place.lock_out()
    with pytest.raises(BoomerangError, match=r"\.$"):
        marketing.apply(plan)
    assert load_plan(marketing.settings, plan.plan_id).state == "interrupted"
    place.let_in()
    report = marketing.apply(plan)
    assert report.settled + report.acknowledged == 12
    assert_whole(marketing, model)
