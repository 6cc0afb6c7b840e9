"""Analysts read a copy that is whole, queryable while a run writes, and swapped at once."""

import duckdb

from orchestration.lib.read_copy import read_copy_path, renew_read_copy
from pipelines.config import Settings
from pipelines.warehouse import Warehouse


def fill(settings: Settings, rows: int) -> None:
    with Warehouse(settings).session() as session:
        session.execute("create schema if not exists marts")
        session.execute(f"create or replace table marts.fct_orders as select range as order_id from range({rows})")
        session.execute('create or replace view marts.few as select * from "boomerang"."marts"."fct_orders" limit 2')


def test_the_copy_holds_tables_and_views_under_their_names(settings: Settings) -> None:
    fill(settings, 5)
    assert renew_read_copy(settings) > 0
    with duckdb.connect(str(read_copy_path(settings)), read_only=True) as copy:
        assert copy.execute("select count(*) from marts.fct_orders").fetchall() == [(5,)]
        assert copy.execute("select count(*) from marts.few").fetchall() == [(2,)]


def test_the_copy_can_be_read_while_a_run_holds_the_warehouse(settings: Settings) -> None:
    fill(settings, 5)
    renew_read_copy(settings)
    with (
        Warehouse(settings).session() as session,
        duckdb.connect(str(read_copy_path(settings)), read_only=True) as copy,
    ):
        session.execute("insert into marts.fct_orders values (99)")
        assert copy.execute("select count(*) from marts.fct_orders").fetchall() == [(5,)]


def test_a_reader_of_the_old_copy_is_left_in_peace_when_it_is_renewed(settings: Settings) -> None:
    fill(settings, 5)
    renew_read_copy(settings)
    with duckdb.connect(str(read_copy_path(settings)), read_only=True) as old:
        fill(settings, 7)
        renew_read_copy(settings)
        assert old.execute("select count(*) from marts.fct_orders").fetchall() == [(5,)]
    with duckdb.connect(str(read_copy_path(settings)), read_only=True) as new:
        assert new.execute("select count(*) from marts.fct_orders").fetchall() == [(7,)]
    assert [file.name for file in settings.data_dir.glob("*.part*")] == []
