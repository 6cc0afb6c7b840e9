"""SuiteQL to SQLite: names are checked against the catalogue, and what Oracle does otherwise is rewritten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, traverse_scope

from sandbox.backoffice.erp.catalogue import TABLES
from sandbox.netsuite.dates import BadFormat, check_format
from sandbox.netsuite.deferral import paged
from sandbox.netsuite.functions import OWN, PREFIX, SHARED

DATE, INSTANT, NUMBER, TEXT = "date", "datetime", "num", "text"
_AS_FIRST = frozenset(["nvl", "nvl2", "greatest", "least", "coalesce", "max", "min"])
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


class Invalid(Exception):
    """A query that NetSuite would refuse; the message says what it does not know."""


@dataclass(frozen=True)
class Query:
    """A query ready to run: `page` takes limit and offset as parameters, `count` says how many rows there are.

    `columns`: (key in the reply, type); `tables`: what it reads; `ordered`: whether it names an order.
    """

    page: str
    count: str
    columns: tuple[tuple[str, str], ...]
    tables: tuple[str, ...]
    ordered: bool


def translate(text: str, now: int) -> Query:
    """Return the query for SQLite; `now` is what SYSDATE says. Raises Invalid."""
    try:
        tree = sqlglot.parse_one(_prefixed(text), read="oracle")
    except SqlglotError as problem:
        line = str(problem).splitlines()[0]
        raise Invalid(f"Invalid or unsupported search: {line}") from problem
    if not isinstance(tree, exp.Query):
        raise Invalid("Invalid or unsupported search: only SELECT is supported.")
    _check_functions(tree)
    types: dict[int, dict[str, str]] = {}
    tables: list[str] = []
    for scope in traverse_scope(tree):
        _Rewriter(scope, types, tables, now).run()
    outer = types[id(tree)]
    for table in tree.find_all(exp.Table):
        if table.name.lower() in TABLES and not table.args.get("db"):
            alias = table.alias or table.name
            table.replace(exp.table_(f"ns_{table.name.lower()}", alias=exp.to_identifier(alias.lower(), quoted=True)))
    for ordered in tree.find_all(exp.Ordered):
        # SQLite sorts nulls first by itself; saying so would keep it from using an index.
        ordered.set("nulls_first", not ordered.args.get("desc"))
    order = tree.args.get("order") is not None
    page, count = paged(tree, outer)
    return Query(page, count, tuple(outer.items()), tuple(dict.fromkeys(tables)), order)


def _prefixed(text: str) -> str:
    """Give the functions of Oracle names that the parser leaves alone."""
    try:
        tokens = sqlglot.tokenize(text, read="oracle")
    except SqlglotError as problem:
        raise Invalid(f"Invalid or unsupported search: {problem}") from problem
    parts, at = [], 0
    for token, after in pairwise(tokens):
        if after.text == "(" and token.text.upper() in OWN:
            parts += [text[at : token.start], PREFIX + token.text.lower()]
            at = token.end + 1
        elif token.text.upper() == "BUILTIN" and after.text == ".":
            parts.append(text[at : token.start])
            at = after.end + 1
    return "".join([*parts, text[at:]])


def _check_functions(tree: exp.Expression) -> None:
    for node in tree.find_all(exp.Func):
        if isinstance(node, exp.Anonymous):
            name = node.name.upper()
            if name.startswith(PREFIX.upper()):
                continue
        else:
            name = node.sql_name()
        if name not in SHARED:
            raise Invalid(f"Invalid or unsupported search: Function '{name}' is unknown or not supported.")


class _Rewriter:
    """Checks and rewrites one SELECT; `types` holds what inner ones give, by their identity."""

    def __init__(self, scope: Scope, types: dict[int, dict[str, str]], tables: list[str], now: int) -> None:
        self._scope = scope
        self._types = types
        self._now = now
        self._sources: dict[str, dict[str, str]] = {}
        for name, source in scope.sources.items():
            if isinstance(source, exp.Table):
                table = source.name.lower()
                if table not in TABLES:
                    raise Invalid(f"Invalid or unsupported search: Record '{source.name}' was not found.")
                self._sources[name.lower()] = TABLES[table]
                tables.append(table)
            elif isinstance(source, Scope):
                self._sources[name.lower()] = types.get(id(source.expression), {})

    def run(self) -> None:
        select = self._scope.expression
        if isinstance(select, exp.SetOperation):
            self._types[id(select)] = self._types[id(select.left)]
            return
        self._check_columns()
        for node in list(self._scope.walk()):
            if isinstance(node, exp.Anonymous | exp.CurrentTimestamp | exp.CurrentDate):
                self._function(node)
        for node in list(self._scope.walk()):
            if isinstance(node, _COMPARED):
                self._compare(node, ("this", "expression"))
            elif isinstance(node, exp.Between):
                self._compare(node, ("this", "low", "high"))
            elif isinstance(node, exp.Add | exp.Sub):
                self._arithmetic(node)
        self._types[id(select)] = dict(self._projections(select))

    def _check_columns(self) -> None:
        aliases = {projection.alias.lower() for projection in self._scope.expression.selects if projection.alias}
        for column in self._scope.columns:
            name, table = column.name.lower(), column.table.lower()
            if table and table not in self._sources:
                continue
            known = [self._sources[table]] if table else list(self._sources.values())
            if name == "sysdate" or any(name in columns for columns in known):
                continue
            if not table and name in aliases:
                continue
            # A correlated subquery may name what is outside of it.
            if not table and self._scope.is_correlated_subquery:
                continue
            available = ", ".join(sorted({key for columns in known for key in columns}))
            what = f"Unknown identifier '{name}'. Available identifiers are: {{{available}}}"
            raise Invalid(f"Invalid or unsupported search: {what}")

    def _kind(self, node: Any) -> str:
        """The type of an expression: what matters are days and instants, the rest is as SQLite sees it."""
        if isinstance(node, exp.Paren | exp.Alias):
            return self._kind(node.this)
        if isinstance(node, exp.Column):
            return self._column_kind(node)
        if isinstance(node, exp.Anonymous):
            name = node.name.lower().removeprefix(PREFIX)
            fixed = {"read_instant": INSTANT, "midnight": INSTANT, "read_day": DATE, "day_of": DATE, "add_days": DATE,
                     "month_of": DATE, "add_months": DATE, "char_instant": TEXT, "char_day": TEXT,
                     "char_text": TEXT}  # fmt: skip
            if name in fixed:
                return fixed[name]
            return self._kind(node.expressions[0]) if name in _AS_FIRST and node.expressions else ""
        if isinstance(node, exp.Max | exp.Min | exp.Coalesce):
            return self._kind(node.this)
        if isinstance(node, exp.Case):
            kinds = [self._kind(branch.args["true"]) for branch in node.args["ifs"]]
            return next((kind for kind in kinds if kind), "")
        if isinstance(node, exp.Literal) and node.args.get("now"):
            return INSTANT
        return ""

    def _column_kind(self, column: exp.Column) -> str:
        name, table = column.name.lower(), column.table.lower()
        sources = [self._sources[table]] if table in self._sources else list(self._sources.values())
        return next((columns[name] for columns in sources if name in columns), "")

    def _function(self, node: Any) -> None:
        if not isinstance(node, exp.Anonymous):
            node.replace(_moment(self._now))
            return
        name, given = node.name.lower().removeprefix(PREFIX), node.expressions
        if name.startswith("to_") and len(given) > 1 and isinstance(given[1], exp.Literal) and name != "to_number":
            try:
                check_format(given[1].name)
            except BadFormat as problem:
                raise Invalid(f"Search error occurred: {problem}") from problem
        if name == "to_char":
            kind = self._kind(given[0])
            node.set("this", PREFIX + {INSTANT: "char_instant", DATE: "char_day"}.get(kind, "char_text"))
            if kind not in (INSTANT, DATE):
                node.set("expressions", given[:1])
        elif name in ("to_timestamp_tz", "to_timestamp"):
            node.set("this", f"{PREFIX}read_instant")
        elif name == "to_date":
            timed = len(given) > 1 and "HH" in given[1].name.upper()
            node.set("this", PREFIX + ("read_instant" if timed else "read_day"))
            if len(given) == 1:
                node.set("expressions", [*given, exp.Literal.string("MM/DD/YYYY")])
        elif name == "trunc":
            self._trunc(node, given)
        elif name == "nvl":
            node.replace(exp.Coalesce(this=given[0], expressions=given[1:]))
        elif name == "nvl2":
            branch = exp.If(this=exp.Not(this=exp.Is(this=given[0], expression=exp.Null())), true=given[1])
            node.replace(exp.Case(ifs=[branch], default=given[2]))
        elif name == "df":
            self._displayed(node, given[0])

    def _trunc(self, node: Any, given: list[Any]) -> None:
        kind = self._kind(given[0])
        if kind not in (DATE, INSTANT):
            return
        day = given[0] if kind == DATE else exp.func(f"{PREFIX}day_of", given[0])
        month = len(given) > 1 and given[1].name.upper() in ("MM", "MONTH", "MON")
        node.replace(exp.Anonymous(this=f"{PREFIX}month_of" if month else f"{PREFIX}add_days",
                                   expressions=[day] if month else [day, exp.Literal.number(0)]))  # fmt: skip

    def _displayed(self, node: Any, column: Any) -> None:
        """BUILTIN.DF of a status is its name; of anything else the value itself."""
        if isinstance(column, exp.Column) and column.name.lower() == "status":
            kind = exp.column("type", table=column.args.get("table"))
            node.replace(exp.Anonymous(this=f"{PREFIX}status_name", expressions=[kind, column.copy()]))
        else:
            node.replace(column)

    def _compare(self, node: Any, names: tuple[str, ...]) -> None:
        """A day next to an instant counts as its midnight."""
        sides = {name: node.args[name] for name in names}
        kinds = {name: self._kind(side) for name, side in sides.items()}
        if INSTANT in kinds.values() and DATE in kinds.values():
            for name, side in sides.items():
                if kinds[name] == DATE:
                    node.set(name, exp.Anonymous(this=f"{PREFIX}midnight", expressions=[side.copy()]))

    def _arithmetic(self, node: Any) -> None:
        kind, other = self._kind(node.this), self._kind(node.expression)
        if kind not in (DATE, INSTANT) or other in (DATE, INSTANT):
            return
        days = node.expression.copy() if isinstance(node, exp.Add) else exp.Neg(this=exp.Paren(this=node.expression))
        if kind == DATE:
            node.replace(exp.Anonymous(this=f"{PREFIX}add_days", expressions=[node.this.copy(), days]))
        else:
            node.set("expression", exp.Paren(this=exp.Mul(this=exp.Paren(this=node.expression.copy()),
                                                          expression=exp.Literal.number(86_400))))  # fmt: skip

    def _projections(self, select: Any) -> Iterator[tuple[str, str]]:
        for place, projection in enumerate(select.selects, start=1):
            if isinstance(projection, exp.Star) or (isinstance(projection, exp.Column) and projection.is_star):
                table = projection.table.lower() if isinstance(projection, exp.Column) else ""
                for columns in [self._sources[table]] if table else self._sources.values():
                    yield from columns.items()
                continue
            plain = isinstance(projection, exp.Column | exp.Alias)
            name = projection.alias_or_name.lower() if plain else f"expr{place}"
            if not plain:
                projection.replace(exp.alias_(projection.copy(), name))
            yield name, self._kind(projection)


def _moment(now: int) -> exp.Expression:
    literal = exp.Literal.number(now)
    literal.args["now"] = True
    return literal
