"""Whether a statement is Snowflake's or BigQuery's own SQL. An emulator built on DuckDB would take DuckDB's as well.

Four looks at each statement: its functions and their arguments against the vocabulary; a round trip through sqlglot,
which writes in the warehouse's way what it understood; constructs that sqlglot carries through unread; and every column
traced to a table that has it, by the warehouse's own rules of naming.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema
from sqlglot.tokens import Token, TokenType

from tests.dbt_project.dialects.vocabulary import DATE_PARTS, FUNCTIONS, NO_FUNCTIONS, RESERVED

# Spellings that mean the same on the warehouse itself; anything else that comes back differently is suspicious.
SAME: dict[str, dict[str, str]] = {
    "snowflake": {
        **dict.fromkeys(("NUMERIC", "NUMBER"), "DECIMAL"),
        **dict.fromkeys(("INTEGER", "INT"), "BIGINT"),
        **dict.fromkeys(("STRING", "TEXT"), "VARCHAR"),
        **{"TO_VARCHAR": "TO_CHAR", "TIMESTAMP_TZ": "TIMESTAMPTZ", "TEMP": "TEMPORARY", "BOOL": "BOOLEAN", "!=": "<>"},
        **{"VAR_SAMP": "VARIANCE"},
    },
    "bigquery": {
        **dict.fromkeys(("BIGINT", "INTEGER"), "INT64"),
        **{"DECIMAL": "NUMERIC", "BIGDECIMAL": "BIGNUMERIC", "BOOLEAN": "BOOL", "!=": "<>"},
    },
}
# Words that may go or come without a change of meaning; NOT moves (`not a in (b)`), so it is counted, not placed.
UNWRITTEN = {"AS", "(", ")", ";", "INNER", "OUTER", "ASC", "TRANSACTION", "OPTIONS"}
TEXTS_AND_COMMENTS = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|//", re.DOTALL)
SENT_WITHOUT_SQL = {"begin", "commit", "rollback"}


def complaints(sql: str, dialect: str, schema: MappingSchema | None = None) -> list[str]:
    """What is wrong with a statement (or a script of them) on `snowflake` or `bigquery`; nothing if it is right.

    `schema`: tables and columns there are. Without it names are not traced.
    """
    if sql.strip().lower() in SENT_WITHOUT_SQL:
        return []
    try:
        tokens = sqlglot.tokenize(sql, dialect)
        statements = [found for found in sqlglot.parse(sql, dialect, error_level=ErrorLevel.RAISE) if found]
    except SqlglotError as error:
        return [f"cannot be read: {str(error).splitlines()[0]}"]
    found = [*_functions(tokens, dialect), *_texts(sql, tokens, dialect)]
    found += _round_trip(tokens, statements, dialect)
    for statement in statements:
        found += _constructs(statement, dialect)
        found += _names(statement, dialect, schema) if schema else []
    return sorted(set(found))


def _functions(tokens: Sequence[Token], dialect: str) -> Iterator[str]:
    known = FUNCTIONS[dialect]
    for position, token in enumerate(tokens[:-1]):
        name = token.text.lower()
        if tokens[position + 1].token_type != TokenType.L_PAREN or not name.isidentifier() or name in NO_FUNCTIONS:
            continue
        before = tokens[position - 1] if position else None
        if before is not None and (before.token_type == TokenType.DOT or before.text.lower() in ("with", "into", "as")):
            continue
        if name not in known:
            yield f"{name}(): not in the vocabulary of {dialect}"
        elif "*" not in known[name]:
            given = "".join(_kind(argument) for argument in _arguments(tokens, position + 1))
            if not any(_fits(given, wanted) for wanted in known[name]):
                yield f"{name}(): arguments {given or 'none'}, wanted {' or '.join(known[name]) or 'none'}"


def _arguments(tokens: Sequence[Token], start: int) -> list[list[Token]]:
    depth = 0
    arguments: list[list[Token]] = [[]]
    for token in tokens[start:]:
        opens = token.token_type in (TokenType.L_PAREN, TokenType.L_BRACKET)
        depth += opens - (token.token_type in (TokenType.R_PAREN, TokenType.R_BRACKET))
        if not depth:
            break
        if token.token_type == TokenType.COMMA and depth == 1:
            arguments.append([])
        elif not (opens and depth == 1 and not arguments[0] and len(arguments) == 1 and token is tokens[start]):
            arguments[-1].append(token)
    return [argument for argument in arguments if argument]


def _kind(argument: Sequence[Token]) -> str:
    first = argument[0]
    if first.text.lower() == "interval":
        return "i"
    if len(argument) == 1 and first.token_type == TokenType.STRING:
        return "t"
    return "p" if len(argument) == 1 and first.text.lower() in DATE_PARTS else "e"


def _fits(given: str, wanted: str) -> bool:
    """A text is an expression, too, but not where a warehouse wants a part of a date, and not where it names one."""
    return len(given) == len(wanted) and all(
        w == g or (w == "e" and g == "t") for g, w in zip(given, wanted, strict=True)
    )


def _texts(sql: str, tokens: Sequence[Token], dialect: str) -> Iterator[str]:
    """What the text shows and the tree does not."""
    if dialect == "snowflake" and "//" in TEXTS_AND_COMMENTS.findall(sql):
        yield "//: begins a comment on Snowflake"
    for token, following in pairwise(tokens):
        if token.text.lower() == "interval" and token.token_type == TokenType.INTERVAL:
            is_text = following.token_type == TokenType.STRING
            if dialect == "snowflake" and not is_text:
                yield "interval without quotes: Snowflake wants them"
            if dialect == "bigquery" and is_text:
                yield "interval with quotes: BigQuery wants a number"
        if dialect == "bigquery" and token.token_type == TokenType.STRING and sql[token.start] == '"':
            yield f'"{token.text}": a text on BigQuery, not a name'


def _round_trip(tokens: Sequence[Token], statements: Sequence[exp.Expression], dialect: str) -> Iterator[str]:
    written = ";".join(statement.sql(dialect, comments=False) for statement in statements)
    before, after = _words(tokens, dialect), _words(sqlglot.tokenize(written, dialect), dialect)
    if before != after:
        changed = [line for line in difflib.ndiff(before, after) if line[0] in "+-"]
        yield f"comes back differently: {' '.join(changed[:8])}"


def _words(tokens: Sequence[Token], dialect: str) -> list[str]:
    texts = [token.text.upper().removeprefix("-") or "-" for token in tokens]
    words = [SAME[dialect].get(text, text) for text in texts]
    negations = ["NOT"] * words.count("NOT")
    # `union distinct`, which BigQuery wants and Snowflake takes, comes back as the union that it is.
    placed = [word for before, word in pairwise(["", *words]) if (before, word) != ("UNION", "DISTINCT")]
    return [word for word in placed if word not in UNWRITTEN and word not in ("NOT", "-")] + negations


def _constructs(statement: exp.Expression, dialect: str) -> Iterator[str]:
    if isinstance(statement, exp.Command):
        yield f"not understood: {statement.sql()[:60]}"
    for node in statement.walk():
        if isinstance(node, exp.Comprehension | exp.Filter | exp.Lambda | exp.IntDiv | exp.PositionalColumn):
            yield f"{type(node).__name__.lower()}: only DuckDB has it"
        elif isinstance(node, exp.Ordered) and node.this.name.lower() == "all" and not node.this.args.get("table"):
            yield "order by all: only DuckDB has it"
        elif isinstance(node, exp.Select):
            yield from _select(node, dialect)
        elif isinstance(node, exp.Join) and (node.method or "").upper() in ("ASOF", "POSITIONAL"):
            yield f"{node.method.lower()} join: only DuckDB writes it so"
        elif isinstance(node, exp.SetOperation) and node.args.get("by_name"):
            yield "union by name: columns are listed here"
        elif isinstance(node, exp.Struct | exp.Slice | exp.Map):
            yield f"{type(node).__name__.lower()} literal: each warehouse has its own"
        elif isinstance(node, exp.Cast):
            yield from _cast(node, dialect)
        elif isinstance(node, exp.Identifier) and not node.quoted and node.name.lower() in RESERVED[dialect]:
            yield f"{node.name}: a reserved word of {dialect}"


def _select(node: exp.Select, dialect: str) -> Iterator[str]:
    group = node.args.get("group")
    if group is not None and group.args.get("all"):
        yield "group by all: columns are listed here"
    bare = not any(node.args.get(clause) for clause in ("where", "group", "having"))
    if dialect == "bigquery" and node.args.get("qualify") and bare:
        yield "qualify without where, group by or having: BigQuery wants one beside it"


def _cast(node: exp.Cast, dialect: str) -> Iterator[str]:
    decimal = node.to.this == exp.DataType.Type.DECIMAL
    if dialect == "snowflake" and decimal and not node.to.expressions:
        yield "cast to a bare decimal: no places on Snowflake"
    if dialect == "bigquery" and node.to.expressions:
        yield "cast to a type with precision: BigQuery refuses it"


def _names(statement: exp.Expression, dialect: str, schema: MappingSchema) -> Iterator[str]:
    query: Any = statement if isinstance(statement, exp.Query) else statement.args.get("expression")
    if not isinstance(query, exp.Query):
        return
    query = query.copy()
    if dialect == "bigquery":
        # An alias may stand in group by, having and order by, and nowhere else: neither beside itself nor in where.
        for select in query.find_all(exp.Select):
            for clause in ("group", "having", "order", "qualify"):
                select.set(clause, None)
    try:
        qualify(
            query,
            dialect=dialect,
            schema=schema,
            infer_schema=False,
            quote_identifiers=False,
            expand_alias_refs=dialect != "bigquery",
        )
    except SqlglotError as error:
        yield f"names: {str(error).splitlines()[0]}"
