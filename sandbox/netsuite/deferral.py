"""A page of a query without working out what is on the other pages.

SQLite evaluates what a query selects before it sorts, also for rows that the limit leaves out, and counting a query
would print every date of it. So rows are sorted and cut by their plain columns first, and the rest is worked out on
the page; and what is counted is the rows, not their content.
"""

from __future__ import annotations

from typing import Any

from sqlglot import ErrorLevel, exp

_LIMIT = " LIMIT ? OFFSET ?"


def paged(tree: exp.Query, columns: dict[str, str]) -> tuple[str, str]:
    """Return the SQL of a page and of the count; `columns` are the names of what the query selects."""
    if not isinstance(tree, exp.Select) or not _plain(tree):
        whole = f"SELECT * FROM ({_sql(tree)})" if tree.args.get("limit") or not tree.args.get("order") else _sql(tree)
        return whole + _LIMIT, f"SELECT count(*) FROM ({_sql(tree)})"
    counted = tree.copy()
    counted.set("expressions", [exp.Literal.number(1)])
    counted.set("order", None)
    return _deferred(tree, list(columns)), f"SELECT count(*) FROM ({_sql(counted)})"


def _sql(tree: exp.Expression) -> str:
    return tree.sql(dialect="sqlite", identify=True, unsupported_level=ErrorLevel.IGNORE)


def _plain(tree: exp.Select) -> bool:
    """Whether each row of the sources that passes is one row of the result."""
    if any(tree.args.get(part) for part in ("distinct", "group", "having", "limit", "with_", "with")):
        return False
    if any(projection.is_star for projection in tree.selects):
        return False
    return not any(_own(node, tree) for node in tree.find_all(exp.AggFunc, exp.Window) if not _in_order(node, tree))


def _in_order(node: exp.Expression, tree: exp.Select) -> bool:
    order = tree.args.get("order")
    return order is not None and any(node is inner for inner in order.walk())


def _own(node: exp.Expression, tree: exp.Select) -> bool:
    return node.find_ancestor(exp.Select) is tree


def _deferred(tree: exp.Select, names: list[str]) -> str:
    sources = {
        source.alias_or_name.lower()
        for source in [tree.args["from_"].this, *(j.this for j in tree.args.get("joins") or [])]
    }
    taken: dict[tuple[str, str], str] = {}
    outer = []
    for name, projection in zip(names, tree.selects, strict=True):
        copy = exp.alias_(projection.unalias().copy(), name, quoted=True)
        for column in list(copy.find_all(exp.Column)):
            table = column.table.lower()
            if table not in sources or _shadowed(column, table):
                if not table and column.find_ancestor(exp.Select) is None and len(sources) == 1:
                    table = next(iter(sources))
                elif not table:
                    return _sql(tree) + _LIMIT
                else:
                    continue
            key = (table, column.name.lower())
            alias = taken.setdefault(key, f"c{len(taken)}")
            column.replace(exp.column(alias, table="page_", quoted=True))
        outer.append(copy)
    inner = tree.copy()
    inner.set(
        "expressions",
        [
            exp.alias_(exp.column(column, table=table, quoted=True), alias, quoted=True)
            for (table, column), alias in taken.items()
        ]
        or [exp.alias_(exp.Literal.number(1), "c", quoted=True)],
    )
    order: Any = inner.args.get("order")
    if order is not None:
        _name_order(order, tree, names)
    chosen = ", ".join(_sql(projection) for projection in outer)
    return f'SELECT {chosen} FROM ({_sql(inner)}{_LIMIT}) AS "page_"'


def _shadowed(column: exp.Column, table: str) -> bool:
    """Whether a query within names a source of its own like that."""
    select = column.find_ancestor(exp.Select)
    while select is not None:
        joins = select.args.get("joins") or []
        if table in {source.this.alias_or_name.lower() for source in [select.args["from_"], *joins]}:
            return True
        select = select.find_ancestor(exp.Select)
    return False


def _name_order(order: exp.Expression, tree: exp.Select, names: list[str]) -> None:
    """What the order calls by the name of a selected expression is that expression."""
    by_name = dict(zip(names, tree.selects, strict=True))
    for column in list(order.find_all(exp.Column)):
        if not column.table and column.name.lower() in by_name:
            column.replace(exp.Paren(this=by_name[column.name.lower()].unalias().copy()))
