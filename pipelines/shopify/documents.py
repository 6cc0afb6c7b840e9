"""Small, non-destructive changes to parsed GraphQL documents."""

import copy
from collections.abc import Iterator
from typing import Any, TypeVar

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    InlineFragmentNode,
    IntValueNode,
    NameNode,
    Node,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    parse,
)

N = TypeVar("N", bound=Node)


def changed(node: N, **attributes: Any) -> N:
    """A shallow copy of the node with other attributes; parsed documents are shared and stay as they are."""
    twin = copy.copy(node)
    for name, value in attributes.items():
        setattr(twin, name, value)
    return twin


def operation_of(document: DocumentNode) -> OperationDefinitionNode | None:
    """The only operation of a document, or None."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return operations[0] if len(operations) == 1 else None


def with_operation(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    """The document with its operation exchanged; fragments stay."""
    fragments = tuple(node for node in document.definitions if not isinstance(node, OperationDefinitionNode))
    return changed(document, definitions=(operation, *fragments))


def fields_of(selections: SelectionSetNode | None) -> Iterator[FieldNode]:
    """The fields of a selection, those of inline fragments included."""
    for selection in selections.selections if selections else ():
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from fields_of(selection.selection_set)


def field_named(selections: SelectionSetNode | None, name: str) -> FieldNode | None:
    """The field of this name in a selection, or None."""
    return next((field for field in fields_of(selections) if field.name.value == name), None)


def selection_of(text: str) -> SelectionSetNode:
    """A selection written as text, such as '{ id name }'."""
    operation = operation_of(parse(text, no_location=True))
    if operation is None:
        raise ValueError(f"not one selection: {text}")
    return operation.selection_set


def with_arguments(field: FieldNode, **values: ValueNode | None) -> FieldNode:
    """The field with these arguments set, or left out where the value is None."""
    kept = tuple(argument for argument in field.arguments if argument.name.value not in values)
    new = tuple(
        ArgumentNode(name=NameNode(value=name), value=value) for name, value in values.items() if value is not None
    )
    return changed(field, arguments=kept + new)


def with_fields(field: FieldNode, *more: SelectionNode) -> FieldNode:
    """The field with more selected below it."""
    selections = field.selection_set.selections if field.selection_set else ()
    return changed(field, selection_set=SelectionSetNode(selections=(*selections, *more)))


def string(value: str) -> StringValueNode:
    """A text literal."""
    return StringValueNode(value=value, block=False)


def integer(value: int) -> IntValueNode:
    """A number literal."""
    return IntValueNode(value=str(value))


def variable(name: str) -> VariableNode:
    """A use of a variable."""
    return VariableNode(name=NameNode(value=name))
