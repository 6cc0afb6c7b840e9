"""Every statement that the platform sends to DuckDB in any test is translated for Snowflake and BigQuery as well.

So each test of the platform is also a test of its SQL: a statement that not every engine can run fails it. A
translation must be read back by sqlglot as it was written, and may call no function that sqlglot does not know.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from sqlglot import exp

from pipelines.warehouse import on_duckdb
from pipelines.warehouse.dialect import Translating, statement

ROOT = Path(__file__).parents[1]
PLATFORM = tuple(str(ROOT / folder) + "/" for folder in ("pipelines", "reverse_etl", "orchestration"))
WAREHOUSE = str(ROOT / "pipelines" / "warehouse") + "/"
# A copy of the file for readers is DuckDB's own affair.
DUCKDB_ALONE = (str(ROOT / "orchestration" / "lib" / "read_copy.py"),)
ENGINES: tuple[Translating, ...] = ("snowflake", "bigquery")
# Functions that sqlglot does not know and that the engine has.
KNOWN: dict[str, set[str]] = {"snowflake": set(), "bigquery": set()}
WORDS = re.compile(r"\w+|\S")
LANDED = re.compile(r"read_parquet\('[^']*'\)")


@pytest.fixture(scope="session", autouse=True)
def statements_are_portable() -> Iterator[None]:
    """Look at every statement on its way to DuckDB."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_run", "_relation"):
            patch.setattr(on_duckdb.DuckDBSession, name, _looked_at(getattr(on_duckdb.DuckDBSession, name)))
        yield


def _looked_at(send: Any) -> Any:
    def looked_at(self: Any, sql: str, params: Sequence[Any]) -> Any:
        if _is_the_platforms():
            # Where files landed is the engine's to say: elsewhere they are a table.
            require_portable(LANDED.sub("landing_us.landed", sql), tuple(_kind(value) for value in params))
        return send(self, sql, params)

    return looked_at


def _is_the_platforms() -> bool:
    """Whether product code outside of the warehouse package asked for the statement, and not a test."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code.co_filename.startswith((WAREHOUSE, "<")):
        if frame.f_code.co_name in ("append", "columns", "exists"):
            return False
        frame = frame.f_back  # type: ignore[assignment]
    file = frame.f_code.co_filename if frame is not None else ""
    return file.startswith(PLATFORM) and file not in DUCKDB_ALONE


def _kind(value: Any) -> Any:
    """A value that stands for all of its kind, so that each statement is looked at once."""
    if isinstance(value, list | tuple | set | frozenset):
        return tuple(value)[:1]
    return "value"


@lru_cache(maxsize=8192)
def require_portable(sql: str, params: tuple[Any, ...]) -> None:
    """Raise AssertionError or NotPortable, with the statement, when an engine cannot run it."""
    for engine in ENGINES:
        text, _ = statement(sql, params, engine, "").bound(params)
        tree = sqlglot.parse_one(text, read=engine)
        again = tree.sql(dialect=engine, comments=False)
        # `a not like b` may come back as `not a like b`: the same words.
        assert sorted(WORDS.findall(again)) == sorted(WORDS.findall(text)), f"{engine} reads something else in: {text}"
        unknown = {function.name.upper() for function in tree.find_all(exp.Anonymous)} - KNOWN[engine]
        assert not unknown, f"{engine} may not know {', '.join(sorted(unknown))}: {text}"
