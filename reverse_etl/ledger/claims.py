"""Claims: which rows a run has set out to send."""

from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.warehouse import Session
from reverse_etl.ledger.rows import Action
from reverse_etl.ledger.tables import CLAIMS, PLANS


@dataclass(frozen=True)
class Claim:
    """Rows that a run has set out to send; `lane` is paced or bulk."""

    claim_id: str
    run_id: str
    plan_id: str
    shop: str
    action: Action
    first_row: int
    last_row: int
    lane: str
    operation_id: str | None


def open_claims(session: Session, sync: str, shops: Sequence[str]) -> list[Claim]:
    """Claims that no run has settled: after a crash, what is in doubt. Oldest first."""
    sql = f"""
        select claim_id, run_id, plan_id, shop, action, first_row, last_row, lane, operation_id
        from {CLAIMS} where sync = ? and state = 'open' and shop in ({", ".join("?" * len(shops))})
        order by claimed_at, claim_id
    """
    return [Claim(*row) for row in session.rows(sql, (sync, *shops))]


def places_in_doubt(session: Session, sync: str, shops: Sequence[str]) -> set[str]:
    """What the ledger calls the records (`Sync.held_as`) of claims that no run has settled."""
    sql = f"""
        select distinct p.object from {CLAIMS} as c join {PLANS} as p on p.plan_id = c.plan_id
        where c.sync = ? and c.state = 'open' and c.shop in ({", ".join("?" * len(shops))})
    """
    return {str(row[0]) for row in session.rows(sql, (sync, *shops))}
