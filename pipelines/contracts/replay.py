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
from pipelines.contracts.dead_letters import DEAD_LETTERS, ensure_dead_letters, matching
from pipelines.failures import BoomerangError, ConfigurationError
from pipelines.shopify.exclusive import exclusive
from pipelines.shopify.resubmit import Resubmission, resubmit
from pipelines.warehouse import Session, Warehouse

# Children that fell with their parent come back with it.
_FELL_WITH_PARENT = "(rule like '%parent_rejected%' or rule like '%parent_missing%')"


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
            _replay(settings, batch, batches, ids, corrected, run_id, report)
    return report


def _replay(
    settings: Settings,
    batch: _Batch,
    batches: list[_Batch],
    ids: Sequence[str] | None,
    corrected: Path | None,
    run_id: str,
    report: ReplayReport,
) -> None:
    folder = settings.data_dir / "exports" / batch.shop / f"replay-{batch.window_id}"
    folder.mkdir(parents=True, exist_ok=True)
    windows = [one.window_id for one in batches] if corrected is not None else [batch.window_id]
    try:
        file = folder / "payloads.jsonl"
        with Warehouse(settings).session() as session:
            _mark(session, ids, windows, whole=corrected is None)
            if corrected is None:
                _write_payloads(session, file)
            letters = [row[0] for row in session.rows("select dead_letter_id from replaying")]
        sent = Resubmission(batch.shop, batch.entity, corrected or file, batch.rejected_at, run_id)

        def close(session: Session, rejected: Path | None) -> None:
            if corrected is not None and rejected is not None:
                raise StillBroken(_why(corrected, rejected))
            open_still = _close(session, letters, rejected)
            report.replayed += len(letters) - open_still
            report.still_open += open_still

        report.windows.append(resubmit(settings, sent, folder, close))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _batches(settings: Settings, ids: Sequence[str] | None, shop: str | None, entity: str | None) -> list[_Batch]:
    conditions, values = matching(ids=ids, shop=shop, entity=entity, state="open")
    with Warehouse(settings).session() as session:
        ensure_dead_letters(session)
        found = session.rows(
            f"select source, shop, entity, window_id, max(rejected_at) from {DEAD_LETTERS} where {conditions} "
            "group by all order by max(rejected_at), window_id",
            values,
        )
    return [_Batch(source, of, what, window, at.astimezone(UTC)) for source, of, what, window, at in found]


def _mark(session: Session, ids: Sequence[str] | None, windows: list[str], *, whole: bool) -> None:
    """Collect the letters of a batch; with `whole`, also the children that fell with a parent among them."""
    chosen, values = matching(ids=ids, state="open")
    either = f"(({chosen}) or {_FELL_WITH_PARENT})" if whole else f"({chosen})"
    session.execute(
        f"create or replace temp table replaying as select dead_letter_id, payload from {DEAD_LETTERS} "
        f"where window_id in (select unnest(?)) and state = 'open' and {either}",
        (windows, *values),
    )


def _write_payloads(session: Session, file: Path) -> None:
    with file.open("w", encoding="utf-8") as target:
        for batch in session.batches("select distinct payload from replaying"):
            target.write("\n".join(batch.column(0).to_pylist()))
            target.write("\n")


def _close(session: Session, letters: list[str], rejected: Path | None) -> int:
    """Close the letters whose rows are loaded, and renew those that were rejected again; how many stay open."""
    session.execute(
        f"update {DEAD_LETTERS} set state = 'replayed', replayed_at = ?, attempts = attempts + 1 "
        "where dead_letter_id in (select unnest(?))",
        (datetime.now(UTC), letters),
    )
    if rejected is None:
        return 0
    session.execute(f"create or replace temp table again as select * from {DEAD_LETTERS} where false")
    session.append("again", pq.read_table(rejected))
    same = (
        "old.dead_letter_id in (select unnest(?)) and old.payload = again.payload "
        "and old.table_name is not distinct from again.table_name and old.row_key is not distinct from again.row_key"
    )
    session.execute(
        f"update {DEAD_LETTERS} as old set state = 'open', replayed_at = null, rule = again.rule, "
        f"message = again.message from again where {same}",
        (letters,),
    )
    session.execute(
        f"insert into {DEAD_LETTERS} by name select again.* from again "
        f"where not exists (select 1 from {DEAD_LETTERS} as old where {same})",
        (letters,),
    )
    open_still = f"select count(*) from {DEAD_LETTERS} where dead_letter_id in (select unnest(?)) and state = 'open'"
    return int(session.rows(open_still, (letters,))[0][0])


def _why(corrected: Path, rejected: Path) -> str:
    first = (
        pq.read_table(rejected, columns=["line_number", "message"]).sort_by("line_number").slice(0, 1).to_pylist()[0]
    )
    return (
        f"Line {first['line_number']} of {corrected} breaks the contract ({first['message']}); nothing was loaded: "
        f"correct the file, then replay again."
    )
