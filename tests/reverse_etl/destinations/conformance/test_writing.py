"""What every destination must do with rows: write them once, and say of each what became of it."""

from tests.reverse_etl.delivery.test_crashes import assert_whole, before_and_after, expected
from tests.reverse_etl.destinations.conformance.places import Place
from tests.reverse_etl.marketing import gold


def test_records_carry_what_the_model_wants_and_a_second_plan_is_empty(place: Place) -> None:
    marketing = place.marketing
    before, after = before_and_after(marketing)
    first = marketing.deliver(before)
    assert (first.acknowledged, first.rejected, first.planned) == (48, 0, 48)
    assert marketing.carried() == expected(before)
    second = marketing.deliver(after)
    assert (second.rejected, second.acknowledged) == (0, second.planned)
    assert_whole(marketing, after)
    writes = marketing.mutations()
    assert marketing.deliver(after).requests == 0
    assert marketing.mutations() == writes


def test_one_refused_record_is_named_and_rejects_no_other(place: Place) -> None:
    good, bad, other = place.marketing.customers()[:3]
    place.refuse(bad)
    report = place.marketing.deliver({number: gold() for number in (good, bad, other)})
    assert (report.acknowledged, report.rejected) == (8, 4)
    assert {(refusal.example_record_id, bool(refusal.code and refusal.reason)) for refusal in report.rejections} == {
        (bad, True)
    }
    assert place.marketing.carried() == expected({good: gold(), other: gold()})
    assert place.marketing.plan().rows == 4
