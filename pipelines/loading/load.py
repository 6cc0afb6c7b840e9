"""Loads windows: files are landed together, then each window is committed with its dead letters and its ledger row.

Everything of a window becomes visible in one transaction, or nothing of it does.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.dead_letters import DEAD_LETTERS, ensure_dead_letters
from pipelines.contracts.odcs import Contract
from pipelines.contracts.types import definition, stored_columns
from pipelines.failures import IncompleteExtraction
from pipelines.intake import ledger
from pipelines.loading.commit import WindowCommit
from pipelines.loading.commit_replay import ReplayCommit
from pipelines.loading.landing import Landing
from pipelines.warehouse import OPS_SCHEMA, Session, Warehouse
from pipelines.warehouse.conflicts import together

# Reading and loading use all cores and a share of memory each, and land in one schema: in a process they take turns.
ONE_AT_A_TIME = threading.RLock()


@dataclass
class LoadItem:
    """A window and what the door admitted of it.

    `node_ids` are those asked for by a window of mode 'by_id'. `on_commit` is called in the window's transaction, with
    SQL of the rows that were rejected (None when there are none).
    """

    window: ledger.Window
    admitted: Admitted
    node_ids: Sequence[int] = ()
    on_commit: Callable[[Session, str | None], None] | None = None
    failure: BaseException | None = None


def ensure_tables(session: Session, contract: Contract) -> None:
    """Create missing tables of the contract, and add columns that a contract has gained (a further metafield)."""
    existing = session.columns(contract.raw_schema)
    for contracted in contract.tables:
        name = f"{contract.raw_schema}.{contracted.name}"
        columns = stored_columns(contracted, contract.connection)
        if contracted.name not in existing:
            session.execute(f"create table if not exists {name} ({definition(columns)})")
            continue
        for new in columns:
            if new[0] not in existing[contracted.name]:
                session.execute(f"alter table {name} add column {definition([new])}")
    kept = session.columns(OPS_SCHEMA)
    if any(table.removeprefix(f"{OPS_SCHEMA}.") not in kept for table in (*ledger.ALL_TABLES, DEAD_LETTERS)):
        ledger.ensure_ledger(session)
        ensure_dead_letters(session)


def load(settings: Settings, contract: Contract, shop: str, items: Sequence[LoadItem]) -> None:
    """Land the files of several windows of a shop (each of another entity) and commit the windows one by one.

    Sets `loaded` of each table's count to what the warehouse holds of the window. A window of which that is not what
    was accepted is rolled back and gets its `failure`; the others are not touched by it.
    """
    landing = Landing(settings, contract, shop)
    with ONE_AT_A_TIME:
        landed = landing.land([item.admitted for item in items])
        with Warehouse(settings).session(memory_limit=settings.extraction.load_memory_limit) as session:
            ensure_tables(session, contract)
            _commit(session, contract, items, landed)
        landing.forget()


def _commit(session: Session, contract: Contract, items: Sequence[LoadItem], landed: Mapping[str, str]) -> None:
    for item in items:
        try:
            together(session, partial(_commit_one, session, contract, item, landed))
        except IncompleteExtraction as error:
            item.failure = error


def _commit_one(session: Session, contract: Contract, item: LoadItem, landed: Mapping[str, str]) -> None:
    kind = ReplayCommit if item.window.mode == "replay" else WindowCommit
    commit = kind(session, contract, item.window, item.admitted, landed, item.node_ids)
    commit.run()
    if item.on_commit is not None:
        item.on_commit(session, commit.rejected())
