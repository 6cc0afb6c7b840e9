"""Which lines of an export become rows of which tables, and the SQL that reads them in one pass.

Lines that serve the same tables form a group and are read once: the columns of the table whose rows they are, what
tables of their lists need of the line itself, and the lists, still nested. From that, each table is projected.
Lines that no table is read from but that carry the ids of parents (orders in an export of returns) form carriers.
"""

from dataclasses import dataclass
from functools import cached_property

from pipelines.contracts.odcs import Column, Contract, Table
from pipelines.contracts.sql import identifier, texts
from pipelines.door.shapes import TYPENAME, Shape, access, line_shape, reads_line, typed
from pipelines.failures import ContractError

PARENT_KEY = "parent_key"


@dataclass(frozen=True)
class Carriers:
    """Lines of an export that only name the parents whose children it holds."""

    parent: str
    typenames: tuple[str, ...]
    path: str

    @property
    def shape(self) -> Shape:
        """What is read of such a line."""
        shape = Shape()
        shape.add(TYPENAME, Shape(leaf="VARCHAR"))
        shape.add(self.path, Shape(leaf="VARCHAR"))
        return shape

    def projection(self, base: str = "", *, tolerant: bool = False) -> str:
        """SQL of the parent's key."""
        gid = "tolerant_gid" if tolerant else "strict_gid"
        return f"{gid}({access(base, self.path)}) as {PARENT_KEY}"


@dataclass(frozen=True)
class LineGroup:
    """Lines of some types, the table whose rows they are (if any), and the tables of their lists."""

    typenames: tuple[str, ...]
    main: Table | None
    exploded: tuple[Table, ...]

    @property
    def name(self) -> str:
        """A word for file names."""
        return self.main.name if self.main else f"{self.exploded[0].name}_lines"

    @property
    def tables(self) -> tuple[Table, ...]:
        """All tables read from these lines, the main one first."""
        return ((self.main,) if self.main else ()) + self.exploded

    @cached_property
    def shape(self) -> Shape:
        """What is read of a line."""
        return line_shape(self.tables)

    @property
    def is_direct(self) -> bool:
        """Whether the lines are the rows, with nothing else to project from them."""
        return self.main is not None and not self.exploded and set(self.main.rows) == set(self.typenames)

    @cached_property
    def line_sources(self) -> tuple[tuple[Column, str], ...]:
        """Columns whose values stand in the line itself, with the names they get: the main table's own come first."""
        found: dict[tuple[str, str | None, str], tuple[Column, str]] = {}
        for column in self.main.columns if self.main else ():
            found[("main", column.name, "")] = (column, column.name)
        taken = {_source(column) for column in (self.main.columns if self.main else ())}
        for table in self.exploded:
            for column in table.columns:
                if column.logic != "position" and reads_line(table, column) and _source(column) not in taken:
                    found.setdefault(_source(column), (column, _line_name(column)))
        return tuple(found.values())

    def line_columns(self) -> list[tuple[str, str]]:
        """(SQL, name) of everything that is taken from the line itself, except lists."""
        values = [(typed(column, access("", line_path(column))), name) for column, name in self.line_sources]
        return [(access("", TYPENAME), "_typename"), *values]

    def lists(self, base: str = "") -> list[tuple[str, str]]:
        """(SQL, name) of each list that becomes rows of a table."""
        return [(access(base, table.explode or ""), list_name(table)) for table in self.exploded]

    def main_columns(self) -> str:
        """SQL of the main table's own columns over the lines."""
        return ", ".join(identifier(column.name) for column in (self.main.columns if self.main else ()))

    def element_columns(self, table: Table, *, tolerant: bool = False) -> str:
        """SQL of an exploded table's own columns over lines with `_element` and `_position`."""
        names = {_source(column): name for column, name in reversed(self.line_sources)}
        parts: list[str] = []
        for column in table.columns:
            if column.logic == "position":
                sql = "_position"
            elif reads_line(table, column):
                sql = identifier(names[_source(column)])
            else:
                sql = typed(column, access("_element", column.path), tolerant=tolerant)
            parts.append(f"{sql} as {identifier(column.name)}")
        return ", ".join(parts)

    def only_rows_of(self, table: Table) -> str:
        """SQL that is true for lines that this table is read from."""
        return "true" if set(table.rows) == set(self.typenames) else f"_typename in ({texts(table.rows)})"


