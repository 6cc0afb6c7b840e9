"""One delivery at a time for a sync and shop: the second refuses, and a dead one can be taken over.

The lock is a row with its owner (host, process, start of the process) and a heartbeat. On the owner's host the process
itself is asked for; elsewhere a heartbeat that is too old means dead. Every later ledger write of a run checks that the
lock is still its own, so a run that was taken over by mistake stops at its next write.
"""

import os
import socket
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.warehouse import Session
from reverse_etl.failures import AlreadyApplying
from reverse_etl.ledger.tables import LOCKS, RUNS

DEAD_AFTER = timedelta(minutes=3)
# Threads of one process share the warehouse file; other processes are kept apart by the file's own lock.
_one_at_a_time = threading.Lock()


def owner_of_this_process() -> str:
    """Host, process id and start of the process, which tells a reused process id apart."""
    return f"{socket.gethostname()}|{os.getpid()}|{_started(os.getpid())}"


def acquire(session: Session, sync: str, shops: Sequence[str], run_id: str, *, take_over: bool = False) -> list[str]:
    """Take the locks of `shops` for `run_id`; returns the ids of dead runs whose locks were taken over.

    Raises AlreadyApplying when a living run holds one of them. `take_over` takes it nevertheless.
    """
    with _one_at_a_time, session.transaction():
        return [dead for shop in shops if (dead := _acquire_one(session, sync, shop, run_id, take_over))]


def require_held(session: Session, run_id: str, shops: int) -> None:
    """Raise AlreadyApplying when the run has lost a lock to another one; refresh the heartbeat otherwise."""
    held = session.rows(f"select count(*) from {LOCKS} where run_id = ?", (run_id,))[0][0]
    if held < shops:
        raise AlreadyApplying(
            f"Run {run_id} was taken over by another apply and stopped; what it had sent is settled by the other run."
        )
    session.execute(f"update {LOCKS} set heartbeat_at = ? where run_id = ?", (_now(), run_id))


def release(session: Session, run_id: str) -> bool:
    """Give the locks of a run back; False when it has none (any more)."""
    held = session.rows(f"select count(*) from {LOCKS} where run_id = ?", (run_id,))[0][0]
    session.execute(f"update {LOCKS} set run_id = null, owner = null where run_id = ?", (run_id,))
    return bool(held)


def _acquire_one(session: Session, sync: str, shop: str, run_id: str, take_over: bool) -> str | None:
    found = session.rows(f"select run_id, owner, heartbeat_at from {LOCKS} where sync = ? and shop = ?", (sync, shop))
    if not found:
        session.execute(f"insert into {LOCKS} (sync, shop) values (?, ?)", (sync, shop))
        found = [(None, None, None)]
    holder, owner, heartbeat_at = found[0]
    if holder is not None and not take_over and _is_alive(owner, heartbeat_at):
        age = int((_now() - heartbeat_at).total_seconds())
        raise AlreadyApplying(
            f"Sync '{sync}' of shop {shop} is being applied by run {holder} (process {owner.split('|')[1]} on "
            f"{owner.split('|')[0]}, last sign of life {age} s ago); wait for it, or if you know that it is dead, "
            f"run the command again with --take-over."
        )
    session.execute(
        f"""
        update {LOCKS} set run_id = ?, owner = ?, locked_at = ?, heartbeat_at = ?
        where sync = ? and shop = ? and run_id is not distinct from ?
        """,
        (run_id, owner_of_this_process(), _now(), _now(), sync, shop, holder),
    )
    now_holding = session.rows(f"select run_id from {LOCKS} where sync = ? and shop = ?", (sync, shop))
    if any(row[0] != run_id for row in now_holding):
        raise AlreadyApplying(f"Sync '{sync}' of shop {shop} was taken by another run at the same moment; wait for it.")
    if holder is not None:
        session.execute(
            f"""
            update {RUNS} set state = 'interrupted', finished_at = ?, reason = 'the process died; taken over by ' || ?
            where run_id = ? and state = 'running'
            """,
            (_now(), run_id, holder),
        )
    return str(holder) if holder is not None else None


def _is_alive(owner: str, heartbeat_at: datetime) -> bool:
    host, process, started = owner.split("|")
    if host == socket.gethostname() and started:
        return _started(int(process)) == started
    return _now() - heartbeat_at < DEAD_AFTER


def _started(process: int) -> str:
    """Start of a process in clock ticks, '' when it does not run or the system does not say."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
