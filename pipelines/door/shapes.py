"""The shape of an export's lines, derived from the paths in the contract, and where in it a column's value stands.

Only what the contract names is read: DuckDB skips all other keys of a line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.contracts.odcs import Column, Table
from pipelines.contracts.sql import identifier, text
from pipelines.contracts.types import duckdb_type
from pipelines.failures import ContractError

TYPENAME = "__typename"


@dataclass
class Shape:
    """A node of the tree of values to read: a leaf with a DuckDB type, an object, or a list of one shape."""

    leaf: str | None = None
    fields: dict[str, "Shape"] = field(default_factory=dict)
    item: "Shape | None" = None

    def duckdb(self, *, as_text: bool = False) -> str:
        """DuckDB type of the node; `as_text` makes every leaf VARCHAR."""
        if self.leaf is not None:
            return "VARCHAR" if as_text else self.leaf
        if self.item is not None:
            return f"{self.item.duckdb(as_text=as_text)}[]"
        inner = ", ".join(f"{identifier(name)} {shape.duckdb(as_text=as_text)}" for name, shape in self.fields.items())
        return f"STRUCT({inner})"

    def add(self, path: str, leaf: "Shape") -> None:
        """Put a leaf (or a list) at a path such as `customer.id` or `trackingInfo.1.company`."""
        node = self
        parts = path.split(".")
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            node = node._item() if part.isdigit() else node._field(part)
            if last:
                node._become(leaf, path)

    def inner(self, path: str = "$") -> Iterator[tuple[str, str]]:
        """JSON path and kind ('OBJECT' or 'ARRAY') of every value below this one that is not a leaf."""
        for name, shape in self.fields.items():
            below = f'{path}."{name}"'
            if shape.leaf is None:
                yield below, "ARRAY" if shape.item is not None else "OBJECT"
                yield from shape.inner(below)
        if self.item is not None and self.item.leaf is None:
            yield f"{path}[*]", "OBJECT"
            yield from self.item.inner(f"{path}[*]")

    def _field(self, name: str) -> "Shape":
        if self.leaf is not None or self.item is not None:
            raise ContractError(f"Path step '{name}' goes below a value that another path reads whole.")
        return self.fields.setdefault(name, Shape())

    def _item(self) -> "Shape":
        if self.leaf is not None or self.fields:
            raise ContractError("A numbered path step goes below a value that another path reads as something else.")
        self.item = self.item or Shape()
        return self.item

    def _become(self, leaf: "Shape", path: str) -> None:
        if self.leaf is None and self.item is None and not self.fields:
            self.leaf, self.fields, self.item = leaf.leaf, dict(leaf.fields), leaf.item
        elif self.item is not None and leaf.item is not None:
            self.item.fields.update(leaf.item.fields)
        elif self.duckdb() != leaf.duckdb():
            raise ContractError(
                f"Path '{path}' is read as {self.duckdb()} and as {leaf.duckdb()}; one of them is wrong."
            )


def leaf_of(column: Column) -> Shape:
    """What is read for a column before its transform.

    Whole numbers and ids are read as text: DuckDB would round 1.5 to 2 without a word when told BIGINT.
    """
    match column.logic or "":
        case "csv":
            return Shape(item=Shape(leaf="VARCHAR"))
        case logic if logic.startswith("quantity"):
            return Shape(item=Shape(fields={"name": Shape(leaf="VARCHAR"), "quantity": Shape(leaf="VARCHAR")}))
        case "gid":
            return Shape(leaf="VARCHAR")
    return Shape(leaf="VARCHAR" if column.physical_type == "bigint" else duckdb_type(column))


def line_shape(tables: tuple[Table, ...]) -> Shape:
    """The shape of a line from which all these tables are read."""
    shape = Shape()
    shape.add(TYPENAME, Shape(leaf="VARCHAR"))
    for table in tables:
        element = Shape()
        for column in table.columns:
            if column.logic == "position":
                continue
            target = shape if reads_line(table, column) else element
            target.add(column.path.removeprefix("^."), leaf_of(column))
        if table.explode is not None:
            shape.add(table.explode, Shape(item=element))
    return shape


def reads_line(table: Table, column: Column) -> bool:
    """Whether the column's value stands in the line itself rather than in an element of an exploded list."""
    return table.explode is None or column.path.startswith("^.")


def access(base: str, path: str) -> str:
    """SQL of the value at a path below `base` ('' for the columns of the read itself)."""
    expression = base
    for part in path.split("."):
        if part.isdigit():
            expression = f"{expression}[{part}]"
        elif expression:
            expression = f"struct_extract({expression}, {text(part)})"
        else:
            expression = identifier(part)
    return expression


def typed(column: Column, raw: str, *, tolerant: bool = False) -> str:
    """SQL that makes the column's value of what was read, with the macros of `MACROS`.

    A value that is not of the type fails the statement, or is null when `tolerant`. A global id must be
    `gid://shopify/<Type>/<number>`, with an optional query as in `gid://shopify/InventoryLevel/1?inventory_item_id=2`.
    """
    mode = "tolerant" if tolerant else "strict"
    match column.logic or "":
        case "gid":
            return f"{mode}_gid({raw})"
        case "csv":
            return f"array_to_string({raw}, ',')"
        case logic if logic.startswith("quantity"):
            return f"{mode}_integer({raw_text(column, raw)})"
    if column.physical_type == "bigint":
        return f"{mode}_integer({raw})"
    return f"try_cast({raw} as {duckdb_type(column)})" if tolerant else raw


def raw_text(column: Column, raw: str) -> str:
    """SQL of the text from which a value is made; null where the source has none."""
    if column.logic is not None and column.logic.startswith("quantity"):
        name = column.logic.removeprefix("quantity(").removesuffix(")")
        return f"list_filter({raw}, lambda q: q.name = {text(name)})[1].quantity"
    return raw


# `error` takes a value of the row, or the optimizer would raise it while planning.
MACROS = (
    """create or replace temp macro strict_gid(gid) as
       case when gid is null then null
            when not starts_with(gid, 'gid://shopify/') then error('not a global id: ' || gid)
            when contains(gid, '?') then cast(split_part(split_part(gid, '/', 5), '?', 1) as bigint)
            else cast(substr(gid, 15 + strpos(substr(gid, 15), '/')) as bigint) end""",
    """create or replace temp macro strict_integer(digits) as
       case when digits is null or cast(cast(digits as bigint) as varchar) = digits then cast(digits as bigint)
            else error('not a whole number: ' || digits) end""",
    r"""create or replace temp macro tolerant_gid(gid) as
       try_cast(nullif(regexp_extract(gid, '^gid://shopify/[^/]*/(\d+)(\?.*)?$', 1), '') as bigint)""",
    """create or replace temp macro tolerant_integer(digits) as
       case when cast(try_cast(digits as bigint) as varchar) = digits then try_cast(digits as bigint) end""",
)
