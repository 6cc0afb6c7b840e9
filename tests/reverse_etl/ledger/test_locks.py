"""One delivery at a time for a sync and shop."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from reverse_etl.failures import AlreadyApplying
from reverse_etl.ledger import locks
from tests.reverse_etl.marketing import Marketing, gold


def test_the_second_of_two_applies_refuses_and_changes_nothing(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    marketing.want({customer: gold(tier="silver")})
    plan = marketing.plan()
    begun, go_on = threading.Event(), threading.Event()

    def wait(point: str) -> None:
        if point == "begun":
            begun.set()
            assert go_on.wait(30)

    first = threading.Thread(target=marketing.apply, args=(plan,), kwargs={"checkpoint": wait})
    first.start()
    assert begun.wait(30)
    with pytest.raises(AlreadyApplying) as refused:
        marketing.apply(plan)
    go_on.set()
    first.join(30)
    assert str(refused.value).startswith("Sync 'customers' of shop us is being applied by run delivery-")
    assert str(refused.value).endswith("run the command again with --take-over.")
    assert marketing.rows("select state, acknowledged from ops.delivery_runs") == [("finished", 3)]
    assert marketing.carried().keys() == {customer}


def test_a_run_that_was_taken_over_stops_at_its_next_write(marketing: Marketing) -> None:
    marketing.want({marketing.customers()[0]: gold(tier="silver")})
    plan = marketing.plan()
    reports = []

    def take_over(point: str) -> None:
        if point == "sent":
            other = threading.Thread(target=lambda: reports.append(marketing.apply(plan, take_over=True)))
            other.start()
            other.join(30)

    with pytest.raises(AlreadyApplying, match="was taken over by another apply and stopped"):
        marketing.apply(plan, checkpoint=take_over)
    assert [(report.settled, report.acknowledged) for report in reports] == [(3, 0)]
    states = marketing.rows("select state from ops.delivery_runs order by started_at")
    assert states == [("interrupted",), ("finished",)]
    assert marketing.rows("select state from ops.delivery_plans") == [("applied",)]


@pytest.mark.parametrize(
    ("owner", "silent_for", "alive"),
    [
        ("elsewhere|1|1", timedelta(seconds=10), True),
        ("elsewhere|1|1", timedelta(minutes=4), False),
        (locks.owner_of_this_process(), timedelta(minutes=4), True),
        ("{host}|{process}|another start", timedelta(0), False),
    ],
    # This process is in the third: the same names in every process let several of them share the tests.
    ids=["elsewhere", "elsewhere for long", "here for long", "here, started anew"],
)
def test_a_dead_owner_is_told_from_a_silent_one(
    offline: Marketing, owner: str, silent_for: timedelta, alive: bool
) -> None:
    host, process, _ = locks.owner_of_this_process().split("|")
    last_sign = datetime.now(UTC).replace(tzinfo=None) - silent_for
    with offline.warehouse.session() as session:
        session.execute(
            "insert into ops.delivery_locks values ('customers', 'us', 'old', ?, ?, ?)",
            (owner.format(host=host, process=process), last_sign, last_sign),
        )
        if alive:
            with pytest.raises(AlreadyApplying):
                locks.acquire(session, "customers", ["us"], "new")
        else:
            assert locks.acquire(session, "customers", ["us"], "new") == ["old"]
            locks.require_held(session, "new", 1)
            with pytest.raises(AlreadyApplying):
                locks.require_held(session, "old", 1)


def test_shops_and_syncs_have_locks_of_their_own(offline: Marketing) -> None:
    with offline.warehouse.session() as session:
        locks.acquire(session, "customers", ["us"], "one")
        locks.acquire(session, "customers", ["eu"], "two")
        locks.acquire(session, "others", ["us"], "three")
        with pytest.raises(AlreadyApplying):
            locks.acquire(session, "customers", ["us", "eu"], "four")
        assert locks.release(session, "one")
        assert not locks.release(session, "one")
        assert locks.acquire(session, "customers", ["us"], "four") == []
