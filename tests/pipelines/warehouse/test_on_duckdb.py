"""A session on a real DuckDB file: what is written together appears together, and a lock ends in a sentence."""

import subprocess
import sys
from collections.abc import Callable

import duckdb
import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.failures import WarehouseError, WarehouseLocked
from pipelines.warehouse import Session, Warehouse

HOLD = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('held', flush=True); time.sleep(60)"


def test_rows_survive_the_session(settings: Settings) -> None:
    warehouse = Warehouse(settings)
    with warehouse.session() as session:
        session.execute("create table ops.things (id bigint, name varchar)")
        session.append("ops.things", pa.table({"name": ["a", "b"], "id": [1, 2]}))
    with warehouse.session() as session:
        assert session.rows("select id, name from ops.things order by id") == [(1, "a"), (2, "b")]
        assert session.dicts("select name from ops.things where id = ?", (2,)) == [{"name": "b"}]
        assert [batch.num_rows for batch in session.batches("select * from ops.things")] == [2]
        assert session.exists("ops.things")
        assert not session.exists("ops.nothing")


def insert_then_fail(session: Session) -> None:
    """Two statements in one transaction, the second of which fails."""
    with session.transaction():
        session.execute("insert into ops.things values (1)")
        session.execute("insert into ops.things values ('not a number')")


def test_failed_transaction_leaves_nothing(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        session.execute("create table ops.things (id bigint)")
        with pytest.raises(duckdb.ConversionException):
            insert_then_fail(session)
        assert session.rows("select count(*) from ops.things") == [(0,)]


def test_instants_come_back_in_utc(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        [(instant,)] = session.rows("select timestamptz '2026-01-01 00:30:00+02:00'")
    assert instant.isoformat() == "2025-12-31T22:30:00+00:00"


def test_locked_file_ends_in_a_sentence_that_names_file_and_holder(settings: Settings) -> None:
    command = [sys.executable, "-c", HOLD, str(settings.duckdb_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        try:
            warehouse = Warehouse(settings, lock_patience_seconds=0.3)
            with pytest.raises(WarehouseLocked, match=f"PID {holder.pid}.*wait for that run"), warehouse.session():
                pass
        finally:
            holder.terminate()


def test_session_waits_for_a_short_lock(settings: Settings) -> None:
    hold_briefly = HOLD.replace("time.sleep(60)", "time.sleep(0.7)")
    command = [sys.executable, "-c", hold_briefly, str(settings.duckdb_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with Warehouse(settings, lock_patience_seconds=30).session() as session:
            assert session.rows("select 1") == [(1,)]


def test_file_that_is_no_database_is_named(settings: Settings) -> None:
    settings.duckdb_path.write_text("not a database" * 1000, encoding="utf-8")
    with pytest.raises(WarehouseError, match=r"boomerang\.duckdb cannot be opened"), Warehouse(settings).session():
        pass


NEW = pa.table({"name": ["new"] * 150_000, "id": range(150_000)})
INSERTS: dict[str, tuple[Callable[[Session], None], Callable[[Session], None]]] = {
    "statement": (
        lambda session: session.execute("insert into ops.things select name, id from ops.things where id < 0"),
        lambda session: session.execute("insert into ops.things(name) select 'new' from ops.things limit 150000"),
    ),
    "append": (
        lambda session: session.append("ops.things", NEW.slice(0, 0)),
        lambda session: session.append("ops.things", NEW),
    ),
}


@pytest.mark.parametrize("first", INSERTS)
@pytest.mark.parametrize("then", INSERTS)
def test_large_insert_after_an_empty_one_is_seen_at_once(settings: Settings, first: str, then: str) -> None:
    """What DuckDB 2.0.0 gets wrong for ordered inserts: the new rows were there, and no filter found them."""
    with Warehouse(settings).session() as session:
        session.execute("create table ops.things as select 'old' as name, range as id from range(300000)")
        session.execute("set preserve_insertion_order = true")
        with session.transaction():
            INSERTS[first][0](session)
            INSERTS[then][1](session)
            assert session.rows("select count(*) from ops.things where name = 'new'") == [(150_000,)]
        assert session.rows("select count(*) from ops.things where name = 'new'") == [(150_000,)]


def threads_that_insert(session: Session) -> int:
    """How many threads an insert into ops.counted has."""
    session.execute("delete from ops.counted where true")
    session.execute("insert into ops.counted select current_setting('threads')")
    return int(session.rows("select threads from ops.counted")[0][0])


def test_an_empty_insert_slows_down_no_insert_outside_its_transaction(settings: Settings) -> None:
    nothing = "insert into ops.counted select 1 where false"
    with Warehouse(settings).session() as session:
        session.execute("set threads = 2")
        session.execute("create table ops.counted (threads bigint)")
        session.execute(nothing)
        assert threads_that_insert(session) == 2
        with session.transaction():
            assert threads_that_insert(session) == 2
            session.execute(nothing)
            assert threads_that_insert(session) == 1
        assert threads_that_insert(session) == 2
        with session.transaction():
            assert threads_that_insert(session) == 2
