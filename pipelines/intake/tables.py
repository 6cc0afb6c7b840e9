"""Makes the tables that sources fill, for every merchant: one without an ERP has the ERP's tables too, and empty.

Models are then the same for everybody, and what joins an ERP finds no rows instead of no table.
"""

from pipelines.config import Settings
from pipelines.intake.holdouts import HOLDOUTS, ensure_holdouts
from pipelines.intake.problems import FEED_PROBLEMS, ensure_feed_problems
from pipelines.intake.sources import contracts
from pipelines.loading.load import ensure_tables
from pipelines.warehouse import Session


def ensure_every_table(session: Session, settings: Settings) -> None:
    """Create the missing tables of all contracts, the ledger, the dead letters, feed problems and control groups."""
    for contract in contracts(settings):
        ensure_tables(session, contract)
    if not session.exists(FEED_PROBLEMS):
        ensure_feed_problems(session)
    if not session.exists(HOLDOUTS):
        ensure_holdouts(session)
