"""What bqemulator 1.4.0 lacks of the statements that this platform sends to BigQuery: one function a gap.

Each takes the text of a statement and returns what the emulator can run instead, or the text as it came. The statement
that the real service runs stands in each docstring; docs/warehouses.md lists them.
"""

import re
from collections.abc import Callable

QUOTES = "'\"`"
CREATES_WITH_COLUMNS = re.compile(
    r"(?is)create\s+(?:or\s+replace\s+)?table\s+(?:if\s+not\s+exists\s+)?(?:`[^`]+`|[\w.\-]+)(?:\.(?:`[^`]+`|[\w\-]+))*\s*\("
)
PARTITIONS = re.compile(
    r"(?is)set\s*\(\s*(?P<name>\w+)\s*\)\s*=\s*\(\s*select\s+as\s+struct\s+(?:--[^\n]*\n\s*)?"
    r"array_agg\(\s*distinct\s+(?P<value>.*?)\s+ignore\s+nulls\s*\)\s+from\s+(?P<table>\S+)\s*\)"
)
SETS_OPTIONS = re.compile(r"(?is)\s*(?:/\*.*?\*/\s*)*alter\s+(?:table|view)\s+\S+\s+set\s+options\s*\(")


def contracts_may_be_in_brackets(sql: str) -> str:
    """`create table t (id int64 not null) ... as (select ...)`, which is each model with an enforced contract.

    The emulator reads the query without brackets only.
    """
    position = 0
    while match := CREATES_WITH_COLUMNS.search(sql, position):
        columns_end = closing(sql, match.end() - 1)
        position = max(columns_end + 1, match.end())
        query = re.compile(r"(?is)\bas\s*\(").search(sql, position) if columns_end > 0 else None
        query_end = closing(sql, query.end() - 1) if query else -1
        if query and query_end > 0:
            sql = f"{sql[: query.start()]}as {sql[query.end() : query_end]}{sql[query_end + 1 :]}"
    return sql


def partitions_to_replace_are_counted_plainly(sql: str) -> str:
    """`set (v) = (select as struct array_agg(distinct x ignore nulls) from t)`, which is dbt's insert_overwrite."""
    plain = r"set \g<name> = (select array_agg(distinct \g<value>) from \g<table> where \g<value> is not null)"
    return PARTITIONS.sub(plain, sql)


def options_of_tables_are_not_kept(sql: str) -> str:
    """`alter table t set options(...)`, which dbt sends after a seed: not seen with dbt's comment behind it."""
    return "select 1" if SETS_OPTIONS.match(sql) else sql


def closing(sql: str, start: int) -> int:
    """Where the bracket that opens at `start` closes, outside of quotes; -1 when it does not."""
    depth = 0
    quote = ""
    position = start
    while position < len(sql):
        character = sql[position]
        if quote:
            if character == "\\":
                position += 1
            elif character == quote:
                quote = ""
        elif character in QUOTES:
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if not depth:
                return position
        position += 1
    return -1


REWRITES: tuple[Callable[[str], str], ...] = (
    contracts_may_be_in_brackets,
    partitions_to_replace_are_counted_plainly,
    options_of_tables_are_not_kept,
)
