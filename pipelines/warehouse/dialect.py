"""Turns the platform's SQL, which is DuckDB's, into that of the engine it runs on.

sqlglot does the translation; `dialect_rules.py` mends what it leaves. Placeholders are numbered first, for a
translation may move or repeat them. A statement is translated once: texts are few and made of constants.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from pipelines.warehouse.dialect_rules import NotPortable, mended

Translating = Literal["snowflake", "bigquery"]
# What a list of values holds: its type decides how it is compared, and an empty one matches nothing.
Holds = Literal["numbers", "texts", "nothing"]

MOST_TEXTS = 4096
STATEMENTS = (exp.Query, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter)
_LIST = re.compile(r"\(\s*select\s+unnest\s*\(\s*\?\s*\)\s*\)", re.IGNORECASE)
_MARK = re.compile(r"[\"`]?__(?:param|list)_(\d+)__[\"`]?", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A translated statement: text, with the number of a parameter in between wherever one stands.

    `definition` is true for what creates, drops or alters. `temporary` is the name of a temporary table it creates.
    """

    parts: tuple[str | int, ...]
    definition: bool
    temporary: str | None

    def bound(self, params: Sequence[Any]) -> tuple[str, list[Any]]:
        """Text with `?` and the values in the order of the text; a null is written out, for it has no type."""
        text, values = [], []
        for part in self.parts:
            if isinstance(part, str):
                text.append(part)
            elif params[part] is None:
                text.append("null")
            else:
                text.append("?")
                values.append(params[part])
        return "".join(text), values


def statement(sql: str, params: Sequence[Any], engine: Translating, prefix: str) -> Statement:
    """The statement in the engine's SQL, with `prefix` before the name of every schema.

    Raises NotPortable, which is a defect of the statement, when it uses what not every engine can do.
    """
    lists = tuple(_holds(value) for value in params if isinstance(value, list | tuple | set | frozenset))
    return _translated(sql, lists, engine, prefix)


def _holds(values: Collection[Any]) -> Holds:
    first = next(iter(values), None)
    if first is None:
        return "nothing"
    return "numbers" if isinstance(first, int) else "texts"


@lru_cache(maxsize=MOST_TEXTS)
def _translated(sql: str, lists: tuple[Holds, ...], engine: Translating, prefix: str) -> Statement:
    text, holds = _numbered(sql, lists)
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except SqlglotError as error:
        raise NotPortable(f"cannot be parsed ({error}): {sql}") from None
    if not isinstance(tree, STATEMENTS):
        raise NotPortable(f"is no statement that every engine has: {sql}")
    temporary = None
    if isinstance(tree, exp.Create) and tree.find(exp.TemporaryProperty):
        temporary = tree.this.find(exp.Table).name
    definition = isinstance(tree, exp.Create | exp.Drop | exp.Alter)
    try:
        tree = mended(tree, engine, prefix, holds)
        made = tree.sql(dialect=engine, unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False)
    except SqlglotError as error:
        raise NotPortable(f"has no translation for {engine} ({error}): {sql}") from None
    pieces = _MARK.split(made)
    parts = tuple(int(piece) if place % 2 else piece for place, piece in enumerate(pieces))
    return Statement(parts, definition, temporary)


def _numbered(sql: str, lists: tuple[Holds, ...]) -> tuple[str, dict[int, Holds]]:
    """The text with `__param_<n>__` for each placeholder and `(__list_<n>__)` for each list of values."""
    marked = _LIST.sub(lambda found: "(" + " " * (found.end() - found.start() - 3) + "?)", sql)
    of_lists = {found.end() - 2 for found in _LIST.finditer(sql)}
    placeholders = [
        token.start for token in sqlglot.tokenize(marked, read="duckdb") if token.token_type == TokenType.PLACEHOLDER
    ]
    holds: dict[int, Holds] = {}
    pieces, end, listed = [], 0, iter(lists)
    for number, start in enumerate(placeholders):
        kind = "list" if start in of_lists else "param"
        if kind == "list":
            holds[number] = next(listed, "texts")
        pieces += [marked[end:start], f"__{kind}_{number}__"]
        end = start + 1
    return "".join([*pieces, marked[end:]]), holds
