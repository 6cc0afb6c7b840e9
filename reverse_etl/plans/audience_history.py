"""The audience of a sync in its last runs: what a new one is compared with."""

import json

from pipelines.warehouse import Session
from reverse_etl.ledger.tables import PLANS

RUNS = 5
# Of fewer there is no mean worth the name.
FEWEST_RUNS = 2


def mean_audience(session: Session, sync: str, shop: str) -> float | None:
    """Mean records of a shop's audience in the last plans that were delivered, or found nothing to do.

    None while there are fewer than two of them.
    """
    found = session.rows(
        f"""
        select figures from {PLANS}
        where sync = ? and shops like ? and undoes_run is null
        and (state in ('applied', 'partly_applied') or (state = 'planned' and plan_rows = 0))
        order by created_at desc, plan_id desc limit {RUNS}
        """,
        (sync, f'%"{shop}"%'),
    )
    sizes = [json.loads(figures)[shop]["audience"] for (figures,) in found]
    return sum(sizes) / len(sizes) if len(sizes) >= FEWEST_RUNS else None
