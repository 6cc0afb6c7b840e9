"""Claims and outcomes in a real warehouse."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from reverse_etl.ledger import locks
from reverse_etl.ledger.claims import Claim, open_claims
from reverse_etl.ledger.ledger import Ledger
from reverse_etl.ledger.rows import PlanRow, acknowledged, rejected
from tests.reverse_etl.marketing import Marketing, gold

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def ledger(offline: Marketing) -> Ledger:
    """A run that is about to apply three values for each of six customers."""
    offline.want({number: gold(tier="silver") for number in range(1, 7)})
    plan = offline.plan()
    with offline.warehouse.session() as session:
        locks.acquire(session, "customers", ["us"], "run-1")
    return Ledger(offline.warehouse, "run-1", plan.plan_id, "customers", ["us"])


def claimed(ledger: Ledger, first: int, limit: int) -> list[PlanRow]:
    return ledger.claim("us", "set", first=first, last=ledger.bounds("us", "set")[1], limit=limit)


def test_a_claim_never_cuts_a_record_in_two(ledger: Ledger) -> None:
    rows = claimed(ledger, 1, 8)
    assert [row.record_id for row in rows] == [1, 1, 1, 2, 2, 2]
    assert [row.record_id for row in claimed(ledger, 7, 1)] == [3, 3, 3]
    assert [row.record_id for row in claimed(ledger, 10, 100)] == [4, 4, 4, 5, 5, 5, 6, 6, 6]
    assert claimed(ledger, 19, 10) == []


def test_claims_skip_what_is_acknowledged_and_offer_again_what_was_rejected(ledger: Ledger) -> None:
    rows = claimed(ledger, 1, 100)
    ledger.record([acknowledged(row, NOW) for row in rows[:14]])
    ledger.record([rejected(row, "INVALID", "No.", NOW) for row in rows[14:16]])
    assert ledger.open_rows("us", "set") == (4, 2)
    assert [row.plan_row for row in claimed(ledger, 1, 1)] == [15]
    assert [row.plan_row for row in claimed(ledger, 16, 5)] == [16, 17, 18]


@pytest.mark.parametrize("limit", [1, 2, 7, 100])
@pytest.mark.parametrize("gaps", [[(1, 15)], [(4, 9)], [(1, 3), (7, 12), (14, 14)], [(2, 2), (18, 18)], [(1, 18)]])
def test_claims_offer_each_open_row_once_whatever_gaps_a_bulk_operation_left(
    ledger: Ledger, gaps: list[tuple[int, int]], limit: int
) -> None:
    done = {row for first, last in gaps for row in range(first, last + 1)}
    ledger.acknowledge_ranges(ledger.claim_range("us", "set", 1, 18), gaps)
    first, last = ledger.bounds("us", "set")
    offered: list[list[PlanRow]] = []
    while first <= last and (rows := ledger.claim("us", "set", first=first, last=last, limit=limit)):
        offered.append(rows)
        first = rows[-1].plan_row + 1
    assert [row.plan_row for rows in offered for row in rows] == sorted(set(range(1, 19)) - done)
    of_claims = [{row.record_id for row in rows} for rows in offered]
    assert all(not one & other for one, other in pairwise(of_claims))
    assert all(len(rows) < limit + 3 for rows in offered)


def test_values_move_with_acknowledged_outcomes_only(offline: Marketing, ledger: Ledger) -> None:
    rows = claimed(ledger, 1, 4)
    ledger.record([acknowledged(rows[0], NOW, digest="d"), rejected(rows[1], "INVALID", "No.", NOW)])
    assert list(offline.acknowledged()) == [(1, rows[0].attribute)]
    assert offline.rows("select digest, run_id from ops.delivery_values") == [("d", "run-1")]


def test_what_is_claimed_without_an_outcome_is_in_doubt_until_it_is_settled(offline: Marketing, ledger: Ledger) -> None:
    rows = claimed(ledger, 1, 7)
    ledger.record([acknowledged(rows[0], NOW), rejected(rows[1], "INVALID", "No.", NOW)])
    with offline.warehouse.session() as session:
        claims = open_claims(session, "customers", ["us", "eu"])
    doubtful = ledger.doubtful(claims[0])
    assert [row.plan_row for row in doubtful] == [3, 4, 5, 6]
    ledger.settle(claims[0], [acknowledged(doubtful[0], None)])
    with offline.warehouse.session() as session:
        assert open_claims(session, "customers", ["us"]) == []
    assert len(offline.acknowledged()) == 2
    assert ledger.open_rows("us", "set") == (16, 6)


def test_ranges_are_acknowledged_once_with_gaps_and_settle_their_claim(offline: Marketing, ledger: Ledger) -> None:
    ledger.record([acknowledged(row, NOW) for row in claimed(ledger, 1, 3)])
    claim = ledger.claim_range("us", "set", 1, 18)
    assert isinstance(claim, Claim)
    assert ledger.acknowledge_ranges(claim, [(1, 6), (10, 12)]) == 6
    assert ledger.acknowledge_ranges(claim, [(1, 6), (10, 12)]) == 0
    assert {record for record, _ in offline.acknowledged()} == {1, 2, 4}
    with offline.warehouse.session() as session:
        assert claim.claim_id not in [claim.claim_id for claim in open_claims(session, "customers", ["us"])]


def test_reading_goes_on_across_pieces(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reverse_etl.ledger.ledger._READ_ROWS", 5)
    pieces = list(ledger.read(ledger.plan_id, "us", "set", 1, 18))
    assert [len(piece) for piece in pieces] == [5, 5, 5, 3]
    assert [row.plan_row for piece in pieces for row in piece] == list(range(1, 19))
