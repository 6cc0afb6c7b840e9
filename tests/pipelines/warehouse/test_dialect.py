"""The platform's SQL in the words of Snowflake and BigQuery."""

from typing import Any

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from pipelines.warehouse.dialect import statement
from pipelines.warehouse.dialect_rules import NotPortable

TRANSLATIONS = {
    "names": (
        'select o."order", O.name from ops.orders as o',
        'SELECT "O"."ORDER", "O"."NAME" FROM "OPS"."ORDERS" AS "O"',
        "SELECT `o`.`order`, `O`.`name` FROM `ops`.`orders` AS `o`",
    ),
    "types": (
        "create table ops.t (a bigint not null, b varchar, c decimal(18, 4), d decimal(38, 20), e timestamptz,"
        " f timestamp, g double, h boolean, i date)",
        'CREATE TABLE "OPS"."T" ("A" BIGINT NOT NULL, "B" VARCHAR, "C" DECIMAL(18, 4), "D" DECIMAL(38, 20),'
        ' "E" TIMESTAMPTZ, "F" TIMESTAMPNTZ, "G" DOUBLE, "H" BOOLEAN, "I" DATE)',
        "CREATE TABLE `ops`.`t` (`a` INT64 NOT NULL, `b` STRING, `c` NUMERIC(18, 4), `d` BIGNUMERIC(38, 20),"
        " `e` TIMESTAMP, `f` DATETIME, `g` FLOAT64, `h` BOOL, `i` DATE)",
    ),
    "hugeint": (
        "select cast(a as hugeint) from ops.t",
        'SELECT CAST("A" AS DECIMAL(38, 0)) FROM "OPS"."T"',
        "SELECT ROUND(CAST(`a` AS BIGNUMERIC), 0) FROM `ops`.`t`",
    ),
    "decimals": (
        "select cast(concat_ws('.', split_part(a, '/', 1), b) as decimal(18, 2)) from ops.t",
        "SELECT CAST(CONCAT_WS('.', COALESCE(SPLIT_PART(\"A\", '/', 1), ''), COALESCE(\"B\", '')) AS DECIMAL(18, 2))"
        ' FROM "OPS"."T"',
        "SELECT ROUND(CAST(ARRAY_TO_STRING([COALESCE(SPLIT(`a`, '/')[SAFE_ORDINAL(1)], ''), `b`], '.') AS NUMERIC), 2)"
        " FROM `ops`.`t`",
    ),
    "insert by name": (
        "insert into ops.t by name select ? as b, 1 as a",
        'INSERT INTO "OPS"."T" ("B", "A") SELECT ? AS "B", 1 AS "A"',
        "INSERT INTO `ops`.`t` (`b`, `a`) SELECT ? AS `b`, 1 AS `a`",
    ),
    "filter": (
        "select count(*) filter (where a > 1) as n, sum(b) filter (where a = 2) as s from ops.t",
        'SELECT COUNT(CASE WHEN "A" > 1 THEN 1 END) AS "N", SUM(CASE WHEN "A" = 2 THEN "B" END) AS "S" FROM "OPS"."T"',
        "SELECT COUNT(CASE WHEN `a` > 1 THEN 1 END) AS `n`, SUM(CASE WHEN `a` = 2 THEN `b` END) AS `s` FROM `ops`.`t`",
    ),
    "update of everything": (
        "update ops.t set a = 1",
        'UPDATE "OPS"."T" SET "A" = 1',
        "UPDATE `ops`.`t` SET `a` = 1 WHERE TRUE",
    ),
    "delete of everything": (
        "delete from ops.t",
        'DELETE FROM "OPS"."T"',
        "DELETE FROM `ops`.`t` WHERE TRUE",
    ),
    "schema": (
        "drop schema if exists landing_us cascade",
        'DROP SCHEMA IF EXISTS "LANDING_US" CASCADE',
        "DROP SCHEMA IF EXISTS `landing_us` CASCADE",
    ),
    "parts of a text": (
        "select split_part(a, '/', 2) from ops.t",
        'SELECT SPLIT_PART("A", \'/\', 2) FROM "OPS"."T"',
        "SELECT COALESCE(SPLIT(`a`, '/')[SAFE_ORDINAL(2)], '') FROM `ops`.`t`",
    ),
}


@pytest.mark.parametrize(("sql", "snowflake", "bigquery"), TRANSLATIONS.values(), ids=TRANSLATIONS)
def test_a_statement_is_said_in_the_words_of_the_engine(sql: str, snowflake: str, bigquery: str) -> None:
    params = ["x"] * sql.count("?")
    assert statement(sql, params, "snowflake", "").bound(params)[0] == snowflake
    assert statement(sql, params, "bigquery", "").bound(params)[0] == bigquery


