"""All syncs at a glance: whom each one is for now, and how its last run ended."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from reverse_etl.ledger.tables import RUNS, ensure_tables
from reverse_etl.sync_format.sync_file import Sync
from reverse_etl.sync_format.sync_shops import shops_of
from reverse_etl.sync_format.sync_yaml import SYNCS, load_sync, sync_names


@dataclass(frozen=True)
class LastRun:
    """The run of a shop that was begun last; `started_at` is UTC, the counts are values."""

    run_id: str
    state: str
    started_at: datetime
    acknowledged: int
    rejected: int


@dataclass(frozen=True)
class SyncInShop:
    """One sync in one shop. `audience` counts records; None while its model is not in the warehouse."""

    sync: Sync
    shop: str
    audience: int | None
    last_run: LastRun | None


def syncs_by_shop(settings: Settings, folder: Path = SYNCS) -> list[SyncInShop]:
    """Every sync file of `folder` in every shop that it goes to, by name and shop.

    Raises SyncFileError for a file with a mistake, ConfigurationError for a shop that the settings do not know.
    """
    found = []
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        for name in sync_names(folder):
            sync = load_sync(name, folder).sync
            audiences = _audiences(session, sync)
            for shop in shops_of(settings, sync):
                audience = None if audiences is None else audiences.get(shop, 0)
                found.append(SyncInShop(sync, shop, audience, _last_run(session, sync, shop)))
    return found


def _audiences(session: Session, sync: Sync) -> dict[str, int] | None:
    if not session.exists(sync.model):
        return None
    return dict(
        session.rows(f"select shop, count(*) from {sync.model} as m where {sync.in_audience('m')} group by shop")
    )


def _last_run(session: Session, sync: Sync, shop: str) -> LastRun | None:
    rows = session.rows(
        f"""
        select run_id, state, started_at, acknowledged, rejected from {RUNS}
        where sync = ? and shops like ? order by started_at desc limit 1
        """,
        (sync.name, f'%"{shop}"%'),
    )
    if not rows:
        return None
    run_id, state, started_at, acknowledged, rejected = rows[0]
    return LastRun(run_id, state, started_at.replace(tzinfo=UTC), acknowledged or 0, rejected or 0)
