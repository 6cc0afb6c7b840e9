"""All syncs at a glance: audience and last run, by shop."""

from reverse_etl.overview import syncs_by_shop
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold


def test_each_sync_shows_its_audience_and_its_last_run_by_shop(marketing: Marketing) -> None:
    marketing.write_sync(SYNC + NO_GUARD + "consent: {column: accepts_marketing}\n")
    before = syncs_by_shop(marketing.settings, marketing.folder)
    assert [(one.sync.name, one.shop, one.audience, one.last_run) for one in before] == [
        ("customers", "eu", 0, None),
        ("customers", "us", 0, None),
    ]
    agreed, other = marketing.customers()[:2]
    report = marketing.deliver({agreed: gold() | {"accepts_marketing": True}, other: gold()})
    eu, us = syncs_by_shop(marketing.settings, marketing.folder)
    assert (eu.audience, eu.last_run) == (0, None)
    assert us.audience == 1
    assert us.last_run is not None
    assert (us.last_run.run_id, us.last_run.state) == (report.run_id, "finished")
    assert (us.last_run.acknowledged, us.last_run.rejected) == (report.acknowledged, 0)
