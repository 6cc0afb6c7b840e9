"""Cost of a query: what it may cost at most (requested) and what its answer did cost (actual).

Shopify publishes no formula. This one reproduces every measured figure: a scalar is free, an object 1, a
connection of n nodes `2 + max(1, floor(2 ln n)) x cost of a node` (1 -> 3, 10 -> 6, 100 -> 11, 250 -> 13; 250 orders
with 250 line items -> 156), a mutation 10 with a free payload, and one point for each staged upload. Amounts of
money are taken to be free: with a point for each, twenty orders as Tryton's connector asks for them would be refused,
and Shopify answers it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

MAX_QUERY_COST = 1_000
MUTATION_COST = 10
_ENVELOPE = frozenset({"edges", "node", "nodes", "pageInfo"})
_FREE = frozenset({"PageInfo", "MoneyBag", "MoneyV2"})


def spread(nodes: int) -> int:
    """Return by how much the cost of one node grows for a page of so many."""
    return max(1, math.floor(2 * math.log(nodes))) if nodes > 0 else 0


class CostModel:
    """Walks one document with one set of variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: dict[str, Any]) -> None:
        """Take a validated document."""
        self.schema = schema
        self.variables = variables
        self.fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def requested(self, operation: OperationDefinitionNode) -> int:
        """Return the points that must be in the bucket for the operation to start."""
        root: Any = self.schema.get_root_type(operation.operation)
        if operation.operation is OperationType.MUTATION:
            return sum(
                MUTATION_COST + self._uploads(field) + self._payload(field, root)
                for field in self._fields(operation.selection_set, root)
            )
        return max(self._selection(operation.selection_set, root), 0)

    def actual(self, operation: OperationDefinitionNode, data: dict[str, Any] | None) -> int:
        """Return the points that an answer used up; never more than requested."""
        requested = self.requested(operation)
        if operation.operation is OperationType.MUTATION or data is None:
            return requested
        root: Any = self.schema.get_root_type(operation.operation)
        return min(requested, math.ceil(self._measured(operation.selection_set, root, data)))

    def _uploads(self, field: FieldNode) -> int:
        if field.name.value != "stagedUploadsCreate":
            return 0
        value: Any = self._argument(field, "input")
        return len(value) if isinstance(value, list) else 1

    def _payload(self, field: FieldNode, root: Any) -> int:
        payload: Any = get_named_type(root.fields[field.name.value].type)
        return sum(
            self._field(inner, owner)
            for part in self._fields(field.selection_set, payload)
            if part.selection_set
            and (owner := get_named_type(payload.fields[part.name.value].type))
            and is_composite_type(owner)
            for inner in self._fields(part.selection_set, owner)
            if self._is_connection(inner, owner)
        )

    def _selection(self, selections: SelectionSetNode | None, parent: Any) -> int:
        shared = 0
        branches: dict[str, int] = {}
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                shared += self._field(selection, parent)
                continue
            condition, inner = self._fragment(selection, parent)
            cost = self._selection(inner, condition)
            if is_abstract_type(parent) and condition is not parent:
                branches[condition.name] = branches.get(condition.name, 0) + cost
            else:
                shared += cost
        return shared + max(branches.values(), default=0)

    def _field(self, field: FieldNode, parent: Any) -> int:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        if definition is None or not field.selection_set:
            return 0
        target: Any = get_named_type(definition.type)
        if target.name.endswith("Connection"):
            return 2 + spread(self._page(field)) * (1 + self._node(field, target))
        own = 0 if target.name in _FREE else 1
        return own + self._selection(field.selection_set, target)

    def _node(self, field: FieldNode, connection: Any) -> int:
        total = 0
        for part in self._fields(field.selection_set, connection):
            if part.name.value == "nodes":
                total += self._selection(part.selection_set, get_named_type(connection.fields["nodes"].type))
            elif part.name.value == "edges":
                edge: Any = get_named_type(connection.fields["edges"].type)
                for inner in self._fields(part.selection_set, edge):
                    if inner.name.value == "node":
                        total += self._selection(inner.selection_set, get_named_type(edge.fields["node"].type))
        return total

    def _measured(self, selections: SelectionSetNode | None, parent: Any, data: Any) -> float:
        if not isinstance(data, dict):
            return 0
        total = 0.0
        concrete = self.schema.type_map.get(data.get("__typename", ""), parent)
        for field in self._fields(selections, parent):
            owner = concrete if field.name.value in getattr(concrete, "fields", {}) else parent
            definition = getattr(owner, "fields", {}).get(field.name.value)
            value = data.get(field.alias.value if field.alias else field.name.value)
            if definition is None or value is None or not field.selection_set:
                continue
            target: Any = get_named_type(definition.type)
            if target.name.endswith("Connection"):
                total += self._page_cost(field, target, value)
            elif target.name not in _FREE:
                items = [item for item in value if item is not None] if isinstance(value, list) else [value]
                costs = [1 + self._measured(field.selection_set, target, item) for item in items]
                total += max(costs, default=0)
        return total

    def _page_cost(self, field: FieldNode, connection: Any, value: dict[str, Any]) -> float:
        costs: list[float] = []
        for part in self._fields(field.selection_set, connection):
            items = value.get(part.alias.value if part.alias else part.name.value) or []
            if part.name.value == "nodes":
                target = get_named_type(connection.fields["nodes"].type)
                costs = [1 + self._measured(part.selection_set, target, item) for item in items]
            elif part.name.value == "edges":
                edge = get_named_type(connection.fields["edges"].type)
                costs = [1 + self._measured(part.selection_set, edge, item) for item in items]
        return 2 + (spread(len(costs)) * sum(costs) / len(costs) if costs else 0)

    def _fields(self, selections: SelectionSetNode | None, parent: Any) -> Iterator[FieldNode]:
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                yield selection
            else:
                condition, inner = self._fragment(selection, parent)
                yield from self._fields(inner, condition)

    def _fragment(self, selection: Any, parent: Any) -> tuple[Any, SelectionSetNode]:
        node: Any = selection
        if isinstance(selection, FragmentSpreadNode):
            node = self.fragments[selection.name.value]
        condition = node.type_condition if isinstance(node, InlineFragmentNode | FragmentDefinitionNode) else None
        return (self.schema.type_map[condition.name.value] if condition else parent), node.selection_set

    def _is_connection(self, field: FieldNode, parent: Any) -> bool:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        return definition is not None and get_named_type(definition.type).name.endswith("Connection")

    def _page(self, field: FieldNode) -> int:
        sizes = [self._argument(field, name) for name in ("first", "last")]
        return next((size for size in sizes if isinstance(size, int)), 1)

    def _argument(self, field: FieldNode, name: str) -> Any:
        for argument in field.arguments:
            if argument.name.value == name:
                value: Any = argument.value
                if value.kind == "variable":
                    return self.variables.get(value.name.value)
                if value.kind == "int_value":
                    return int(value.value)
                return list(value.values) if value.kind == "list_value" else value
        return None
