"""What fakesnow 0.12.1 lacks of the statements that this platform sends to Snowflake: one function a gap.

Each takes the text of a statement and returns what the emulator can run instead, or the text as it came. The statement
that the real service runs stands in each docstring; docs/warehouses.md lists them.
"""

import re
from collections.abc import Callable

DONE = "select 'Statement executed successfully.' as status"
# dbt puts a comment with the node's name in front of its statements.
COMMENT = r"\s*(?:/\*.*?\*/\s*)*"
STAGE = re.compile(r"'(@[^']+)'|(@\"[^\s]+)")
UNKNOWN_FORMAT_OPTIONS = ("BINARY_AS_TEXT", "USE_LOGICAL_TYPE", "BINARY_FORMAT", "USE_VECTORIZED_SCANNER", "ENCODING")


def _starts(sql: str, words: str) -> bool:
    return re.match(rf"(?is){COMMENT}(?:{words})\b", sql) is not None


def temporary_tables_have_no_schema(sql: str) -> str:
    """`create temporary table "DB"."SCHEMA"."NAME" ...`: DuckDB keeps temporary tables outside of every schema.

    Qualified ones become permanent; whoever made them drops them, as dbt does.
    """
    made = r"(?is)\b(create\s+(?:or\s+replace\s+)?)(?:local\s+)?temp(?:orary)?\s+"
    qualified = r"((?:table|view)\s+(?:if\s+not\s+exists\s+)?[\w\"$]+\.)"
    return re.sub(made + qualified, r"\1\2", sql, count=1)


def grants_do_nothing(sql: str) -> str:
    """`grant select on ... to role ...`: the emulator has no roles."""
    return DONE if _starts(sql, "grant|revoke") else sql


def query_tags_do_nothing(sql: str) -> str:
    """`alter session set query_tag = '...'`: the emulator has no query history to find it in."""
    return DONE if re.match(rf"(?is){COMMENT}alter\s+session\s+(?:un)?set\s+query_tag\b", sql) else sql


def stages_may_be_quoted(sql: str) -> str:
    """`put file://... '@"SCHEMA"."%TABLE"/path'`: the emulator wants a stage without quotes, and none in its path."""
    if not _starts(sql, r"put|copy\s+into|remove|rm|list|ls"):
        return sql

    def unquoted(match: re.Match[str]) -> str:
        stage, _, path = (match[1] or match[2]).partition("/")
        return stage + ("/" + path.replace('"', "") if path else "")

    return STAGE.sub(unquoted, sql)


def parquet_has_no_options(sql: str) -> str:
    """`file_format = (type = 'PARQUET', use_logical_type = true, ...)`: it knows the type alone, parted by blanks."""
    if not _starts(sql, r"copy\s+into"):
        return sql

    def known(match: re.Match[str]) -> str:
        options = re.split(r",|\s(?=\w+\s*=)", match[1])
        kept = [option.strip() for option in options if not option.strip().upper().startswith(UNKNOWN_FORMAT_OPTIONS)]
        return f"FILE_FORMAT = ({' '.join(option for option in kept if option)})"

    return re.sub(r"(?is)file_format\s*=\s*\((.*?)\)(?=\s|$)", known, sql)


def matching_columns_is_a_word(sql: str) -> str:
    """`match_by_column_name = 'CASE_INSENSITIVE'`: the emulator takes the option without quotes only."""
    return re.sub(r"(?i)match_by_column_name\s*=\s*'(\w+)'", r"MATCH_BY_COLUMN_NAME = \1", sql)


REWRITES: tuple[Callable[[str], str], ...] = (
    temporary_tables_have_no_schema,
    grants_do_nothing,
    query_tags_do_nothing,
    stages_may_be_quoted,
    parquet_has_no_options,
    matching_columns_is_a_word,
)
