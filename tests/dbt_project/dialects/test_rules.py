"""Planted DuckDB SQL is found, each piece on its own; SQL of the warehouse itself passes."""

import pytest
from sqlglot.schema import MappingSchema

from tests.dbt_project.dialects.rules import complaints

BOTH = ("snowflake", "bigquery")
PLANTED = {
    "date_diff with the part first": ("select date_diff('day', a, b) from t", BOTH),
    "date_diff with the dates swapped for Snowflake": ("select datediff(a, b, day) from t", ("snowflake",)),
    "double colon": ("select a::int64 as a from t", ("bigquery",)),
    "list comprehension": ("select [x + 1 for x in l] as y from t", BOTH),
    "filter of an aggregate": ("select count(*) filter (where a > 1) as n from t", BOTH),
    "qualify alone": ("select a from t qualify row_number() over (partition by a order by b) = 1", ("bigquery",)),
    "group by all": ("select a, count(*) as n from t group by all", BOTH),
    "order by all": ("select a, b from t order by all", BOTH),
    "range as a table": ("select * from range(3)", BOTH),
    "generate_series": ("select * from generate_series(1, 3)", BOTH),
    "from first": ("from t select a", BOTH),
    "from alone": ("from t", BOTH),
    "distinct on": ("select distinct on (a) a, b from t", BOTH),
    "strftime": ("select strftime(a, '%Y') as y from t", BOTH),
    "epoch": ("select epoch(a) as y from t", BOTH),
    "regexp_matches": ("select regexp_matches(a, 'x') as y from t", BOTH),
    "list aggregate": ("select list(a) as y from t", BOTH),
    "arg_max": ("select arg_max(a, b) as y from t", BOTH),
    "bool_or": ("select bool_or(a) as y from t", BOTH),
    "string_agg": ("select string_agg(a, ',') as y from t", BOTH),
    "median": ("select quantile_cont(a, 0.5) as y from t", BOTH),
    "struct literal": ("select {'a': 1} as y", ("bigquery",)),
    "json arrow": ("select a->>'$.b' as y from t", BOTH),
    "exclude": ("select * exclude (a) from t", ("bigquery",)),
    "replace in a star": ("select * replace (1 as a) from t", ()),
    "except in a star": ("select * except (a) from t", ("snowflake",)),
    "integer division": ("select a // b as y from t", BOTH),
    "power as stars": ("select a ** b as y from t", BOTH),
    "asof join": ("select t.a from t asof join u on t.a >= u.b", BOTH),
    "union by name": ("select a from t union all by name select a from u", BOTH),
    "try_cast": ("select try_cast(a as bigint) as y from t", ("bigquery",)),
    "varchar": ("select cast(a as varchar) as y from t", ("bigquery",)),
    "double": ("select cast(a as double) as y from t", ("bigquery",)),
    "a decimal with places in a cast": ("select cast(a as decimal(18, 4)) as y from t", ("bigquery",)),
    "a bare decimal": ("select cast(a as numeric) as y from t", ("snowflake",)),
    "an interval with quotes": ("select a + interval '1 day' as y from t", ("bigquery",)),
    "an interval without quotes": ("select a + interval 1 day as y from t", ("snowflake",)),
    "a quoted name": ('select "a" from t', ("bigquery",)),
    "now": ("select now() as y", BOTH),
    "today": ("select today() as y", BOTH),
    "ilike": ("select a from t where a ilike 'x'", ("bigquery",)),
    "at time zone": ("select timezone('UTC', a) as y from t", BOTH),
    "date_trunc with the part first": ("select date_trunc('month', a) as y from t", ("bigquery",)),
    "read_parquet": ("select * from read_parquet('x')", BOTH),
    "columns": ("select columns('a.*') from t", BOTH),
    "a trailing comma": ("select a, b, from t", ("bigquery",)),
    "a slice": ("select a[1:2] as y from t", BOTH),
    "a reserved word as a name": ("select a as rows from t", BOTH),
    "a typing error": ("selec a from t", BOTH),
}
FAIR = {
    "snowflake": (
        "select datediff(day, a, b) as y, dateadd(day, -1, a) as z, date_trunc('month', a) as m from t",
        "select cast(convert_timezone('UTC', a) as date) as y, cast(b as decimal(18, 4)) as z from t",
        "select a from t where a not in (1, 2) union distinct select b from t",
        "create or replace transient table s.x as (select a, min_by(a, b) as c from t group by a)",
        "select a from t where a is not null or not a in (1, 2)",
        "select a, a + 1 as next_a, next_a + 1 as after_next from t",
    ),
    "bigquery": (
        "select date_diff(b, a, day) as y, date_add(a, interval 1 day) as z, date_trunc(a, month) as m from t",
        "select date(a, 'UTC') as y, round(cast(b as numeric), 4) as z, cast(a as int64) as c from t",
        "select a from t where a not in (1, 2) union distinct select b from t",
        "create or replace table `p`.`s`.`x` partition by a options() as (select a, max(b) as c from t group by a)",
        "select a from t where true qualify row_number() over (partition by a order by b) = 1",
    ),
}


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("planted", PLANTED)
def test_planted_duckdb_sql_is_found(planted: str, dialect: str) -> None:
    sql, wrong_in = PLANTED[planted]
    if dialect in wrong_in:
        assert complaints(sql, dialect) != []


@pytest.mark.parametrize("dialect", BOTH)
def test_sql_of_the_warehouse_itself_passes(dialect: str) -> None:
    assert {sql: complaints(sql, dialect) for sql in FAIR[dialect] if complaints(sql, dialect)} == {}


def test_columns_are_traced_to_their_tables() -> None:
    schema = MappingSchema({"s": {"t": {"a": "int64", "b": "int64"}}}, dialect="bigquery")
    assert complaints("select t.a, u.b from s.t as t inner join s.t as u on t.a = u.a", "bigquery", schema) == []
    assert "names" in complaints("select missing from s.t", "bigquery", schema)[0]
    assert "names" in complaints("select t.missing from s.t as t", "bigquery", schema)[0]


def test_an_alias_used_beside_itself_is_found_on_bigquery_only() -> None:
    """Snowflake and DuckDB know it; BigQuery does not, and its emulator, built on DuckDB, does."""
    sql = "select a + 1 as next_a, next_a + 1 as after_next from s.t"
    for dialect, expected in {"snowflake": [], "bigquery": ["names"]}.items():
        schema = MappingSchema({"s": {"t": {"a": "bigint"}}}, dialect=dialect)
        assert [found.split(":")[0] for found in complaints(sql, dialect, schema)] == expected


def test_most_of_what_is_planted_is_caught_on_both() -> None:
    assert sum(len(wrong_in) for _, wrong_in in PLANTED.values()) > 60
