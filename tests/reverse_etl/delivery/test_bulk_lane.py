"""The bulk lane: one file instead of thousands of calls, and still one outcome for each value."""

import pytest

from pipelines.failures import BulkOperationFailed, SourceError
from reverse_etl.delivery import bulk_lane
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold


@pytest.fixture
def bulk(marketing: Marketing) -> Marketing:
    """More than one changed customer goes in bulk."""
    marketing.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    return marketing


def bulk_operations(marketing: Marketing) -> int:
    return sum("bulkOperationRunMutation" in (entry.get("roots") or ()) for entry in marketing.sandbox.log())


def calls(marketing: Marketing) -> int:
    return marketing.mutations() - bulk_operations(marketing)


def test_values_and_tags_go_as_one_file_each_and_are_acknowledged(bulk: Marketing) -> None:
    customers = bulk.customers()[:20]
    report = bulk.deliver({number: gold() for number in customers})
    assert (report.acknowledged, report.rejected) == (80, 0)
    assert (bulk_operations(bulk), calls(bulk)) == (2, 0)
    assert bulk.carried().keys() == set(customers)
    assert len(bulk.acknowledged()) == 80
    assert bulk.plan().is_empty
    report = bulk.deliver({})
    assert (report.acknowledged, bulk.carried(), bulk.acknowledged()) == (80, {}, {})


def test_lines_that_shopify_refuses_are_taken_apart_at_the_paced_lane(bulk: Marketing) -> None:
    customers = bulk.customers()[:20]
    wanted = {number: gold(tier="silver") for number in customers}
    owner = f"gid://shopify/Customer/{customers[9]}"
    bulk.sandbox.faults({"kind": "user_error", "owner": owner, "message": "No.", "code": "INVALID"})
    report = bulk.deliver(wanted)
    assert (report.acknowledged, report.rejected) == (57, 3)
    assert bulk.carried().keys() == set(customers) - {customers[9]}
    assert calls(bulk) == 2  # the refused line, and what is left of it
    assert bulk.plan().rows == 3


def test_several_files_are_under_way_at_once(bulk: Marketing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_lane, "FILE_BYTES", 3_000)
    customers = bulk.customers()[:40]
    report = bulk.deliver({number: gold(tier="silver") for number in customers})
    assert report.acknowledged == 120
    assert bulk_operations(bulk) >= 3
    assert bulk.carried().keys() == set(customers)


def test_what_a_failed_operation_did_not_get_to_is_sent_at_the_paced_lane(bulk: Marketing) -> None:
    customers = bulk.customers()[:24]
    bulk.sandbox.faults({"kind": "bulk_failed", "errorCode": "INTERNAL_SERVER_ERROR", "partial": 0.5, "times": 1})
    report = bulk.deliver({number: gold(tier="silver") for number in customers})
    assert (report.acknowledged, report.rejected) == (72, 0)
    assert bulk.carried().keys() == set(customers)
    twice = "select count(*) - count(distinct plan_row) from ops.delivery_outcomes where state = 'acknowledged'"
    assert bulk.rows(twice) == [(0,)]


def test_a_result_that_cannot_be_read_leaves_the_operation_to_be_adopted(bulk: Marketing) -> None:
    customers = bulk.customers()[:10]
    bulk.want({number: gold(tier="silver") for number in customers})
    plan = bulk.plan()
    bulk.sandbox.faults({"kind": "expired_url", "times": 1})
    with pytest.raises(SourceError, match="has expired or is gone"):
        bulk.apply(plan)
    assert bulk.acknowledged() == {}
    report = bulk.apply(plan)
    assert (report.acknowledged, bulk_operations(bulk), calls(bulk)) == (0, 1, 0)
    assert len(bulk.acknowledged()) == 30
    assert bulk.plan().is_empty


def test_an_operation_that_never_ends_is_one_sentence(bulk: Marketing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOOMERANG_EXTRACTION__BULK_TIMEOUT_MINUTES", "0.01")
    from pipelines.config import load_settings

    bulk.settings = load_settings()
    bulk.want({number: gold(tier="silver") for number in bulk.customers()[:4]})
    bulk.sandbox.faults({"kind": "bulk_stuck", "times": 1})
    with pytest.raises(BulkOperationFailed, match="did not end within 1 seconds and was cancelled"):
        bulk.apply(bulk.plan())
