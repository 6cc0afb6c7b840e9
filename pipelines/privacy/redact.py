"""Erases one customer of a shop from everything that is kept: tables, files, and the bytes of what was deleted.

The order of steps is what makes it safe to be killed between any two of them and run again: the list that keeps the
person away comes first, then what still needs the tables to know whom to look for (Shopify, files), then the tables in
one transaction, then the bytes. A run that finds the tables done only does what comes after.
"""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pipelines.config import Settings
from pipelines.intake.exclusive import exclusive
from pipelines.privacy.declaration import holdings
from pipelines.privacy.erasure import erase
from pipelines.privacy.files import Scrubbed, scrub_files
from pipelines.privacy.person import Person, Subject, find_person
from pipelines.privacy.suppression import hashed, key_of, suppress
from pipelines.privacy.tables import REDACTIONS, ensure_tables
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together

TOPIC = "customers/redact"
PATIENCE_SECONDS = 600.0
FILES = "files"
Checkpoint = Callable[[str], None]
# Takes what we wrote off the customer, in Shopify and elsewhere; returns how many values, by destination.
Clear = Callable[[Person], dict[str, int]]


@dataclass
class Redaction:
    """What was erased: rows by table and files. With `is_rehearsal` nothing was."""

    redaction_id: str
    shop: str
    is_rehearsal: bool
    rows: dict[str, int] = field(default_factory=dict)
    files: Scrubbed = field(default_factory=Scrubbed)
    cleared: dict[str, int] = field(default_factory=dict)


class _Rehearsed(Exception):  # takes a transaction back, and is no error
    """Ends a transaction that must not stand."""


def redact(
    settings: Settings,
    subject: Subject,
    *,
    clear: Clear | None = None,
    dry_run: bool = False,
    checkpoint: Checkpoint = lambda step: None,
) -> Redaction:
    """Erase a customer; whatever was erased before stays so, and a run that was cut off is finished.

    Extractions of the shop, the ERPs and the partners wait meanwhile. `clear` is called while it is still known what
    was written to the customer. With `dry_run`, count and change nothing. Raises ShopBusy, WarehouseLocked,
    ConfigurationError (key of the list), and what `clear` raises.
    """
    with _held(settings, subject.shop) as connections:
        warehouse = Warehouse(settings)
        if dry_run:
            return _rehearse(settings, warehouse, subject, connections)
        with warehouse.session() as session:
            ensure_tables(session)
            key = key_of(settings, session)
            person = find_person(session, subject)
            subject_hash = hashed(key, "customer", subject.shop, subject.customer_id)

            def begin() -> str:
                suppress(session, key, person, redaction_id := _begun(session, subject, subject_hash))
                return redaction_id

            done = Redaction(together(session, begin), subject.shop, is_rehearsal=False)
        checkpoint("begun")
        if clear is not None:
            done.cleared = clear(person)
            checkpoint("cleared")
        done.files = scrub_files(settings, person, connections)
        checkpoint("scrubbed")
        with warehouse.session() as session:

            def take_out() -> dict[str, int]:
                rows = erase(session, holdings(settings), person)
                counts = {**_counts(session, done.redaction_id), **rows}
                if done.files.count:
                    counts[FILES] = counts.get(FILES, 0) + done.files.count
                _write(session, done.redaction_id, "erased", counts)
                return rows

            done.rows = together(session, take_out)
        checkpoint("erased")
        # What was written while the tables still held the person, by whoever was at work then.
        scrub_files(settings, person, connections)
        warehouse.forget_deleted(checkpoint)
        checkpoint("forgotten")
        with warehouse.session() as session:
            _write(session, done.redaction_id, "finished", None)
        return done


@contextmanager
def _held(settings: Settings, shop: str) -> Iterator[list[str]]:
    """Hold every connection by which this person could arrive, always in the same order."""
    connections = sorted({shop, *settings.erp, *settings.threepl})
    with ExitStack() as stack:
        for connection in connections:
            stack.enter_context(exclusive(settings, connection, patience=PATIENCE_SECONDS))
        yield connections


def _rehearse(settings: Settings, warehouse: Warehouse, subject: Subject, connections: list[str]) -> Redaction:
    made = Redaction("", subject.shop, is_rehearsal=True)
    with warehouse.session() as session:
        person = find_person(session, subject)
        try:
            with session.transaction():
                made.rows = erase(session, holdings(settings), person)
                raise _Rehearsed
        except _Rehearsed:
            pass
    made.files = scrub_files(settings, person, connections, dry_run=True)
    return made


def _begun(session: Session, subject: Subject, subject_hash: str) -> str:
    """The redaction that was cut off, or a new one."""
    sql = f"select redaction_id from {REDACTIONS} where topic = ? and subject_hash = ? and state <> 'finished'"
    open_still = session.rows(sql, (TOPIC, subject_hash))
    if open_still:
        return str(open_still[0][0])
    redaction_id = f"redaction-{secrets.token_hex(8)}"
    session.execute(
        f"insert into {REDACTIONS} (redaction_id, topic, shop, subject_hash, request_id, state, requested_at) "
        "values (?, ?, ?, ?, ?, 'begun', ?)",
        (redaction_id, TOPIC, subject.shop, subject_hash, subject.request_id, _now()),
    )
    return redaction_id


def _counts(session: Session, redaction_id: str) -> dict[str, int]:
    found = session.rows(f"select counts from {REDACTIONS} where redaction_id = ?", (redaction_id,))
    return dict(json.loads(found[0][0])) if found and found[0][0] else {}


def _write(session: Session, redaction_id: str, state: str, counts: dict[str, int] | None) -> None:
    if counts is not None:
        sql = f"update {REDACTIONS} set state = ?, counts = ? where redaction_id = ?"
        session.execute(sql, (state, json.dumps(counts, sort_keys=True), redaction_id))
        return
    sql = f"update {REDACTIONS} set state = ?, finished_at = ? where redaction_id = ?"
    session.execute(sql, (state, _now(), redaction_id))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
