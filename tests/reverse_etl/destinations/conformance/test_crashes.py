"""Killed between any two effects, no destination loses a change or makes one twice."""

import pytest

from tests.reverse_etl.delivery.test_crashes import assert_survived, die
from tests.reverse_etl.destinations.conformance.places import Place
from tests.reverse_etl.marketing import gold

# Where to die, at which time of passing, and what a person does next.
PACED = [
    ("begun", 1, "same plan"),
    ("prepared", 1, "new plan"),
    ("claimed", 1, "same plan"),
    ("sending", 1, "new plan"),
    ("sent", 1, "same plan"),
    ("sent", 3, "new plan"),
    ("recorded", 2, "same plan"),
    ("recorded", 2, "new plan"),
    ("claimed", 3, "new plan"),
    ("delivered", 1, "same plan"),
    ("ended", 1, "new plan"),
]


@pytest.mark.parametrize(("point", "nth", "recovery"), PACED)
def test_killed_at_the_paced_lane(place: Place, point: str, nth: int, recovery: str) -> None:
    assert_survived(place.marketing, point, nth, recovery)


def test_what_was_sent_but_not_written_down_is_settled_and_is_no_new_change(place: Place) -> None:
    marketing = place.marketing
    marketing.want({number: gold(tier="silver") for number in marketing.customers()[:3]})
    plan = marketing.plan()
    die(marketing, plan, "sent", 1)
    carried, made = marketing.carried(), place.changes_made()
    report = marketing.apply(plan)
    assert (report.settled, report.acknowledged, report.rejected) == (9, 0, 0)
    assert (marketing.carried(), place.changes_made()) == (carried, made)
    assert marketing.plan().is_empty


def test_a_wish_that_was_taken_back_during_the_crash_is_undone(place: Place) -> None:
    marketing = place.marketing
    customer = marketing.customers()[0]
    marketing.want({customer: gold()})
    die(marketing, marketing.plan(), "sent", 2)  # values and tag have arrived, nothing of it is written down
    marketing.want({})
    report = marketing.apply(marketing.plan())
    assert (report.acknowledged, report.rejected) == (4, 0)
    assert (marketing.carried(), marketing.acknowledged()) == ({}, {})