LISTS = "select a from ops.t where b = ? and a in (select unnest(?)) and c not in ( SELECT unnest( ? ) ) and d = ?"


def test_lists_of_values_become_what_the_engine_takes() -> None:
    params: list[Any] = ["x", [1, 2], ["y"], "z"]
    text, values = statement(LISTS, params, "bigquery", "").bound(params)
    assert text.endswith("WHERE `b` = ? AND `a` IN UNNEST(?) AND NOT `c` IN UNNEST(?) AND `d` = ?")
    assert values == params
    text, values = statement(LISTS, params, "snowflake", "").bound(params)
    assert '"A" IN (SELECT CAST("LISTED"."VALUE" AS BIGINT) FROM TABLE(FLATTEN(' in text
    assert 'NOT "C" IN (SELECT CAST("LISTED"."VALUE" AS VARCHAR) FROM TABLE(FLATTEN(' in text
    assert values == params


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_an_empty_list_matches_nothing(engine: Any) -> None:
    params: list[Any] = ["x", [], ["y"], "z"]
    text, values = statement(LISTS, params, engine, "").bound(params)
    assert "FALSE" in text
    assert values == ["x", ["y"], "z"]


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_values_follow_their_placeholders_where_a_translation_moves_or_repeats_them(engine: Any) -> None:
    sql = "select date_diff('day', cast(? as date), cast(? as date)), split_part(?, ?, 2)"
    params = ["from", "to", "text", "part"]
    text, values = statement(sql, params, engine, "").bound(params)
    assert text.count("?") == len(values)
    moved = ["to", "from"] if engine == "bigquery" else ["from", "to"]
    assert values == [*moved, "text", "part"]


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_a_null_is_written_out_for_it_has_no_type(engine: Any) -> None:
    text, values = statement("update ops.t set a = ?, b = ? where c = ?", (None, 1, 2), engine, "").bound((None, 1, 2))
    assert "= null" in text
    assert values == [1, 2]


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_question_marks_in_texts_are_no_placeholders(engine: Any) -> None:
    text, values = statement("select '?', ? as \"a?\" -- what?", ("x",), engine, "").bound(("x",))
    assert "'?'" in text
    assert values == ["x"]


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40))
def test_any_text_written_into_a_statement_is_the_same_text_for_the_engine(engine: Any, text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    said, values = statement(f"select {quoted} as a, ? as b", ("x",), engine, "").bound(("x",))
    assert values == ["x"]
    read = sqlglot.parse_one(said, read=engine).find(exp.Literal)
    assert read is not None
    assert read.this == text


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
def test_a_prefix_stands_before_schemas_and_nothing_else(engine: Any) -> None:
    sql = "with known as (select 1 as a) select t.a, known.a from ops.t as t join known on t.a = known.a"
    text, _ = statement(sql, (), engine, "ci_").bound(())
    assert text.lower().count("ci_") == 1
    assert "ci_ops" in text.lower().replace('"', "").replace("`", "")


REFUSED = {
    "files": ("select * from read_parquet('x.parquet')", "reads files"),
    "catalogue": ("select table_name from information_schema.tables", "use Session.columns"),
    "star by name": ("insert into ops.t by name select * from ops.u", "name the columns"),
    "order by all": ("select a from ops.t order by all", "orders by all"),
    "nested": ("create table ops.t (a bigint[])", "nested type"),
    "own command": ("copy ops.t to 'x.csv'", "no statement that every engine has"),
    "syntax": ("selec a frm b c d", "cannot be parsed"),
}


@pytest.mark.parametrize("engine", ["snowflake", "bigquery"])
@pytest.mark.parametrize(("sql", "why"), REFUSED.values(), ids=REFUSED)
def test_what_only_duckdb_can_do_is_refused_before_it_is_sent(engine: Any, sql: str, why: str) -> None:
    with pytest.raises(NotPortable, match=why):
        statement(sql, (), engine, "")


def test_a_statement_is_translated_once() -> None:
    first = statement("select a from ops.once where b = ?", ("x",), "snowflake", "")
    assert statement("select a from ops.once where b = ?", ("y",), "snowflake", "") is first


def test_definitions_and_temporary_tables_are_told_apart() -> None:
    made = statement("create or replace temp table keys as select a from ops.t", (), "snowflake", "")
    assert (made.definition, made.temporary) == (True, "keys")
    altered = statement("alter table ops.t add column b varchar", (), "bigquery", "")
    assert (altered.definition, altered.temporary) == (True, None)
    read = statement("select a from ops.t", (), "bigquery", "")
    assert (read.definition, read.temporary) == (False, None)
