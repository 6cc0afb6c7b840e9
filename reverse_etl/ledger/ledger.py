"""The ledger of one run: claim rows before they are sent, record what became of them.

Order of writes: claim -> send -> outcome. The acknowledged value moves with its outcome, in one transaction. A crash
between any two of these loses nothing and repeats nothing that was acknowledged: a row that was claimed and has no
outcome is read back by the next run (settle.py).
"""

import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import pyarrow as pa

from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import Result, retried
from reverse_etl.ledger import locks
from reverse_etl.ledger.acknowledged import Batch, move_values
from reverse_etl.ledger.bulk_outcomes import acknowledge
from reverse_etl.ledger.claims import Claim
from reverse_etl.ledger.row_batches import outcome_table, plan_rows
from reverse_etl.ledger.rows import CONFLICT, Action, Outcome, PlanRow
from reverse_etl.ledger.tables import ACTUAL, CLAIMS, OUTCOMES, PLAN_ROWS

_ROW = "plan_row, shop, object, record_id, attribute, action, value_before, value_after, digest_before"
_READ_ROWS = 50_000
_MOST_OF_A_RECORD = 500  # more attributes than Shopify lets an app define, and more tags than it lets a record have
LAST_ROW = 2**62  # beyond every plan
# A row of a plan that still has to reach the destination, in whichever run.
_UNACKNOWLEDGED = f"""
    not exists (
        select 1 from {OUTCOMES} as o
        where o.plan_id = r.plan_id and o.plan_row = r.plan_row and o.state = 'acknowledged'
    )
"""


