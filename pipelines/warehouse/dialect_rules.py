"""What sqlglot leaves to be mended when it turns DuckDB's SQL into Snowflake's or BigQuery's."""

import re
from collections.abc import Callable, Mapping

import sqlglot
from sqlglot import exp

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_PARAMETER = re.compile(r"__param_\d+__")
_LISTED = re.compile(r"__list_(\d+)__")
# What BigQuery's NUMERIC holds; beyond it there is BIGNUMERIC.
NUMERIC_WHOLE_DIGITS = 29
NUMERIC_SCALE = 9
_NESTED = (exp.DType.ARRAY, exp.DType.LIST, exp.DType.STRUCT, exp.DType.MAP, exp.DType.UNION)


class NotPortable(ValueError):
    """A statement of the platform that not every engine can run: a defect of the statement."""


def mended(tree: exp.Expr, engine: str, prefix: str, lists: Mapping[int, str]) -> exp.Expr:
    """The parsed statement, changed in place so that the engine's generator writes what the engine takes."""
    _refuse(tree)
    _name_the_columns(tree)
    _replace(tree, (exp.Filter,), _without_filter)
    _replace(tree, (exp.In,), _list_of(engine, lists))
    for table in list(tree.find_all(exp.Table)):
        if table.db:
            table.set("db", exp.to_identifier(prefix + table.db))
    for kind in list(tree.find_all(exp.DataType)):
        _mend_type(kind, engine)
    if engine == "bigquery":
        _replace(tree, (exp.Update, exp.Delete, exp.ConcatWs, exp.SplitPart, exp.SHA2, exp.Cast), _for_bigquery)
    for name in list(tree.find_all(exp.Identifier)):
        _mend_name(name, engine)
    return tree


def _replace(tree: exp.Expr, kinds: tuple[type[exp.Expr], ...], rewrite: Callable[[exp.Expr], exp.Expr]) -> None:
    """Rewrite the nodes of some kinds, the innermost first, so that what stands inside another is not passed over."""
    for node in reversed(list(tree.find_all(*kinds))):
        made = rewrite(node)
        if made is not node:
            node.replace(made)


def _refuse(tree: exp.Expr) -> None:
    for table in tree.find_all(exp.Table):
        if table.db.lower() == "information_schema":
            raise NotPortable("reads information_schema, which no two engines share: use Session.columns or exists")
        if isinstance(table.this, exp.Anonymous | exp.ReadParquet):
            raise NotPortable(f"reads files, which only DuckDB does: {table.sql('duckdb')}")
    for order in tree.find_all(exp.Order):
        if any(ordered.this.sql().lower() == "all" for ordered in order.expressions):
            raise NotPortable("orders by all, which BigQuery cannot: name the columns")


def _name_the_columns(tree: exp.Expr) -> None:
    """`insert into t by name select ..` is DuckDB's alone; the names are those of the selection."""
    if not (isinstance(tree, exp.Insert) and tree.args.get("by_name")):
        return
    names = tree.expression.named_selects
    if not names or "*" in names:
        raise NotPortable("inserts by name from *: name the columns")
    tree.set("by_name", None)
    columns = [exp.to_identifier(name) for name in names]
    tree.set("this", exp.Schema(this=tree.this, expressions=columns))


def _without_filter(node: exp.Expr) -> exp.Expr:
    """`sum(x) filter (where c)`: neither engine has it, and both leave nulls out."""
    aggregate: exp.Expr = node.this.copy()
    condition = node.expression.this
    value = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
    aggregate.set("this", exp.case().when(condition.copy(), value.copy()))
    return aggregate


def _list_of(engine: str, lists: Mapping[int, str]) -> Callable[[exp.Expr], exp.Expr]:
    """`x in (__list_3__)`: BigQuery takes an array, Snowflake the text of a JSON array."""

    def rewrite(node: exp.Expr) -> exp.Expr:
        if len(node.expressions) != 1:
            return node
        found = _LISTED.fullmatch(node.expressions[0].name)
        if found is None:
            return node
        holds = lists[int(found.group(1))]
        if holds == "nothing":
            return exp.false()
        mark = exp.column(found.group())
        if engine == "bigquery":
            return exp.In(this=node.this.copy(), unnest=exp.Unnest(expressions=[mark]))
        kind = "bigint" if holds == "numbers" else "varchar"
        values = sqlglot.parse_one(
            f"select cast(listed.value as {kind}) from table(flatten(input => parse_json({found.group()}))) as listed",
            read="snowflake",
        )
        return exp.In(this=node.this.copy(), query=exp.Subquery(this=values))

    return rewrite


def _mend_type(kind: exp.DataType, engine: str) -> None:
    """Types whose name means something else, or less, on the other engine."""
    if kind.this in _NESTED:
        raise NotPortable(f"has the nested type {kind.sql('duckdb')}")
    if kind.this == exp.DType.INT128:
        kind.set("this", exp.DType.DECIMAL)
        kind.set("expressions", exp.DataType.build("decimal(38, 0)").expressions)
    if kind.this == exp.DType.DECIMAL and kind.expressions:
        precision, scale = (int(size.name) for size in (*kind.expressions, exp.Literal.number(0))[:2])
        if engine == "bigquery" and (scale > NUMERIC_SCALE or precision - scale > NUMERIC_WHOLE_DIGITS):
            kind.set("this", exp.DType.BIGDECIMAL)
    elif kind.this == exp.DType.TIMESTAMP and engine == "snowflake":
        # What a bare `timestamp` is, is a setting of the account.
        kind.set("this", exp.DType.TIMESTAMPNTZ)


def _for_bigquery(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Update | exp.Delete):
        if not node.args.get("where"):
            node.set("where", exp.Where(this=exp.true()))
        return node
    inside = node.copy()
    if isinstance(inside, exp.ConcatWs):
        separator, *texts = inside.expressions
        return exp.func("array_to_string", exp.array(*texts, dialect="bigquery"), separator, dialect="bigquery")
    if isinstance(inside, exp.SHA2):
        # Bytes there, and hexadecimal digits everywhere else.
        return exp.func("to_hex", inside, dialect="bigquery")
    if isinstance(inside, exp.SplitPart):
        parts = exp.func("split", inside.this, inside.args["delimiter"], dialect="bigquery")
        place = exp.Bracket(this=parts, expressions=[inside.args["part_index"]], offset=1, safe=True)
        return exp.func("coalesce", place, exp.Literal.string(""))
    kind = inside.args.get("to")
    if isinstance(kind, exp.DataType) and kind.this in (exp.DType.DECIMAL, exp.DType.BIGDECIMAL) and kind.expressions:
        # A cast takes no scale there, and would keep all decimals.
        scale = kind.expressions[1].name if len(kind.expressions) > 1 else "0"
        return exp.func("round", inside, exp.Literal.number(scale))
    return node


def _mend_name(name: exp.Identifier, engine: str) -> None:
    """Names are quoted, for each engine reserves other words; Snowflake's own case of a plain name is the upper one."""
    text = name.name
    if _PARAMETER.fullmatch(text) or _LISTED.fullmatch(text):
        return
    if engine == "snowflake" and _PLAIN.fullmatch(text.lower()) and not (name.quoted and text != text.lower()):
        name.set("this", text.upper())
    name.set("quoted", True)
