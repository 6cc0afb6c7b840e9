"""A webhook's share of the ledger on DuckDB, Snowflake and BigQuery: settled, verified and cleared by the same SQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.failures import DeliveryError
from pipelines.privacy.person import Person, Subject
from reverse_etl.delivery.clearing import clear_customer
from reverse_etl.undo import plan_undo
from reverse_etl.verify import verify_sync
from tests.reverse_etl.delivery.test_crashes import die, expected
from tests.reverse_etl.destinations.conformance.places import ReadableWebhookPlace, WebhookPlace, webhook
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold


@pytest.fixture
def crm(
    clean_environment: None,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    warehouse_environment: dict[str, str],
) -> Iterator[WebhookPlace]:
    for name, value in warehouse_environment.items():
        monkeypatch.setenv(name, value)
    with webhook(monkeypatch, tmp_path, ReadableWebhookPlace) as place:
        yield place


def test_it_is_settled_verified_taken_back_and_cleared(crm: WebhookPlace) -> None:
    marketing = crm.marketing
    first, second = marketing.customers()[:2]
    model = {first: gold(), second: gold()}
    marketing.want(model)
    plan = marketing.plan()
    die(marketing, plan, "sent", 1)
    Marketing.write_sync(marketing, SYNC + NO_GUARD)
    with pytest.raises(DeliveryError, match="to crm was cut off"):
        marketing.plan()
    marketing.write_sync(SYNC + NO_GUARD)
    done = marketing.apply(plan)
    assert (done.settled + done.acknowledged, done.rejected) == (8, 0)
    assert marketing.carried() == expected(model)

    crm.edit(first, "vip_tier", "silver")
    found = verify_sync(marketing.settings, "customers", "us", folder=marketing.folder, restore=True)
    assert [(one.kind, one.example_record_id) for one in found.drift] == [("changed", first)]
    run = marketing.apply(marketing.plan())
    assert marketing.carried() == expected(model)
    assert marketing.apply(plan_undo(marketing.settings, run.run_id, folder=marketing.folder).plan).acknowledged == 1

    assert clear_customer(marketing.settings, Person(Subject("us", first))) == {"crm": 4}
    assert marketing.carried() == expected({second: gold()})