class Ledger:
    """Writes of one run. Safe to call from several threads; each call opens the warehouse and closes it."""

    def __init__(
        self,
        warehouse: Warehouse,
        run_id: str,
        plan_id: str,
        sync: str,
        shops: Sequence[str],
        until: Mapping[str, int] | None = None,
    ) -> None:
        """For a run that holds the locks of `shops`.

        `until` says by shop up to which row of the plan it goes: that of a canary. A shop that it does not name has no
        part in it; without it all rows are sent.
        """
        self._until = until
        self.run_id, self.plan_id, self.sync, self.shops = run_id, plan_id, sync, list(shops)
        self._warehouse = warehouse
        self._one_at_a_time = threading.Lock()

    @property
    def seconds_between_writes(self) -> float:
        """How often the warehouse is to be written to, and how many seconds of sending one claim is for."""
        return self._warehouse.seconds_between_writes

    def open_rows(self, shop: str, action: Action) -> tuple[int, int]:
        """Rows and records of this kind that are not acknowledged yet."""
        with self._session() as session:
            sql = f"""
                select count(*), count(distinct record_id) from {PLAN_ROWS} as r
                where plan_id = ? and shop = ? and action = ? and plan_row <= ? and {_UNACKNOWLEDGED}
            """
            rows, records = session.rows(sql, (self.plan_id, shop, action, self._last(shop)))[0]
            return int(rows), int(records)

    def bounds(self, shop: str, action: Action) -> tuple[int, int]:
        """First and last plan row of this kind that is not acknowledged yet; (1, 0) if there is none."""
        with self._session() as session:
            sql = f"""
                select min(plan_row), max(plan_row) from {PLAN_ROWS} as r
                where plan_id = ? and shop = ? and action = ? and plan_row <= ? and {_UNACKNOWLEDGED}
            """
            first, last = session.rows(sql, (self.plan_id, shop, action, self._last(shop)))[0]
            return (1, 0) if first is None else (int(first), int(last))

    def claim(
        self, shop: str, action: Action, *, first: int, last: int, limit: int, outcomes: Sequence[Outcome] = ()
    ) -> list[PlanRow]:
        """Claim and return the next open rows from `first` to `last`: about `limit`, never cutting a record in two.

        `outcomes` that have come are recorded in the same transaction: to open a warehouse and to commit cost more than
        the rows.
        """

        def work(session: Session) -> list[PlanRow]:
            self._record(session, outcomes, self.run_id, self.plan_id)
            start, size, most = first, limit, 2 * max(limit, _MOST_OF_A_RECORD)
            while start <= last:
                end = min(start + size - 1, last)
                rows = self._open_between(session, self.plan_id, shop, action, start, end, most)
                if (
                    not rows
                ):  # a bulk operation leaves few rows open among millions: gaps are crossed in growing strides
                    start, size = end + 1, min(2 * size, max(limit, _READ_ROWS))
                    continue
                if end < last or len(rows) == most:
                    record = rows[-1].record_id  # may go on after the end of this piece: leave it for the next claim
                    whole = [row for row in rows if row.record_id != record]
                    if not whole:
                        size, most = 2 * size, 2 * most
                        continue
                    rows = whole
                rows = _about(rows, limit)
                self._claim(session, shop, action, rows[0].plan_row, rows[-1].plan_row, "paced")
                return rows
            return []

        return self._write(work)

    def claim_range(self, shop: str, action: Action, first: int, last: int) -> Claim:
        """Claim the open rows between two plan rows for one bulk operation."""
        claim_id = self._write(lambda session: self._claim(session, shop, action, first, last, "bulk"))
        return Claim(claim_id, self.run_id, self.plan_id, shop, action, first, last, "bulk", None)

    def read(self, plan_id: str, shop: str, action: Action, first: int, last: int) -> Iterator[list[PlanRow]]:
        """The open rows of this kind between two plan rows, in order, in lists; the warehouse is closed in between."""
        for start in range(first, last + 1, _READ_ROWS):
            with self._session() as session:
                end = min(start + _READ_ROWS - 1, last)
                rows = self._open_between(session, plan_id, shop, action, start, end, _READ_ROWS)
            if rows:
                yield rows

    def refused_records(self, run_id: str, shop: str) -> frozenset[int]:
        """Records to which a run could not add a tag: theirs are not removed then."""
        sql = f"""
            select distinct record_id from {OUTCOMES}
            where run_id = ? and shop = ? and action = 'tag_add' and state = 'rejected'
        """
        with self._session() as session:
            return frozenset(int(row[0]) for row in session.rows(sql, (run_id, shop)))

    def operation_started(self, claim_id: str, operation_id: str) -> None:
        """Remember the bulk operation of a claim before it is polled, so that a restart can find it."""
        sql = f"update {CLAIMS} set operation_id = ? where claim_id = ?"
        self._write(lambda session: session.execute(sql, (operation_id, claim_id)))

    def record(self, outcomes: Sequence[Outcome]) -> None:
        """Append outcomes of this run and move the acknowledged values, in one transaction."""
        self._write(lambda session: self._record(session, outcomes, self.run_id, self.plan_id))

    def acknowledge_ranges(
        self, claim: Claim, ranges: Sequence[tuple[int, int]], digests: pa.Table | None = None
    ) -> int:
        """Acknowledge the open rows within ranges of plan rows and settle the claim; returns how many rows.

        For bulk operations: a million acknowledged rows are a few ranges between the refused ones. `digests` as in
        bulk_outcomes.py.
        """
        return self._write(lambda session: acknowledge(session, claim, ranges, digests, _UNACKNOWLEDGED))

    def edited_records(self, plan_id: str, shop: str) -> frozenset[int]:
        """Records of which a value that the plan deletes is another one than it was made from.

        As far as the shop was read back (`ops.delivery_actual`); a value that is only spelled otherwise counts too.
        """
        sql = f"""
            select distinct r.record_id from {PLAN_ROWS} as r
            join (select record_id, attribute, value, digest from {ACTUAL} where sync = ? and shop = ?) as t
                on t.record_id = r.record_id and t.attribute = r.attribute
            where r.plan_id = ? and r.shop = ? and r.action = 'delete' and t.value is distinct from r.value_before
            and t.digest is distinct from coalesce(r.digest_before, '')
        """
        with self._session() as session:
            return frozenset(int(row[0]) for row in session.rows(sql, (self.sync, shop, plan_id, shop)))

    def heartbeat(self) -> None:
        """Sign of life while nothing is recorded."""
        self._write(lambda session: None)

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> None:
        """An earlier run's claim is in doubt no more: these of its rows are in effect, the others are not."""

        def work(session: Session) -> None:
            self._record(session, outcomes, claim.run_id, claim.plan_id)
            _settle(session, [claim.claim_id])

        self._write(work)

    def doubtful(self, claim: Claim) -> list[PlanRow]:
        """Rows of a claim without an outcome in its run: nobody knows whether they arrived."""
        sql = f"""
            select {_ROW} from {PLAN_ROWS} as r
            where plan_id = ? and shop = ? and action = ? and plan_row >= ? and plan_row <= ? and {_UNACKNOWLEDGED}
            and not exists (
                select 1 from {OUTCOMES} as o
                where o.run_id = ? and o.plan_id = r.plan_id and o.plan_row = r.plan_row
            )
            order by plan_row
        """
        key = (claim.plan_id, claim.shop, claim.action, claim.first_row, claim.last_row, claim.run_id)
        with self._session() as session:
            return plan_rows(session.arrow(sql, key))

    def _last(self, shop: str) -> int:
        return LAST_ROW if self._until is None else self._until.get(shop, 0)

    def _record(self, session: Session, outcomes: Sequence[Outcome], run_id: str, plan_id: str) -> None:
        if not outcomes:
            return
        batch = Batch()
        session.append(OUTCOMES, outcome_table(outcomes, run_id, plan_id, batch))
        moves = (o.row.record_id for o in outcomes if o.state == "acknowledged" or o.code == CONFLICT)
        effective = list(moves)
        if effective:
            move_values(session, batch, (min(effective), max(effective)))

    def _open_between(
        self, session: Session, plan_id: str, shop: str, action: Action, first: int, last: int, most: int
    ) -> list[PlanRow]:
        sql = f"""
            select {_ROW} from {PLAN_ROWS} as r
            where plan_id = ? and shop = ? and action = ? and plan_row >= ? and plan_row <= ? and {_UNACKNOWLEDGED}
            order by plan_row limit {most}
        """
        return plan_rows(session.arrow(sql, (plan_id, shop, action, first, last)))

    def _claim(self, session: Session, shop: str, action: Action, first: int, last: int, lane: str) -> str:
        claim_id = secrets.token_hex(8)
        session.execute(
            f"""
            insert into {CLAIMS} (
                claim_id, run_id, plan_id, sync, shop, action, first_row, last_row, lane, state, claimed_at
            ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)
            """,
            (claim_id, self.run_id, self.plan_id, self.sync, shop, action, first, last, lane, _now()),
        )
        return claim_id

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """One at a time: threads that open and close the file at once get in each other's way."""
        with self._one_at_a_time, self._warehouse.session() as session:
            yield session

    def _write(self, work: Callable[[Session], Result]) -> Result:
        """One transaction of this run, refused when the run has lost its lock."""

        def attempt() -> Result:
            with self._session() as session, session.transaction():
                locks.require_held(session, self.run_id, len(self.shops))
                return work(session)

        return retried(attempt)


def _about(rows: list[PlanRow], limit: int) -> list[PlanRow]:
    """The first `limit` rows, and what is left of the record of the last of them."""
    if len(rows) <= limit:
        return rows
    record = rows[limit - 1].record_id
    return [row for place, row in enumerate(rows) if place < limit or row.record_id == record]


def _settle(session: Session, claim_ids: Sequence[str]) -> None:
    listed = ", ".join("?" * len(claim_ids))
    session.execute(f"update {CLAIMS} set state = 'settled' where claim_id in ({listed})", claim_ids)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
