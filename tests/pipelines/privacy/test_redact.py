"""Not a byte of a redacted person is left, in any table or file, whenever the work was interrupted."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import Settings
from pipelines.privacy.redact import redact
from pipelines.warehouse import Warehouse
from tests.pipelines.privacy.kept import GONE, STAYS, left

LONG = pytest.mark.long
STEPS = (
    pytest.param("begun", marks=LONG),
    "scrubbed",
    "erased",
    pytest.param("copied", marks=LONG),
    "swapped",
    pytest.param("forgotten", marks=LONG),
)


def rows(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
    with Warehouse(settings).session() as session:
        return session.rows(sql)


def everything_about(settings: Settings, customer_id: int) -> dict[str, int]:
    """How many rows name a customer by number, by table and column."""
    found = {}
    with duckdb.connect(str(settings.duckdb_path)) as reader:
        for schema, table, column in reader.execute(
            "select table_schema, table_name, column_name from information_schema.columns where table_schema <> 'main'"
        ).fetchall():
            counted = f'select count(*) from "{schema}"."{table}" where contains(cast("{column}" as varchar), ?)'
            count = reader.execute(counted, (str(customer_id),)).fetchall()[0][0]
            found.update({f"{schema}.{table}.{column}": count} if count else {})
    return found


def test_the_scan_sees_the_person_before(settings: Settings) -> None:
    found = left(settings.data_dir, GONE.traces)
    for file in ("boomerang.duckdb", "boomerang_read.duckdb", "old.log.gz", "stray.parquet", "runs.db", "trace.pickle"):
        assert any(one.startswith(file) for one in found), file


def test_no_byte_of_the_person_is_left_in_any_table_or_file(settings: Settings) -> None:
    before = everything_about(settings, STAYS.customer_id)
    done = redact(settings, GONE.subject)
    assert left(settings.data_dir, GONE.traces) == []
    assert len(done.rows) > 40
    assert everything_about(settings, STAYS.customer_id) == before
    assert STAYS.email in (settings.data_dir / "report.json").read_text(encoding="utf-8")


def test_deleted_and_checkpointed_bytes_are_still_in_the_file_so_it_is_copied(settings: Settings) -> None:
    with Warehouse(settings).session() as session:
        session.execute("delete from raw_shopify.customers where customer_id = ?", (GONE.customer_id,))
    with duckdb.connect(str(settings.duckdb_path)) as writer:
        writer.execute("force checkpoint")
    content = settings.duckdb_path.read_bytes()
    assert GONE.phone.encode() in content
    assert Warehouse(settings).forget_deleted()
    kept = settings.duckdb_path.read_bytes()
    assert kept.count(GONE.phone.encode()) < content.count(GONE.phone.encode())


def test_orders_stay_with_their_amounts_and_without_the_person(settings: Settings) -> None:
    redact(settings, GONE.subject)
    order = "select customer_id, email, note, shipping_city, total_amount from raw_shopify.orders"
    assert rows(settings, f"{order} where order_id = {GONE.order_id}") == [(None, None, None, None, 1)]
    assert rows(settings, "select count(*) from raw_shopify.customers") == [(1,)]
    assert rows(settings, "select count(*), count(customer_id) from marts.fct_sales") == [(2, 1)]


def test_a_rehearsal_counts_the_same_and_changes_nothing(settings: Settings) -> None:
    before = left(settings.data_dir, GONE.traces)
    rehearsed = redact(settings, GONE.subject, dry_run=True)
    assert left(settings.data_dir, GONE.traces) == before
    done = redact(settings, GONE.subject)
    assert (rehearsed.rows, rehearsed.files) == (done.rows, done.files)


def test_a_second_redaction_finds_nothing_and_is_recorded_too(settings: Settings) -> None:
    redact(settings, GONE.subject)
    again = redact(settings, GONE.subject)
    assert (again.rows, again.files.count) == ({}, 0)
    recorded = rows(settings, "select topic, shop, state, counts from ops.redactions order by requested_at")
    assert [row[:3] for row in recorded] == [("customers/redact", "us", "finished")] * 2
    assert json.loads(recorded[0][3])["raw_shopify.customers"] == 1


@pytest.mark.parametrize("step", STEPS)
def test_killed_between_any_two_steps_and_run_again_it_is_complete(settings: Settings, step: str) -> None:
    command = [sys.executable, "-m", "tests.pipelines.privacy.dying", str(settings.data_dir), step]
    died = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert died.returncode == 9, died.stderr
    redact(settings, GONE.subject)
    assert left(settings.data_dir, GONE.traces) == []
    recorded = rows(settings, "select state, counts from ops.redactions")
    assert [state for state, _ in recorded] == ["finished"]
    assert json.loads(recorded[0][1])["raw_shopify.customers"] == 1
    assert rows(settings, f"select count(*) from raw_shopify.customers where customer_id = {STAYS.customer_id}") == [
        (1,)
    ]
