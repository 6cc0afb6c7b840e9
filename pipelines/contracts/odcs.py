"""The part of the Open Data Contract Standard (ODCS 3.1) that a source contract of ours uses, and how it is read.

A contract that says something this model does not know is refused with one sentence that names file, object and
property: a rule that is written down and not enforced would be worse than none.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import Field, ValidationError, model_validator

from pipelines.contracts.columns import Column, Name, Part, RowRule
from pipelines.failures import ContractError

__all__ = ["Column", "Contract", "Table", "read_contract"]

# libyaml reads the contract eight times as fast (0.07 s instead of 0.6); where it is not built in, the same in Python.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CustomProperty(Part):
    """ODCS's place for what the standard has no word for."""

    property: Literal["entity", "rows", "explode", "parent", "parentKey", "softDelete", "replacedBy"]
    value: Any


class Table(Part):
    """One table of the warehouse and how rows of the source become its rows."""

    name: Name
    physical_name: Annotated[str, Field(alias="physicalName")]
    logical_type: Annotated[Literal["object"], Field(alias="logicalType")]
    physical_type: Annotated[Literal["table"], Field(alias="physicalType")]
    description: str
    custom: Annotated[list[CustomProperty], Field(alias="customProperties")]
    quality: list[RowRule] = Field(default=[])
    columns: Annotated[list[Column], Field(alias="properties", min_length=1)]

    @model_validator(mode="after")
    def _holds_together(self) -> "Table":
        names = [column.name for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"property '{name}' stands there twice")
        if not self.key:
            raise ValueError("has no property with primaryKey: true")
        for needed in ("entity", "rows"):
            if needed not in self._given:
                raise ValueError(f"has no custom property '{needed}'")
        if not isinstance(self._given["rows"], list) or not self._given["rows"]:
            raise ValueError("custom property 'rows' needs a list of GraphQL types")
        if ("parent" in self._given) != ("parentKey" in self._given):
            raise ValueError("needs both of the custom properties 'parent' and 'parentKey', or neither")
        if self.parent_key is not None and self.parent_key not in names:
            raise ValueError(f"parentKey '{self.parent_key}' is not one of its properties")
        if self.replaced_by is not None and self.replaced_by not in names:
            raise ValueError(f"replacedBy '{self.replaced_by}' is not one of its properties")
        for column in self.columns:
            if self.explode is None and (column.logic == "position" or column.path.startswith("^.")):
                raise ValueError(f"property '{column.name}' needs a table with the custom property 'explode'")
        return self

    @cached_property
    def _given(self) -> dict[str, Any]:
        return {item.property: item.value for item in self.custom}

    @property
    def entity(self) -> str:
        """The query that brings it."""
        return str(self._given["entity"])

    @property
    def rows(self) -> tuple[str, ...]:
        """GraphQL types of the lines it is read from."""
        return tuple(self._given["rows"])

    @property
    def explode(self) -> str | None:
        """Path of the list whose elements are the rows, or None when the line is the row."""
        value = self._given.get("explode")
        return None if value is None else str(value)

    @property
    def parent(self) -> str | None:
        """The table its rows are replaced with."""
        return self._given.get("parent")

    @property
    def parent_key(self) -> str | None:
        """The column that holds the parent's key."""
        return self._given.get("parentKey")

    @property
    def replaced_by(self) -> str | None:
        """The column that names the document of a row: its rows come together and replace those that came before."""
        return self._given.get("replacedBy")

    @property
    def soft_delete(self) -> bool:
        """Whether rows deleted at the source stay, marked by deleted_at."""
        return bool(self._given.get("softDelete", False))

    @property
    def key(self) -> tuple[str, ...]:
        """Primary key within a shop."""
        return tuple(column.name for column in self.columns if column.primary_key)

    def column(self, name: str) -> Column | None:
        """The column of this name, or None."""
        return next((column for column in self.columns if column.name == name), None)


class ContractProperty(Part):
    """What the standard has no word for, of a whole contract: the column that names the connection a row came by."""

    property: Literal["connection"]
    value: Name


class Description(Part):
    """What the data are for, and where they end."""

    purpose: str
    limitations: str
    usage: str


