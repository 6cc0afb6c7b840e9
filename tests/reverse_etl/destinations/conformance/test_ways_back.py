"""A delivery is taken back to what was before, hand edits are respected where they can be seen, a person is cleared."""

import pytest

from pipelines.failures import BoomerangError
from pipelines.privacy.person import Subject
from pipelines.privacy.redact import Redaction, redact
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.failures import DestinationNotReadable
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync
from tests.reverse_etl.delivery.test_crashes import die, expected
from tests.reverse_etl.destinations.conformance.places import Place
from tests.reverse_etl.marketing import NO_GUARD, SYNC, gold


def erased(place: Place, customer: int) -> Redaction:
    settings = place.marketing.settings
    return redact(settings, Subject("us", customer), clear=lambda person: clear_customer(settings, person))


def test_a_run_that_is_taken_back_leaves_what_was_before(place: Place) -> None:
    marketing = place.marketing
    old, changed, dropped, new = marketing.customers()[:4]
    marketing.deliver({old: gold(), changed: gold(), dropped: gold()})
    before = marketing.carried()
    run = marketing.deliver({old: gold(), changed: gold(tier="platinum", p_alive="0.9"), new: gold(tier="silver")})
    undo = plan_undo(marketing.settings, run.run_id, folder=marketing.folder)
    report = marketing.apply(undo.plan)
    assert (report.acknowledged, report.rejected, undo.left) == (run.acknowledged, 0, [])
    assert marketing.carried() == before
    assert len(marketing.acknowledged()) == 12
    assert marketing.acknowledged()[changed, "metafield:boomerang.vip_tier"] == "gold"
    assert plan_undo(marketing.settings, run.run_id, folder=marketing.folder).plan.is_empty


@pytest.mark.parametrize(("point", "nth"), [("claimed", 1), ("sending", 2), ("sent", 2), ("recorded", 1)])
def test_an_undo_that_is_killed_goes_on_where_it_was(place: Place, point: str, nth: int) -> None:
    marketing = place.marketing
    stays, *others = marketing.customers()[:8]
    marketing.deliver({stays: gold()})
    before = marketing.carried()
    run = marketing.deliver({stays: gold(tier="platinum"), **{number: gold() for number in others}})
    undo = plan_undo(marketing.settings, run.run_id, folder=marketing.folder)
    die(marketing, undo.plan, point, nth)
    assert marketing.apply(undo.plan).rejected == 0
    assert marketing.carried() == before


def test_an_undo_keeps_what_somebody_changed_since_or_says_that_it_can_not_know(place: Place) -> None:
    marketing = place.marketing
    edited, other = marketing.customers()[:2]
    run = marketing.deliver({edited: gold(tier="silver"), other: gold()})
    place.edit(edited, "vip_tier", "bronze")
    undo = plan_undo(marketing.settings, run.run_id, folder=marketing.folder)
    report = marketing.apply(undo.plan)
    assert undo.compares == place.can_read
    kept = {edited: {"vip_tier": "bronze", "tags": set()}} if place.can_read else {}
    assert marketing.carried() == kept
    assert [one.code for one in report.rejections] == ["CHANGED_SINCE"] * len(kept)


def test_verification_finds_a_hand_edit_or_says_that_it_can_not_read(place: Place) -> None:
    marketing = place.marketing
    edited, other = marketing.customers()[:2]
    marketing.deliver({edited: gold(), other: gold()})
    place.edit(edited, "vip_tier", "silver")
    if not place.can_read:
        with pytest.raises(DestinationNotReadable, match="has no read_url"):
            verify_sync(marketing.settings, "customers", "us", folder=marketing.folder)
        return
    found = verify_sync(marketing.settings, "customers", "us", folder=marketing.folder, restore=True)
    assert (found.acknowledged, found.in_place) == (8, 7)
    assert [(one.kind, one.example_record_id) for one in found.drift] == [("changed", edited)]
    assert marketing.apply(marketing.plan()).acknowledged == 1
    assert marketing.carried() == expected({edited: gold(), other: gold()})


def test_a_canary_that_is_refused_stops_the_rest(place: Place) -> None:
    marketing = place.marketing
    marketing.write_sync(SYNC + NO_GUARD + "canary: {share: 0.3, salt: spring, wait_minutes: 0}\n")
    model = {number: gold() for number in marketing.customers()[:20]}
    for number in model:
        place.refuse(number)
    marketing.want(model)
    with pytest.raises(BoomerangError, match=r"canary of plan .* failed"):
        marketing.apply(marketing.plan())
    assert marketing.carried() == {}


def test_a_canary_that_is_in_place_lets_the_rest_go(place: Place) -> None:
    marketing = place.marketing
    marketing.write_sync(SYNC + NO_GUARD + "canary: {share: 0.3, salt: spring, wait_minutes: 0}\n")
    model = {number: gold() for number in marketing.customers()[:20]}
    report = marketing.deliver(model)
    assert report.canary is not None
    assert (report.canary.state, bool(report.canary.checked)) == ("waiting", place.can_read)
    assert marketing.carried() == expected(model)


def test_a_redacted_person_carries_nothing_and_the_report_counts_it(place: Place) -> None:
    marketing = place.marketing
    gone, stays = marketing.customers()[:2]
    marketing.deliver({gone: gold(), stays: gold()})
    before = place.deletions()
    done = erased(place, gone)
    assert done.cleared == {place.name: 4}
    assert place.deletions() > before
    assert marketing.carried() == expected({stays: gold()})
    assert {record for record, _ in marketing.acknowledged()} == {stays}
    assert erased(place, gone).cleared == {}


def test_what_a_dead_run_may_have_written_to_a_person_is_cleared_too(place: Place) -> None:
    marketing = place.marketing
    gone, stays = marketing.customers()[:2]
    marketing.want({gone: gold(), stays: gold()})
    die(marketing, marketing.plan(), "sent", 1)
    assert gone in marketing.carried()
    assert marketing.acknowledged() == {}
    assert erased(place, gone).cleared == {place.name: 3}
    marketing.want({stays: gold()})
    marketing.apply(marketing.plan())
    assert marketing.carried() == expected({stays: gold()})


def test_a_person_is_not_forgotten_here_while_the_destination_still_has_them(place: Place) -> None:
    marketing = place.marketing
    person = marketing.customers()[0]
    marketing.deliver({person: gold()})
    place.lock_out()
    with pytest.raises(BoomerangError, match=r"\.$"):
        erased(place, person)
    assert len(marketing.acknowledged()) == 4
    place.let_in()
    assert erased(place, person).cleared == {place.name: 4}
    assert (marketing.carried(), marketing.acknowledged()) == ({}, {})
