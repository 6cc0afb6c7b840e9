"""Who did not agree is not written to; who agreed once and does not any more loses what a mirror gave."""

import pytest

from reverse_etl.coverage import values_never_acknowledged
from reverse_etl.failures import StalePlan
from reverse_etl.sync_format.sync_yaml import load_sync
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Customer, Marketing, gold

CONSENT = "purpose: marketing\nconsent: {column: accepts_marketing}\n"


def says(accepts: bool | None) -> Customer:
    """A customer with scores, and what they said of marketing (None: they were never asked)."""
    return gold() | {"accepts_marketing": accepts}


def test_only_customers_who_agreed_are_written_to(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + CONSENT)
    agreed, refused, unasked = marketing.customers()[:3]
    marketing.deliver({agreed: says(True), refused: says(False), unasked: says(None)})
    assert marketing.rows("select distinct record_id from ops.delivery_values") == [(agreed,)]
    # Nothing of the two others is missing: it was never wanted.
    assert values_never_acknowledged(marketing.settings, load_sync("customers", marketing.folder).sync) == 0


@pytest.mark.parametrize(("mode", "left"), [("mirror", 0), ("update", 4), ("add_only", 4)])
def test_who_withdraws_consent_is_cleared_by_a_mirror_and_left_by_the_others(
    marketing: Marketing, mode: str, left: int
) -> None:
    marketing.write_sync(SYNC.replace("mode: mirror", f"mode: {mode}") + NO_GUARD + CONSENT)
    stays, leaves = marketing.customers()[:2]
    marketing.deliver({stays: says(True), leaves: says(True)})
    marketing.deliver({stays: says(True), leaves: says(False) | {"vip_tier": "silver"}})
    assert marketing.rows(f"select count(*) from ops.delivery_values where record_id = {leaves}") == [(left,)]
    assert marketing.rows(f"select count(*) from ops.delivery_values where record_id = {stays}") == [(4,)]


def test_consent_that_is_withdrawn_after_the_plan_stops_its_apply(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + CONSENT)
    customer = marketing.customers()[0]
    marketing.want({customer: says(True)})
    plan = marketing.plan()
    marketing.want({customer: says(False)})
    writes = marketing.mutations()
    with pytest.raises(StalePlan, match="was built with other values for shop us"):
        marketing.apply(plan)
    assert marketing.mutations() == writes
