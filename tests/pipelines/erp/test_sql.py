"""An ERP's own database: read as of one moment, in windows, through its folder of queries."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from pipelines.config import Settings
from pipelines.contracts.dead_letters import list_dead_letters
from pipelines.erp import queries as erp_queries
from pipelines.erp import source
from pipelines.erp.source import extract
from pipelines.erp_settings import SqlErp
from pipelines.failures import ConfigurationError, SourceUnavailable
from pipelines.intake.report import ExtractionFailed, ExtractionReport
from pipelines.progress import SilentProgress
from tests.pipelines.shopify.exports import rows, settings_in

ORDERS = """-- cursor: coalesce(o.changed, o.made), o.id
select o.id as sales_order_id, o.no as number, o.{order_reference_field} as shopify_reference, o.day as order_date,
    o.made as created_at, coalesce(o.changed, o.made) as updated_at, o.state as status, 'EUR' as currency,
    o.total as total_amount /* , cursor */
from orders o
where o.id > 0 /* and window */
"""
LINES = """-- cursor: coalesce(o.changed, o.made), l.id
select l.id as line_id, l.order_id as sales_order_id, 'item' as line_type, l.sku as sku, l.units as quantity
from lines l inner join orders o on o.id = l.order_id
where l.units is not null /* and window */
"""
PLACES = "select id as location_id, name as name from places where id > 0 /* and window */\n"


class Shop:
    """A database of an ERP, and the folder of queries that reads it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "erp.sqlite"
        self.queries = folder / "queries" / "plain"
        self.queries.mkdir(parents=True)
        self.query("sales_orders", ORDERS)
        self.query("sales_order_lines", LINES)
        self.query("locations", PLACES)
        self.run(
            "create table orders (id integer, no text, ref text, day text, made text, changed text, state text, total)",
            "create table lines (id integer, order_id integer, sku text, units)",
            "create table places (id integer, name text)",
            "insert into places values (1, 'Leipzig'), (2, 'Hamburg')",
        )

    def query(self, table: str, text: str) -> None:
        (self.queries / f"{table}.sql").write_text(text)

    def run(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def order(self, number: int, made: str, changed: str = "", state: str = "billed", total: Any = 12.5) -> None:
        late = f"'{changed}'" if changed else "null"
        self.run(
            f"insert into orders values ({number}, 'SO{number}', '#{number}', '{made[:10]}', '{made}', {late}, "
            f"'{state}', {total})",
            f"insert into lines values ({number * 10}, {number}, 'A', 2), ({number * 10 + 1}, {number}, 'B', 0.5)",
        )


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    found = Shop(tmp_path)
    load = erp_queries.load_queries
    monkeypatch.setattr(source, "load_queries", lambda erp, contract: load(erp, contract, tmp_path / "queries"))
    return found


def settings_of(tmp_path: Path, url: str | None = None, **more: Any) -> Settings:
    address = SecretStr(url or f"sqlite:///{tmp_path / 'erp.sqlite'}")
    erp = {"name": "plain", "kind": "sql", "queries": "plain", "url": address, "order_reference_field": "ref"}
    return settings_in(tmp_path, erp={"plain": SqlErp.model_validate({**erp, **more})})


def read(settings: Settings, *entities: str) -> ExtractionReport:
    return extract(settings, "plain", entities=entities or None, run_id="run", progress=SilentProgress())


def problems(settings: Settings) -> list[tuple[Any, ...]]:
    return rows(settings, "select feed, code from ops.feed_problems where cleared_at is null order by 1, 2")


def test_rows_arrive_typed_in_utc_and_only_what_changed_is_read_again(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path, database_time_zone="Europe/Berlin", batch_rows=2)
    shop.order(1, "2026-07-01 10:00:00")
    shop.order(2, "2026-07-01 10:00:00", "2026-07-02 09:30:00.25")
    shop.order(3, "2026-07-03 10:00:00")
    first = read(settings)
    assert {one.entity: (one.expected_rows, one.loaded_rows) for one in first.entities} == {
        "sales_orders": (9, 9),
        "locations": (2, 2),
    }
    wanted = (
        "select sales_order_id, shopify_reference, created_at, cast(total_amount as varchar) from raw_erp.sales_orders"
    )
    assert rows(settings, f"{wanted} where erp = 'plain' order by 1 limit 1") == [
        ("1", "#1", datetime(2026, 7, 1, 8, tzinfo=UTC), "12.5000")
    ]
    assert rows(settings, "select sum(quantity) from raw_erp.sales_order_lines") == [(7.5,)]
    shown = (datetime.now(ZoneInfo("Europe/Berlin")) - timedelta(minutes=1)).strftime("%Y-%m-%d %H:%M:%S")
    shop.run(f"update orders set changed = '{shown}', total = 99 where id = 2", "delete from lines where id = 21")
    again = read(settings_of(tmp_path, database_time_zone="Europe/Berlin"), "sales_orders").entities
    assert [(one.mode, one.arrived_rows) for one in again] == [("incremental", 2)]
    assert rows(settings, "select line_id from raw_erp.sales_order_lines where sales_order_id = '2'") == [("20",)]


def test_what_breaks_the_contract_is_a_dead_letter_and_the_counts_add_up(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    shop.order(1, "2026-07-01 10:00:00")
    shop.order(2, "2026-07-01 10:00:00", state="lost")
    (found,) = read(settings, "sales_orders").entities
    assert (found.expected_rows, found.arrived_rows, found.loaded_rows, found.rejected_rows) == (6, 6, 3, 3)
    assert {letter.rule for letter in list_dead_letters(settings)} == {"status_allowed", "parent_rejected"}


@pytest.mark.parametrize(
    ("table", "text", "sentence"),
    [
        (
            "sales_orders",
            ORDERS.replace("o.no as", "o.nr as"),
            "rejects the query of sales_orders (no such column: o.nr)",
        ),
        ("sales_orders", ORDERS.replace("as number", "as document"), "selects the column document, which the contract"),
        (
            "locations",
            PLACES.replace("name as name", "null as time_zone"),
            "lacks the column name, which the contract req",
        ),
    ],
)
def test_a_query_that_does_not_fit_fails_its_entity_only(
    shop: Shop, tmp_path: Path, table: str, text: str, sentence: str
) -> None:
    settings = settings_of(tmp_path)
    shop.order(1, "2026-07-01 10:00:00")
    shop.query(table, text)
    with pytest.raises(ExtractionFailed) as failed:
        read(settings)
    assert sentence in str(failed.value)
    assert len(failed.value.report.entities) == 1
    assert problems(settings) == [(table, "FED-04")]
    shop.query("sales_orders", ORDERS)
    shop.query("locations", PLACES)
    read(settings)
    assert problems(settings) == []


def test_a_database_that_breaks_off_is_asked_again_and_then_told_with_nothing_loaded(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path, batch_rows=2)
    for number in range(1, 6):
        shop.order(number, "2026-07-01 10:00:00")
    fetch, dropped = sa.CursorResult.fetchmany, 0

    def drops_at_first(self: Any, size: int | None = None) -> Any:
        nonlocal dropped
        found = fetch(self, size)
        if dropped < drops and len(found) == 1:
            dropped += 1
            lost = sqlite3.OperationalError("server closed the connection unexpectedly")
            raise sa.exc.OperationalError("select", {}, lost, connection_invalidated=True)
        return found

    monkeypatch.setattr(sa.CursorResult, "fetchmany", drops_at_first)
    monkeypatch.setattr("pipelines.erp.sql.reader.PAUSE_SECONDS", 0.0)
    drops = 2
    assert read(settings, "sales_orders").entities[0].loaded_rows == 15
    drops = 9
    shop.run("update orders set changed = datetime('now', '-1 minutes') where id = 3")
    with pytest.raises(ExtractionFailed, match=r"broke off while sales_orders was read \(server closed"):
        read(settings, "sales_orders")
    assert problems(settings) == [("sales_orders", "FED-01")]
    assert rows(settings, "select count(*) from raw_erp.sales_orders") == [(5,)]


def test_a_database_that_is_not_there_is_told_for_every_entity(shop: Shop, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("pipelines.erp.sql.reader.PAUSE_SECONDS", 0.0)
    settings = settings_of(tmp_path, url=f"sqlite:///{tmp_path / 'nowhere' / 'erp.sqlite'}")
    with pytest.raises(SourceUnavailable, match="database of erp plain cannot be reached"):
        read(settings)
    assert problems(settings) == [("locations", "FED-01"), ("sales_orders", "FED-01")]
    with pytest.raises(ConfigurationError, match="names no database that can be read here"):
        read(settings_of(tmp_path, url="nosuch://host/db"))


def test_nothing_can_be_written_through_the_connection(shop: Shop, tmp_path: Path) -> None:
    shop.query("locations", PLACES.replace("select id", "insert into places values (3, 'x') returning id"))
    with pytest.raises(ExtractionFailed, match="locations"):
        read(settings_of(tmp_path), "locations")
    with sqlite3.connect(tmp_path / "erp.sqlite") as connection:
        assert connection.execute("select count(*) from places").fetchall() == [(2,)]
    connection.close()


def test_a_snapshot_with_far_fewer_rows_is_loaded_and_reported(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    shop.run(*(f"insert into places values ({number}, 'Bin {number}')" for number in range(3, 60)))
    read(settings, "locations")
    shop.run("delete from places where id > 5")
    read(settings, "locations")
    assert rows(settings, "select count(*) from raw_erp.locations") == [(5,)]
    assert problems(settings) == [("locations", "FED-06")]
    read(settings, "locations")
    assert problems(settings) == []


def test_an_entity_that_stands_still_is_reported(shop: Shop, tmp_path: Path) -> None:
    shop.order(1, "2026-07-01 10:00:00")
    settings = settings_of(tmp_path, late_hours={"sales_orders": 24})
    read(settings, "sales_orders")
    assert problems(settings) == [("sales_orders", "FED-01")]
    shop.run("update orders set changed = datetime('now', '-1 minutes')")
    read(settings, "sales_orders")
    assert problems(settings) == []


DELETED = """-- cursor: g.at, g.id
select 'sales_orders' as record_type, g.id as record_id, g.at as deleted_at
from gone g
where g.id > 0 /* and window */
"""


def test_rows_that_are_gone_without_a_word_are_reported_until_a_deletion_is_told(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    shop.query("deleted_records", DELETED)
    shop.run("create table gone (id integer, at text)")
    for number in (1, 2, 3):
        shop.order(number, "2026-07-01 10:00:00")
    read(settings)
    assert problems(settings) == []
    shop.run("delete from orders where id = 2")
    read(settings)
    assert problems(settings) == [("sales_orders", "FED-08")]
    shop.run("insert into gone values (2, datetime('now', '-1 minutes'))")
    read(settings)
    assert problems(settings) == []
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders order by 1") == [("1",), ("3",)]
    assert rows(settings, "select distinct sales_order_id from raw_erp.sales_order_lines order by 1") == [
        ("1",),
        ("3",),
    ]


def test_rows_that_come_below_the_cursor_are_told_and_read_by_the_next_run(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    for number, state in ((1, "billed"), (2, "lost")):
        shop.order(number, "2026-07-01 10:00:00", state=state)
    read(settings, "sales_orders")
    # Rejected is not missing.
    read(settings, "sales_orders")
    assert problems(settings) == []
    # Entered today, and stamped with an hour that has been read: a replica that lags, a transaction left open.
    shop.order(3, "2026-07-02 10:00:00")
    read(settings, "sales_orders")
    assert problems(settings) == [("sales_orders", "FED-10")]
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders order by 1") == [("1",)]
    read(settings, "sales_orders")
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders order by 1") == [("1",), ("3",)]
    assert problems(settings) == []


def test_rows_that_a_query_repeats_are_loaded_once_and_told(shop: Shop, tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    shop.order(1, "2026-07-01 10:00:00")
    shop.run("create table tags (order_id integer, tag text)", "insert into tags values (1, 'a'), (1, 'b')")
    shop.query("sales_orders", ORDERS.replace("from orders o", "from orders o left join tags t on t.order_id = o.id"))
    read(settings, "sales_orders")
    assert problems(settings) == [("sales_orders", "FED-02")]
    assert rows(settings, "select sales_order_id from raw_erp.sales_orders") == [("1",)]
    shop.query("sales_orders", ORDERS)
    read(settings, "sales_orders")
    assert problems(settings) == []
