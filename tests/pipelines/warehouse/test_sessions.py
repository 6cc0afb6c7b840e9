"""What a session promises holds on DuckDB, on Snowflake and on BigQuery: the same calls, the same answers."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pyarrow as pa
import pytest

from pipelines.config import Settings
from pipelines.failures import WarehouseError
from pipelines.warehouse import PLATFORM_SCHEMAS, Session, Warehouse
from pipelines.warehouse.bigquery_session import BigQuerySession
from tests.pipelines.warehouse.things import TYPES

AT = datetime(2026, 3, 1, 23, 59, 59, 123456, tzinfo=UTC)
NAMES = ("id", "name", "price", "amount", "seen_at", "clock", "day", "is_new", "ratio")
FULL = (
    2**62,
    'Zoë\'s \\ "quoted" 漢字 ? %s\n',
    Decimal("1234567890123456789012345678.0123456789"),
    Decimal("12.3400"),
    AT,
    AT.replace(tzinfo=None),
    date(2026, 3, 1),
    True,
    0.1,
)
EMPTY = (None,) * len(NAMES)
INSERT = f"insert into ops.things ({', '.join(NAMES)}) values ({', '.join('?' * len(NAMES))})"


def ids(session: Session) -> list[int]:
    """The ids in ops.things, in order."""
    return [row[0] for row in session.rows("select id from ops.things order by id")]


def numbered(*numbers: int) -> pa.Table:
    """Rows with nothing but an id."""
    return pa.table({"id": pa.array(numbers, pa.int64())})


@pytest.mark.parametrize("row", [FULL, EMPTY], ids=["every type", "nulls"])
def test_a_row_comes_back_as_it_was_given(session: Session, row: tuple[object, ...]) -> None:
    session.execute(INSERT, row)
    assert session.rows("select * from ops.things") == [row]
    assert session.dicts("select * from ops.things") == [dict(zip(NAMES, row, strict=True))]
    assert session.arrow("select * from ops.things").to_pylist() == [dict(zip(NAMES, row, strict=True))]


def test_every_value_is_found_again_by_itself(session: Session) -> None:
    session.execute(INSERT, FULL)
    for name, value in zip(NAMES, FULL, strict=True):
        assert session.rows(f"select count(*) from ops.things where {name} = ?", (value,)) == [(1,)], name


def test_results_have_the_types_of_the_columns_also_when_there_are_no_rows(session: Session) -> None:
    schema = session.arrow("select id, name, seen_at, clock, day, is_new, ratio from ops.things where false").schema
    assert schema.field("id").type == pa.int64()
    assert schema.field("name").type in (pa.string(), pa.large_string())
    assert schema.field("seen_at").type.tz in ("UTC", "Etc/UTC")
    assert schema.field("clock").type == pa.timestamp("us")
    assert schema.field("day").type == pa.date32()
    assert schema.field("is_new").type == pa.bool_()
    assert schema.field("ratio").type == pa.float64()


def test_an_instant_said_in_another_zone_is_the_same_instant_in_utc(session: Session) -> None:
    in_kolkata = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))
    session.execute("insert into ops.things (id, seen_at) values (1, ?)", (in_kolkata,))
    [(found,)] = session.rows("select seen_at from ops.things")
    assert found == AT
    assert found.utcoffset() == timedelta(0)


def test_rows_are_appended_by_the_names_of_their_columns(session: Session) -> None:
    session.append("ops.things", pa.table({"name": ["a", None], "id": [1, 2]}))
    assert session.rows("select id, name, day from ops.things order by id") == [(1, "a", None), (2, None, None)]


def test_an_appended_row_comes_back_as_it_was_given(session: Session) -> None:
    columns = [pa.array([FULL[place], None], kind) for place, kind in enumerate(TYPES)]
    session.append("ops.things", pa.table(columns, names=list(NAMES)))
    assert session.rows("select * from ops.things order by id nulls last") == [FULL, EMPTY]


def test_many_rows_are_appended_at_once_and_read_in_batches(session: Session) -> None:
    session.append("ops.things", numbered(*range(5_000)))
    batches = list(session.batches("select id from ops.things", rows=700))
    assert max(batch.num_rows for batch in batches) <= 700
    assert sum(batch.num_rows for batch in batches) == 5_000
    assert session.rows("select sum(id), count(*) from ops.things") == [(sum(range(5_000)), 5_000)]


def test_nothing_is_appended_from_an_empty_table(session: Session) -> None:
    session.append("ops.things", numbered())
    assert ids(session) == []


def test_a_column_that_the_table_lacks_is_refused(session: Session) -> None:
    with pytest.raises(Exception, match="colour"):
        session.append("ops.things", pa.table({"id": [1], "colour": ["red"]}))
    assert ids(session) == []


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        (pa.array([[1]]), "is nested; give its parts columns of their own"),
        (pa.array([{"a": 1}]), "is nested"),
        (pa.array([timedelta(1)]), "is a span of time"),
        (pa.array([AT], pa.timestamp("ns", "UTC")).cast(pa.int64()).cast(pa.uint64()), None),
        (pa.array([2**63], pa.uint64()), "does not fit into int64"),
    ],
    ids=["list", "struct", "duration", "unsigned that fits", "unsigned that does not"],
)
def test_a_type_that_the_engine_lacks_is_named(session: Session, column: pa.Array, sentence: str | None) -> None:
    if sentence is None:
        session.append("ops.things", pa.table({"id": column}))
        assert len(ids(session)) == 1
        return
    with pytest.raises(WarehouseError, match=f"Column id of ops.things cannot be stored .*{sentence}"):
        session.append("ops.things", pa.table({"id": column}))
    assert ids(session) == []


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_a_decimal_with_more_digits_than_the_engine_keeps_is_named(session: Session) -> None:
    digits = pa.array([Decimal("9" * 60)], pa.decimal256(60, 0))
    with pytest.raises(WarehouseError, match=r"(?i)price|ops\.things"):
        session.append("ops.things", pa.table({"price": digits}))
    assert ids(session) == []


def test_values_in_a_list_are_found(session: Session) -> None:
    session.append("ops.things", pa.table({"id": [1, 2, 3], "name": ["a", "it's", "c"]}))
    about = "select id from ops.things where {} order by id"
    assert session.rows(about.format("id in (select unnest(?))"), ([1, 3, 9],)) == [(1,), (3,)]
    assert session.rows(about.format("name in (select unnest(?)) and id > ?"), (["it's", 'a"'], 0)) == [(2,)]
    assert session.rows(about.format("id not in (select unnest(?))"), ([1, 3],)) == [(2,)]
    assert session.rows(about.format("id in (select unnest(?))"), ([],)) == []


def failing(session: Session) -> None:
    """A transaction that writes in each way there is, and then fails."""
    with session.transaction():
        session.execute("delete from ops.things where id = 1")
        session.execute("insert into ops.things (id) values (?)", (3,))
        session.append("ops.things", numbered(4))
        assert ids(session) == [2, 3, 4]
        raise ZeroDivisionError


def test_a_transaction_appears_as_a_whole_or_not_at_all(session: Session, warehouse_settings: Settings) -> None:
    session.append("ops.things", numbered(1, 2))
    with pytest.raises(ZeroDivisionError):
        failing(session)
    assert ids(session) == [1, 2]
    with session.transaction():
        session.execute("update ops.things set id = 9 where id = 1")
        with Warehouse(warehouse_settings).session() as other:
            assert ids(other) == [1, 2]
        session.append("ops.things", numbered(5))
    assert ids(session) == [2, 5, 9]


def refused(session: Session) -> None:
    """A transaction of which the warehouse refuses the second statement."""
    with session.transaction():
        session.execute("delete from ops.things where true")
        session.execute("insert into ops.nothing_of_the_kind (id) values (1)")


def test_a_failed_statement_undoes_its_transaction(session: Session) -> None:
    session.append("ops.things", numbered(1))
    with pytest.raises(Exception, match=r"(?i)nothing_of_the_kind"):
        refused(session)
    assert ids(session) == [1]
    with session.transaction():
        session.append("ops.things", numbered(2))
    assert ids(session) == [1, 2]


def defining(session: Session) -> None:
    """A transaction that creates a table half way."""
    with session.transaction():
        session.append("ops.things", numbered(1))
        session.execute("create temp table keys (id bigint)")


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_a_definition_within_a_transaction_is_refused_for_it_would_commit(session: Session) -> None:
    with pytest.raises(RuntimeError, match="Inside a transaction"):
        defining(session)
    assert ids(session) == []


def test_a_temporary_table_is_filled_in_a_transaction_and_goes_with_its_session(warehouse_settings: Settings) -> None:
    warehouse = Warehouse(warehouse_settings)
    with warehouse.session() as session:
        session.execute("create table ops.things (id bigint)")
        session.append("ops.things", numbered(1, 2, 3))
        for _ in range(2):
            session.execute("create or replace temp table keys as select id from ops.things where false")
        with session.transaction():
            session.append("keys", numbered(1, 3))
            session.execute("delete from ops.things where id in (select id from keys)")
        assert ids(session) == [2]
    with warehouse.session() as session:
        with pytest.raises(Exception, match=r"(?i)keys"):
            session.rows("select id from keys")
        session.execute("create temp table keys as select 1 as id")
        assert session.rows("select id from keys") == [(1,)]


def test_two_sessions_at_a_time_do_not_see_each_others_temporary_tables(warehouse_settings: Settings) -> None:
    warehouse = Warehouse(warehouse_settings)
    with warehouse.session() as one, warehouse.session() as two:
        one.execute("create temp table keys as select 1 as id")
        two.execute("create temp table keys as select 2 as id")
        assert one.rows("select id from keys") == [(1,)]
        assert two.rows("select id from keys") == [(2,)]


def test_tables_and_their_columns_are_listed_in_lower_case_and_in_order(session: Session) -> None:
    assert session.columns("ops")["things"] == list(NAMES)
    session.execute('create view ops.shorter as select id as "order", name from ops.things')
    assert session.columns("ops")["shorter"] == ["order", "name"]
    assert session.columns("nowhere") == {}
    assert session.exists("ops.shorter")
    assert not session.exists("ops.longer")
    assert not session.exists("nowhere.things")


def test_a_column_that_is_added_is_there(session: Session) -> None:
    session.append("ops.things", numbered(1))
    session.execute("alter table ops.things add column colour varchar")
    session.append("ops.things", pa.table({"id": [2], "colour": ["red"]}))
    assert session.rows("select id, colour from ops.things order by id") == [(1, None), (2, "red")]


def test_names_that_an_engine_reserves_can_be_used_quoted_and_plain_names_in_either_way(session: Session) -> None:
    session.execute('create table ops.odd ("order" bigint, "group" varchar, "plain" varchar)')
    session.execute('insert into ops.odd ("order", "group", plain) values (1, ?, ?)', ("g", "p"))
    assert session.dicts('select "order", "group", "plain" from ops.odd where plain = \'p\'') == [
        {"order": 1, "group": "g", "plain": "p"}
    ]


def test_the_schemas_of_the_platform_are_there_at_once(warehouse_settings: Settings) -> None:
    with Warehouse(warehouse_settings).session() as session:
        for schema in PLATFORM_SCHEMAS:
            session.execute(f"create table {schema}.probe (id bigint)")
            assert session.exists(f"{schema}.probe")


def test_a_table_that_is_created_twice_keeps_its_rows_and_on_bigquery_their_order(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    if isinstance(session, BigQuerySession):  # the emulator takes clustering, and does not say so afterwards
        query = session.client.query
        monkeypatch.setattr(session.client, "query", lambda text, **given: asked.append(text) or query(text, **given))
    for _ in range(2):
        session.create("ops.sorted", "shop varchar, id bigint, price decimal(38, 10)", ("shop", "id"))
        session.append("ops.sorted", pa.table({"shop": ["us"], "id": [1]}))
    assert session.rows("select shop, id, price from ops.sorted") == [("us", 1, None)] * 2
    clustered = [text.endswith("cluster by `shop`, `id`") for text in asked if text.lower().startswith("create")]
    assert clustered == ([True, True] if isinstance(session, BigQuerySession) else [])


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_a_prefix_keeps_two_installations_apart(warehouse_settings: Settings, warehouse_engine: str) -> None:
    section = getattr(warehouse_settings, warehouse_engine).model_copy(update={"schema_prefix": "ci_"})
    prefixed = warehouse_settings.model_copy(update={warehouse_engine: section})
    with Warehouse(warehouse_settings).session() as plain, Warehouse(prefixed).session() as other:
        other.execute("create table ops.things (id bigint)")
        other.append("ops.things", numbered(7))
        assert ids(other) == [7]
        assert other.columns("ops") == {"things": ["id"]}
        assert not plain.exists("ops.things")
        assert plain.columns("ci_ops") == {"things": ["id"]}
