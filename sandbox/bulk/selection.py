"""Fields of a selection on a concrete type: fragments flattened, equal response keys merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    SelectionSetNode,
    get_argument_values,
    get_named_type,
    is_abstract_type,
)


@dataclass(frozen=True)
class Selected:
    """One field of a selection: `sets` are the selection sets below it."""

    key: str
    name: str
    definition: Any
    args: dict[str, Any]
    sets: tuple[SelectionSetNode, ...]

    @property
    def target(self) -> Any:
        """Return the named type that the field gives."""
        return get_named_type(self.definition.type)

    @property
    def is_connection(self) -> bool:
        """Tell whether the field is a connection."""
        return str(self.target.name).endswith("Connection")


class Selections:
    """Reads selections of one document."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, *, with_arguments: bool = True) -> None:
        """Take a validated document; arguments are read only when it has no variables."""
        self.schema = schema
        self._with_arguments = with_arguments
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}

    def fields(self, kind: Any, sets: Iterable[SelectionSetNode]) -> list[Selected]:
        """Return the fields that apply to a type; on an abstract type those of its fragments too."""
        merged: dict[str, Selected] = {}
        for node, owner in self._walk(kind, sets):
            key = node.alias.value if node.alias else node.name.value
            if node.name.value == "__typename":
                definition: Any = None
                args: dict[str, Any] = {}
            else:
                definition = owner.fields[node.name.value]
                args = get_argument_values(definition, node, {}) if self._with_arguments else {}
            below = (node.selection_set,) if node.selection_set else ()
            known = merged.get(key)
            merged[key] = Selected(key, node.name.value, definition, args, (*(known.sets if known else ()), *below))
        return list(merged.values())

    def _walk(self, kind: Any, sets: Iterable[SelectionSetNode]) -> Iterator[tuple[FieldNode, Any]]:
        for selection_set in sets:
            for selection in selection_set.selections:
                if isinstance(selection, FieldNode):
                    yield selection, kind
                    continue
                node: Any = selection
                if isinstance(selection, FragmentSpreadNode):
                    node = self._fragments[selection.name.value]
                condition = self.schema.type_map[node.type_condition.name.value] if node.type_condition else kind
                if self._applies(condition, kind):
                    owner = kind if is_abstract_type(condition) and not is_abstract_type(kind) else condition
                    yield from self._walk(owner, (node.selection_set,))

    def _applies(self, condition: Any, kind: Any) -> bool:
        if condition is kind or is_abstract_type(kind):
            return True
        return is_abstract_type(condition) and self.schema.is_sub_type(condition, kind)


def node_selection(selections: Selections, connection: Selected) -> tuple[Any, tuple[SelectionSetNode, ...]]:
    """Return the node type of a connection and what is selected on its nodes by `edges { node }`."""
    sets: list[SelectionSetNode] = []
    edge: Any = get_named_type(connection.target.fields["edges"].type)
    for part in selections.fields(connection.target, connection.sets):
        if part.name == "edges":
            for inner in selections.fields(edge, part.sets):
                if inner.name == "node":
                    sets.extend(inner.sets)
    return get_named_type(edge.fields["node"].type), tuple(sets)