class Contract(Part):
    """A whole source."""

    api_version: Annotated[str, Field(alias="apiVersion", pattern=r"^v3\.1\.\d+$")]
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str
    status: Literal["proposed", "draft", "active", "deprecated", "retired"]
    domain: str
    description: Description
    custom: list[ContractProperty] = Field(default=[], alias="customProperties", max_length=1)
    tables: Annotated[list[Table], Field(alias="schema", min_length=1)]

    @model_validator(mode="after")
    def _parents_exist(self) -> "Contract":
        names = [table.name for table in self.tables]
        for table in self.tables:
            if names.count(table.name) > 1:
                raise ValueError(f"object '{table.name}' stands there twice")
            if table.parent is not None and table.parent not in names:
                raise ValueError(f"object '{table.name}': parent '{table.parent}' is not an object of this contract")
            parent = next((other for other in self.tables if other.name == table.parent), None)
            if parent is not None and table.parent_key is not None and parent.column(table.parent_key) is None:
                raise ValueError(f"object '{table.name}': parent '{parent.name}' has no property '{table.parent_key}'")
        return self

    @property
    def source(self) -> str:
        """The source's name: 'shopify' of `boomerang-shopify`."""
        return self.id.removeprefix("boomerang-")

    @property
    def raw_schema(self) -> str:
        """The schema of its tables."""
        return f"raw_{self.source}"

    @property
    def connection(self) -> str:
        """The first column of every table: the settings key of the shop, ERP or partner."""
        return self.custom[0].value if self.custom else "shop"

    def table(self, name: str) -> Table:
        """The table of this name; ContractError when there is none."""
        found = next((table for table in self.tables if table.name == name), None)
        if found is None:
            known = ", ".join(table.name for table in self.tables)
            raise ContractError(f"Contract {self.id} has no object '{name}'; it has {known}.")
        return found

    def entities(self) -> tuple[str, ...]:
        """The queries it needs, in the order of their first table."""
        return tuple(dict.fromkeys(table.entity for table in self.tables))

    def tables_of(self, entity: str) -> tuple[Table, ...]:
        """Tables that one query brings, parents before children."""
        waiting = [table for table in self.tables if table.entity == entity]
        ordered: list[Table] = []
        while waiting:
            names = {table.name for table in waiting}
            ready = [table for table in waiting if table.parent not in names or table.parent == table.name]
            if not ready:
                raise ContractError(f"Contract {self.id}: the parents of {', '.join(sorted(names))} form a circle.")
            ordered += ready
            waiting = [table for table in waiting if table not in ready]
        return tuple(ordered)

    def with_columns(self, extra: Mapping[str, Sequence[Column]]) -> "Contract":
        """The same contract with further columns at the end of the named tables."""
        tables = [
            table.model_copy(update={"columns": [*table.columns, *extra.get(table.name, ())]}) for table in self.tables
        ]
        return self.model_copy(update={"tables": tables})


def read_contract(path: Path) -> Contract:
    """Read a contract file, or raise a ContractError that names file, object and property."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  # both are safe loaders
    except OSError as error:
        raise ContractError(f"Contract file {path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError as error:
        raise ContractError(f"Contract file {path} is not valid YAML: {' '.join(str(error).split())}.") from None
    try:
        return Contract.model_validate(content)
    except ValidationError as error:
        raise ContractError(_sentence(path, content, error)) from None


def _sentence(path: Path, content: Any, error: ValidationError) -> str:
    first = error.errors()[0]
    where: list[str] = []
    at: Any = content
    for part in first["loc"]:
        if isinstance(part, int):
            at = at[part] if isinstance(at, list) else None
            names = at if isinstance(at, dict) else {}
            label = names.get("name", names.get("property", f"number {part + 1}"))
            where[-1] = {"schema": "object", "properties": "property"}.get(where[-1], where[-1]) + f" '{label}'"
        else:
            at = at.get(part) if isinstance(at, dict) else None
            where.append(str(part))
    message = first["msg"].removeprefix("Value error, ")
    return f"Contract file {path}{''.join(f', {part}' for part in where)}: {message[0].lower()}{message[1:]}."
