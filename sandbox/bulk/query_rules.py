"""What a bulk query must be, with the messages that refuse one. Several may apply at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
)

from sandbox.bulk.selection import Selected, Selections, node_selection
from sandbox.graph.errors import invalid, unexpected

MAX_BYTES = 65_535
MAX_CONNECTIONS = 5
MAX_DEPTH = 2


@dataclass(frozen=True)
class Runnable:
    """A bulk query that may run."""

    selections: Selections
    root: Selected

    @property
    def node_kind(self) -> str:
        """Return the name of the type of the root connection's nodes."""
        return str(get_named_type(self.root.target.fields["nodes"].type).name)


@dataclass
class _Found:
    connections: list[str] = field(default_factory=list)
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    depth: int = 0
    under_list: bool = False


def check_query(schema: GraphQLSchema, text: str) -> Runnable | list[str]:
    """Return the query when it may run, else the messages that refuse it."""
    size = len(text.encode())
    if size > MAX_BYTES:
        return [f"Query is too large ({size} bytes; maximum is {MAX_BYTES} bytes)"]
    try:
        document = parse(text)
    except GraphQLError as error:
        return [f"Invalid bulk query: syntax error, unexpected {unexpected(error, text)}"]
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if any(operation.operation is not OperationType.QUERY for operation in operations):
        return ["Invalid operation type. Only `query` operations are supported."]
    errors = validate(schema, document)
    if errors:
        return [f"Invalid bulk query: {invalid(error, document)['message']}" for error in errors]
    if len(operations) != 1:
        return ["Bulk queries must contain exactly one operation."]
    if operations[0].variable_definitions:
        return ["Bulk queries cannot contain variables."]
    return _check_shape(schema, document, operations[0])


def _check_shape(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Runnable | list[str]:
    selections = Selections(schema, document)
    roots = selections.fields(schema.query_type, (operation.selection_set,))
    found = _Found()
    messages = []
    for root in roots:
        if root.name in ("node", "nodes"):
            messages.append(f"Bulk queries cannot contain a top level `{root.name}` field.")
        if root.definition is not None:
            _walk(selections, root, None, 0, under_list=False, found=found)
    if len(roots) > 1:
        messages.append("Bulk queries cannot contain more than one top level field.")
    messages.extend(_shape_messages(found))
    if not messages and not roots[0].is_connection:
        messages.append("Bulk queries must contain at least one connection.")
    return messages or Runnable(selections, roots[0])


def _shape_messages(found: _Found) -> Iterator[str]:
    if found.by_nodes:
        yield (
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            "'products { edges { node {'. Selecting via 'nodes' is not supported. Invalid connection fields: "
            f"{_quoted(found.by_nodes)}."
        )
    if not found.connections:
        yield "Bulk queries must contain at least one connection."
    if found.depth > MAX_DEPTH:
        yield f"Bulk queries cannot contain connections with a nesting depth greater than {MAX_DEPTH}."
    if len(found.connections) > MAX_CONNECTIONS:
        yield f"Bulk queries cannot contain more than {MAX_CONNECTIONS} connections."
    if found.without_id:
        yield (
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            f"of 'ID' return type. Connection fields without 'id': {', '.join(dict.fromkeys(found.without_id))}."
        )
    if found.under_list:
        yield "Queries that contain a connection field within a list field are not currently supported."


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in dict.fromkeys(names))


def _walk(
    selections: Selections,
    item: Selected,
    parent: tuple[str, bool] | None,
    depth: int,
    *,
    under_list: bool,
    found: _Found,
) -> None:
    """Visit a field. `parent` is the connection around it: its name, and whether its nodes select their id."""
    if not item.sets:
        return
    if not item.is_connection:
        below = under_list or is_list_type(get_nullable_type(item.definition.type))
        for inner in selections.fields(item.target, item.sets):
            if inner.definition is not None:
                _walk(selections, inner, parent, depth, under_list=below, found=found)
        return
    found.connections.append(item.name)
    found.depth = max(found.depth, depth)
    found.under_list = found.under_list or under_list
    if parent is not None and not parent[1]:
        found.without_id.append(parent[0])
    if any(part.name == "nodes" for part in selections.fields(item.target, item.sets)):
        found.by_nodes.append(item.name)
    kind, sets = _contents(selections, item)
    fields = selections.fields(kind, sets)
    for inner in fields:
        if inner.definition is not None:
            _walk(selections, inner, (item.name, _selects_id(fields)), depth + 1, under_list=False, found=found)


def _contents(selections: Selections, item: Selected) -> tuple[Any, tuple[SelectionSetNode, ...]]:
    kind, sets = node_selection(selections, item)
    by_nodes = [part.sets for part in selections.fields(item.target, item.sets) if part.name == "nodes"]
    return kind, (*sets, *(s for group in by_nodes for s in group))


def _selects_id(fields: list[Selected]) -> bool:
    return any(f.key == "id" and f.name == "id" and is_non_null_type(f.definition.type) for f in fields)
