"""What the lanes of runs took (`ops.delivery_costs`): written when a run ends, read to choose the lanes of the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from pipelines.warehouse import Session
from reverse_etl.ledger.rows import Action
from reverse_etl.ledger.tables import COSTS

# Of each shop, action and lane, so many runs are looked at: their medians follow a shop that changes its plan.
LAST_RUNS = 9


@dataclass(frozen=True)
class LaneCost:
    """What one run's work of one action took in one lane, for one shop.

    `calls` are packed calls: at the paced lane what was sent as one, at the bulk lane lines of a file; `rows` the
    values in them. `points` hold what a call took besides (reading before deleting, taking apart); a bulk operation
    costs none. `seconds` of the bulk lane go until results are read. `restore_rate`: points a second as observed last.
    """

    shop: str
    action: Action
    lane: str
    calls: int
    rows: int
    points: float
    seconds: float
    restore_rate: float | None


def write_costs(session: Session, run_id: str, sync: str, costs: Sequence[LaneCost]) -> None:
    """Add what a run measured; call it in the transaction that ends the run."""
    now = datetime.now(UTC).replace(tzinfo=None)
    for cost in costs:
        session.execute(
            f"""
            insert into {COSTS} (
                sync, shop, action, lane, run_id, observed_at, sent_calls, sent_rows, points, seconds, restore_rate
            ) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                sync,
                cost.shop,
                cost.action,
                cost.lane,
                run_id,
                now,
                cost.calls,
                cost.rows,
                _two_places(cost.points),
                _two_places(cost.seconds),
                None if cost.restore_rate is None else _two_places(cost.restore_rate),
            ),
        )


def last_costs(session: Session, shops: Sequence[str]) -> list[LaneCost]:
    """The last measurements of each shop, action and lane, newest first; of every sync.

    What the paced lane sent after a bulk operation of the same run is left out: these are the calls that were refused,
    and taking them apart costs more than sending.
    """
    listed = ", ".join("?" * len(shops))
    found = session.rows(
        f"""
        select shop, action, lane, sent_calls, sent_rows, points, seconds, restore_rate from (
            select
                c.shop, c.action, c.lane, c.sent_calls, c.sent_rows, c.points, c.seconds, c.restore_rate, c.observed_at,
                c.run_id,
                row_number() over (
                    partition by c.shop, c.action, c.lane order by c.observed_at desc, c.run_id desc
                ) as place
            from {COSTS} as c
            left join (select distinct run_id, shop, action from {COSTS} where lane = 'bulk') as b
                on b.run_id = c.run_id and b.shop = c.shop and b.action = c.action
            where c.shop in ({listed}) and (c.lane = 'bulk' or b.run_id is null)
        ) as measured
        where place <= {LAST_RUNS} order by observed_at desc, run_id desc
        """,
        tuple(shops),
    )
    return [
        LaneCost(
            shop,
            action,
            lane,
            int(calls),
            int(rows),
            float(points),
            float(seconds),
            None if rate is None else float(rate),
        )
        for shop, action, lane, calls, rows, points, seconds, rate in found
    ]


def _two_places(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")
