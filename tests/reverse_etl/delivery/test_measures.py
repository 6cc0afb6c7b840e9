"""What lanes cost is measured in each run, and the next one is sent by it."""

from pathlib import Path

import pytest

from pipelines.config import load_settings
from pipelines.failures import SourceUnavailable
from reverse_etl.ledger.costs import last_costs
from reverse_etl.undo import plan_undo
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold

MEASURED = "select action, lane, sent_calls, sent_rows from ops.delivery_costs where run_id = ? order by action, lane"


@pytest.fixture
def free(marketing: Marketing, tmp_path: Path) -> Marketing:
    """Nobody has set a threshold."""
    file = tmp_path / "boomerang.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("bulk_threshold = 100000\n", ""), encoding="utf-8")
    marketing.settings = load_settings()
    assert marketing.settings.delivery.bulk_threshold is None
    return marketing


def test_a_run_measures_each_action_by_calls_rows_points_and_seconds(marketing: Marketing) -> None:
    report = marketing.deliver({number: gold() for number in marketing.customers()[:30]})
    assert marketing.rows(MEASURED, report.run_id) == [("set", "paced", 4, 90), ("tag_add", "paced", 30, 30)]
    costs = "select cast(sum(points) as double), min(seconds) >= 0, min(restore_rate) from ops.delivery_costs"
    assert marketing.rows(costs) == [(340.0, True, 100)]  # 10 points a call; the definitions are nobody's action
    assert report.points > 340


def test_a_lane_that_somebody_has_set_says_who_did(marketing: Marketing) -> None:
    report = marketing.deliver({marketing.customers()[0]: gold(tier="silver")})
    assert report.lanes == ("us set: paced: 1 records are not more than bulk_threshold 100,000 of the settings",)


def test_the_first_run_measures_and_the_second_chooses_by_it(free: Marketing) -> None:
    customers = free.customers()
    tags = len(customers)
    free.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    first = free.deliver({number: gold() for number in customers})
    assert ("tag_add", "bulk", tags, tags) in free.rows(MEASURED, first.run_id)
    free.write_sync(SYNC + NO_GUARD)
    second = free.deliver({number: gold(tier="platinum") for number in customers})
    added = next(lane for lane in second.lanes if lane.startswith("us tag add: "))
    # A thousand points take the smallest plan ten seconds. The sandbox's bulk operations take less; those that are
    # assumed before anything is measured take a minute.
    assert added.startswith(f"us tag add: bulk: {tags} values take about ")
    assert "(not measured yet)" not in added
    assert ("tag_add", "bulk", tags, tags) in free.rows(MEASURED, second.run_id)
    carried = free.carried()
    assert carried.keys() == set(customers)
    assert all(values["tags"] == {"boomerang:vip-platinum"} for values in carried.values())


def test_without_measurements_the_assumptions_choose_and_say_so(free: Marketing) -> None:
    report = free.deliver({number: gold(tier="silver") for number in free.customers()[:10]})
    assert report.lanes == (
        "us set: paced: 30 values cost about 12 points, 0.1 s at 100 points a second (cost not measured yet); "
        "bulk would take about 60 s (not measured yet)",
    )
    again = free.deliver({number: gold(tier="bronze") for number in free.customers()[:10]})
    assert "at 100 points a second; bulk" in again.lanes[0]


def test_an_interrupted_run_keeps_what_it_measured(free: Marketing) -> None:
    free.want({number: gold(tier="silver") for number in free.customers()[:30]})
    plan = free.plan()
    free.sandbox.faults({"kind": "http_status", "status": 503, "skip": 1, "root": "metafieldsSet"})
    with pytest.raises(SourceUnavailable):
        free.apply(plan)
    run = free.rows("select run_id from ops.delivery_runs where state = 'interrupted'")[0][0]
    assert free.rows(MEASURED, run) == [("set", "paced", 1, 24)]
    free.sandbox.http.delete("/__meta/faults")
    report = free.apply(plan)
    assert report.acknowledged + report.settled > 0
    assert "(cost not measured yet)" not in report.lanes[0]


def test_what_is_refused_after_a_bulk_operation_does_not_count_as_paced(free: Marketing) -> None:
    free.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    customers = free.customers()[:20]
    owner = f"gid://shopify/Customer/{customers[9]}"
    free.sandbox.faults({"kind": "user_error", "owner": owner, "message": "No.", "code": "INVALID"})
    report = free.deliver({number: gold(tier="silver") for number in customers})
    assert free.rows(MEASURED, report.run_id) == [("set", "bulk", 3, 60), ("set", "paced", 1, 24)]
    with free.warehouse.session() as session:
        assert [(one.action, one.lane) for one in last_costs(session, ["us"])] == [("set", "bulk")]


def test_an_undo_is_paced_and_leaves_no_measurement(free: Marketing) -> None:
    free.write_sync(SYNC + NO_GUARD + "bulk_threshold: 1\n")
    done = free.deliver({number: gold(tier="silver") for number in free.customers()[:4]})
    undone = free.apply(plan_undo(free.settings, done.run_id, folder=free.folder).plan)
    assert undone.lanes == ("us delete: paced: an undo reads each value before it takes it back",)
    assert free.rows(MEASURED, undone.run_id) == []
