"""No delivery beside an erasure: neither begins while the other is under way, and an older plan is refused after."""

import pytest

from pipelines.failures import DeliveryError
from pipelines.privacy.person import Subject
from pipelines.privacy.redact import redact
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.delivery.held_off import deliveries_held_off
from reverse_etl.failures import AlreadyApplying
from tests.reverse_etl.delivery.test_crashes import die
from tests.reverse_etl.marketing import Marketing, gold


def erase(marketing: Marketing, customer: int) -> None:
    """As `boomerang redact` does it."""
    settings = marketing.settings
    with deliveries_held_off(settings, "us", folder=marketing.folder) as alive:
        redact(
            settings, Subject("us", customer), clear=lambda person: clear_customer(settings, person), checkpoint=alive
        )


def test_an_erasure_beside_a_living_delivery_is_refused_and_changes_nothing(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold()})
    plan, refused = marketing.plan(), []

    def meanwhile(point: str) -> None:
        if point == "begun":
            with pytest.raises(AlreadyApplying, match="is being applied by run delivery-") as error:
                erase(marketing, customer)
            refused.append(str(error.value))

    marketing.apply(plan, checkpoint=meanwhile)
    assert len(refused) == 1
    assert marketing.rows("select state from ops.delivery_runs") == [("finished",)]
    assert customer in marketing.carried()


def test_a_delivery_beside_an_erasure_is_refused_and_goes_on_afterwards(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold()})
    plan = marketing.plan()
    with (
        deliveries_held_off(marketing.settings, "us", folder=marketing.folder),
        pytest.raises(AlreadyApplying, match="is being applied by run redaction-"),
    ):
        marketing.apply(plan)
    assert marketing.apply(plan).acknowledged == plan.rows


def test_a_plan_that_was_made_before_the_erasure_is_refused(marketing: Marketing) -> None:
    gone, stays = marketing.customers()[:2]
    marketing.want({gone: gold(), stays: gold()})
    plan = marketing.plan()
    erase(marketing, gone)
    with pytest.raises(DeliveryError, match="nothing was written"):
        marketing.apply(plan)
    assert marketing.carried() == {}


def test_what_a_dead_delivery_left_in_doubt_is_cleared_too(marketing: Marketing) -> None:
    gone, stays = marketing.customers()[:2]
    marketing.want({gone: gold(), stays: gold()})
    die(marketing, marketing.plan(), "sent", 1)  # written in Shopify, and not in the ledger
    assert gone in marketing.carried()
    assert marketing.acknowledged() == {}
    erase(marketing, gone)
    assert set(marketing.carried()) <= {stays}
    assert all(record != gone for record, _ in marketing.acknowledged())
