"""Measurements that are stored, found again, and forgotten."""

from datetime import UTC, datetime, timedelta

from reverse_etl.ledger.costs import LAST_RUNS, LaneCost, last_costs, write_costs
from reverse_etl.ledger.retention import forget_old_plans
from tests.reverse_etl.marketing import Marketing

ONE = LaneCost("us", "set", "paced", 48, 1_200, 480.5, 9.25, 50.0)


def write(marketing: Marketing, run_id: str, *costs: LaneCost, days_ago: float = 0) -> None:
    moment = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=days_ago)
    with marketing.warehouse.session() as session, session.transaction():
        write_costs(session, run_id, "customers", costs)
        session.execute("update ops.delivery_costs set observed_at = ? where run_id = ?", (moment, run_id))


def last(marketing: Marketing, *shops: str) -> list[LaneCost]:
    with marketing.warehouse.session() as session:
        return last_costs(session, shops)


def test_what_was_written_is_found_for_its_shop(offline: Marketing) -> None:
    theirs = LaneCost("eu", "tag_add", "bulk", 7, 7, 0.0, 61.5, None)
    write(offline, "run-1", ONE, theirs)
    assert last(offline, "us") == [ONE]
    assert last(offline, "eu") == [theirs]
    assert len(last(offline, "us", "eu")) == 2


def test_of_each_action_and_lane_only_the_last_runs_are_found_the_newest_first(offline: Marketing) -> None:
    for number in range(LAST_RUNS + 3):
        one = LaneCost("us", "set", "paced", 1, number, 10.0, 1.0, 100.0)
        write(offline, f"run-{number:02}", one, days_ago=30 - number)
    assert [one.rows for one in last(offline, "us")] == list(range(LAST_RUNS + 2, 2, -1))


def test_measurements_go_by_their_age(offline: Marketing) -> None:
    write(offline, "old", ONE, days_ago=91)
    write(offline, "young", ONE, days_ago=89)
    with offline.warehouse.session() as session:
        forget_old_plans(session, 90)
    assert offline.rows("select run_id from ops.delivery_costs") == [("young",)]
