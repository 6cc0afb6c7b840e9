"""Sends dead letters through the door again, after the cause was removed: the contract corrected, or the lines.

Letters are replayed by the window they were rejected in, as one transaction each: what passes is loaded and its letters
are closed, what fails again stays open with one more attempt and the reasons of today.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.contracts.dead_letters import COLUMN_LIST, DEAD_LETTERS, ensure_dead_letters, matching
from pipelines.failures import BoomerangError, ConfigurationError
from pipelines.intake.exclusive import exclusive
from pipelines.loading.resubmit import Rejected, Resubmission, resubmit
from pipelines.warehouse import Session, Warehouse

# Children that fell with their parent come back with it.
_FELL_WITH_PARENT = "(rule like '%parent_rejected%' or rule like '%parent_missing%')"
# A statement and its values stay below what any warehouse takes.
LETTERS_AT_ONCE = 50_000


class StillBroken(BoomerangError):
    """Corrected lines break the contract too."""


@dataclass
class ReplayReport:
    """Dead letters of a replay: closed because their rows are loaded, and open still. `windows` are the new ones."""

    replayed: int = 0
    still_open: int = 0
    windows: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Batch:
    source: str
    shop: str
    entity: str
    window_id: str
    rejected_at: datetime


def replay(
    settings: Settings,
    *,
    ids: Sequence[str] | None = None,
    shop: str | None = None,
    entity: str | None = None,
    corrected: Path | None = None,
    run_id: str,
) -> ReplayReport:
    """Replay open dead letters: those of these ids, or all of a shop or an entity, or all there are.

    `corrected` is a file of JSON lines to send in place of the payloads of the letters named by `ids`; if one of its
    lines breaks the contract, nothing is loaded and StillBroken says which. Raises ConfigurationError when nothing
    matches, and what a load raises.
    """
    batches = _batches(settings, ids, shop, entity)
    if not batches:
        raise ConfigurationError("No open dead letter matches; list those there are with `boomerang dead-letters`.")
    if corrected is not None and (ids is None or len({(batch.shop, batch.entity) for batch in batches}) > 1):
        raise ConfigurationError("Corrected lines replace the dead letters of one entity of one shop; name their ids.")
    report = ReplayReport()
    for batch in batches[-1:] if corrected is not None else batches:
        with exclusive(settings, batch.shop):
            window, letters, open_still = _replay(settings, batch, batches, ids, corrected, run_id)
        report.windows.append(window)
        report.replayed += letters - open_still
        report.still_open += open_still
    return report


def _replay(
    settings: Settings,
    batch: _Batch,
    batches: list[_Batch],
    ids: Sequence[str] | None,
    corrected: Path | None,
    run_id: str,
) -> tuple[str, int, int]:
    """Id of the new window, how many letters were sent, and how many of them stay open."""
    open_still = 0
    folder = settings.data_dir / "exports" / batch.shop / f"replay-{batch.window_id}"
    folder.mkdir(parents=True, exist_ok=True)
    windows = [one.window_id for one in batches] if corrected is not None else [batch.window_id]
    try:
        file = folder / "payloads.jsonl"
        chosen, values = _chosen(ids, windows, whole=corrected is None)
        with Warehouse(settings).session() as session:
            of_batch = f"select dead_letter_id from {DEAD_LETTERS} where {chosen}"
            letters = [row[0] for row in session.rows(of_batch, values)]
            if corrected is None:
                _write_payloads(session, chosen, values, file)
        sent = Resubmission(batch.source, batch.shop, batch.entity, corrected or file, batch.rejected_at, run_id)

        def close(session: Session, rejected: Rejected | None) -> None:
            nonlocal open_still  # set, not added to: the transaction may be undone and repeated
            if corrected is not None and rejected is not None:
                raise StillBroken(_why(corrected, rejected.file))
            open_still = _close(session, letters, rejected)

        window = resubmit(settings, sent, folder, close)
        return window, len(letters), open_still
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _batches(settings: Settings, ids: Sequence[str] | None, shop: str | None, entity: str | None) -> list[_Batch]:
    conditions, values = matching(ids=ids, shop=shop, entity=entity, state="open")
    with Warehouse(settings).session() as session:
        ensure_dead_letters(session)
        found = session.rows(
            f"select source, shop, entity, window_id, max(rejected_at) as latest from {DEAD_LETTERS} "
            f"where {conditions} group by source, shop, entity, window_id order by latest, window_id",
            values,
        )
    return [_Batch(source, of, what, window, at.astimezone(UTC)) for source, of, what, window, at in found]


def _chosen(ids: Sequence[str] | None, windows: list[str], *, whole: bool) -> tuple[str, list[object]]:
    """Condition on the letters of a batch, and its values; with `whole`, also children that fell with their parent."""
    chosen, values = matching(ids=ids, state="open")
    either = f"(({chosen}) or {_FELL_WITH_PARENT})" if whole else f"({chosen})"
    return f"window_id in (select unnest(?)) and state = 'open' and {either}", [windows, *values]


def _write_payloads(session: Session, chosen: str, values: list[object], file: Path) -> None:
    with file.open("w", encoding="utf-8") as target:
        for batch in session.batches(f"select distinct payload from {DEAD_LETTERS} where {chosen}", values):
            target.write("\n".join(batch.column(0).to_pylist()))
            target.write("\n")


def _close(session: Session, letters: list[str], rejected: Rejected | None) -> int:
    """Close the letters whose rows are loaded, and renew those that were rejected again; how many stay open."""
    # How the letters of this replay are known from here on: closed ones never had this very instant.
    closed_at = datetime.now(UTC)
    for start in range(0, len(letters), LETTERS_AT_ONCE):
        session.execute(
            f"update {DEAD_LETTERS} set state = 'replayed', replayed_at = ?, attempts = attempts + 1 "
            "where dead_letter_id in (select unnest(?))",
            (closed_at, letters[start : start + LETTERS_AT_ONCE]),
        )
    if rejected is None:
        return 0
    again = f"""(
        select * from (
            select fresh.*, row_number() over (
                partition by payload, table_name, row_key order by line_number, dead_letter_id) as place
            from {rejected.rows} as fresh
        ) as numbered where place = 1)"""
    same = (
        "stored.state = 'replayed' and stored.replayed_at = ? and stored.payload = again.payload "
        "and stored.table_name is not distinct from again.table_name "
        "and stored.row_key is not distinct from again.row_key"
    )
    session.execute(
        f"insert into {DEAD_LETTERS} ({COLUMN_LIST}) select {COLUMN_LIST} from {again} as again "
        f"where not exists (select 1 from {DEAD_LETTERS} as stored where {same})",
        (closed_at,),
    )
    open_still = (
        f"select count(*) from {DEAD_LETTERS} as stored where exists (select 1 from {again} as again where {same})"
    )
    count = int(session.rows(open_still, (closed_at,))[0][0])
    session.execute(
        f"update {DEAD_LETTERS} as stored set state = 'open', replayed_at = null, rule = again.rule, "
        f"message = again.message from {again} as again where {same}",
        (closed_at,),
    )
    return count


def _why(corrected: Path, rejected: Path) -> str:
    first = (
        pq.read_table(rejected, columns=["line_number", "message"]).sort_by("line_number").slice(0, 1).to_pylist()[0]
    )
    return (
        f"Line {first['line_number']} of {corrected} breaks the contract ({first['message']}); nothing was loaded: "
        f"correct the file, then replay again."
    )