@dataclass(frozen=True)
class EntityLayout:
    """How the export of one entity is read: its groups, parents before children, and its carriers."""

    entity: str
    tables: tuple[Table, ...]
    groups: tuple[LineGroup, ...]
    carriers: tuple[Carriers, ...]
    connection: str
    # Whether rows stand inside those that they hang on, so that none comes without: a bulk export of Shopify's.
    is_nested: bool

    def group_of(self, table: Table) -> LineGroup:
        """The group that a table is read from."""
        return next(group for group in self.groups if any(other.name == table.name for other in group.tables))

    def has(self, table_name: str | None) -> bool:
        """Whether this export brings rows of a table."""
        return any(table.name == table_name for table in self.tables)

    def are_rows(self, carriers: Carriers) -> bool:
        """Whether the lines of these carriers are also read for tables, and so are counted there."""
        return any(name in group.typenames for group in self.groups for name in carriers.typenames)

    @property
    def typenames(self) -> tuple[str, ...]:
        """Every type of line that is expected."""
        names = [name for group in self.groups for name in group.typenames]
        return tuple(dict.fromkeys([*names, *(name for carrier in self.carriers for name in carrier.typenames)]))


def entity_layout(contract: Contract, entity: str) -> EntityLayout:
    """Derive the layout from the contract; ContractError when two tables claim the same lines."""
    tables = contract.tables_of(entity)
    if not tables:
        raise ContractError(f"Contract {contract.id} has no object of entity '{entity}'.")
    groups = _groups(contract, tables)
    claimed = {name for group in groups for name in group.typenames}
    carriers: dict[str, Carriers] = {}
    for table in tables:
        if table.parent is None or table.parent in {other.name for other in tables}:
            continue
        parent, column = contract.table(table.parent), table.column(table.parent_key or "")
        if column is not None and not (column.path.startswith("^.") and column.path != "^.__parentId"):
            carriers[parent.name] = Carriers(parent.name, tuple(n for n in parent.rows if n not in claimed), "id")
        elif column is not None:
            carriers[parent.name] = Carriers(parent.name, table.rows, column.path.removeprefix("^."))
    return EntityLayout(
        entity, tables, groups, tuple(carriers.values()), contract.connection, contract.source == "shopify"
    )


def line_path(column: Column) -> str:
    """Path of a value that stands in the line."""
    return column.path.removeprefix("^.")


def list_name(table: Table) -> str:
    """Name of the nested list of a table among the columns of its group."""
    return f"_list_{table.name}"


def _groups(contract: Contract, tables: tuple[Table, ...]) -> tuple[LineGroup, ...]:
    sets: list[list[Table]] = []
    for table in tables:
        touching = [group for group in sets if any(set(table.rows) & set(other.rows) for other in group)]
        merged = [other for group in touching for other in group] + [table]
        sets = [group for group in sets if group not in touching] + [merged]
    result = []
    for group in sets:
        mains = [table for table in group if table.explode is None]
        if len(mains) > 1:
            raise ContractError(f"Contract {contract.id}: {mains[0].name} and {mains[1].name} claim the same lines.")
        names = tuple(dict.fromkeys(name for table in group for name in table.rows))
        result.append(LineGroup(names, mains[0] if mains else None, tuple(t for t in group if t.explode is not None)))
    order = [table.name for table in tables]
    return tuple(sorted(result, key=lambda group: order.index(group.tables[0].name)))


def _source(column: Column) -> tuple[str, str | None, str]:
    return (line_path(column), column.logic, column.physical_type)


def _line_name(column: Column) -> str:
    return "_line_" + line_path(column).replace("_", "").replace(".", "_") + f"_{column.name}"
