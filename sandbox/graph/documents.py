"""Query texts, parsed and checked once per version; the operation to run; variables in Shopify's error form."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    coerce_input_value,
    parse,
    type_from_ast,
    validate,
    visit,
)

from sandbox.graph.errors import Fact, invalid, syntax_error
from sandbox.graph.versions import schema_of

GID = re.compile(r"gid://[\w-]+/\w+/[^\s]+")
_REMEMBERED = 2_000


@dataclass
class Prepared:
    """A text that was parsed and validated: either errors, or a document that may be run."""

    document: DocumentNode | None
    errors: list[Fact]
    deprecated: bool = False

    def operation(self, name: str | None) -> OperationDefinitionNode | None:
        """Return the operation of this name, or the only one; None when there is no such."""
        found = [
            d for d in (self.document.definitions if self.document else ()) if isinstance(d, OperationDefinitionNode)
        ]
        if name:
            found = [d for d in found if d.name and d.name.value == name]
        return found[0] if len(found) == 1 else None


class Documents:
    """Keeps the texts of late, since clients send the same few again and again."""

    def __init__(self) -> None:
        """Start empty."""
        self._known: OrderedDict[tuple[str, str], Prepared] = OrderedDict()
        self._lock = threading.Lock()

    def prepare(self, version: str, text: str) -> Prepared:
        """Return the text's document, or the errors that refuse it."""
        key = (version, text)
        with self._lock:
            known = self._known.get(key)
            if known is None:
                known = self._known[key] = _prepare(schema_of(version), text)
                if len(self._known) > _REMEMBERED:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(key)
        return known


def _prepare(schema: GraphQLSchema, text: str) -> Prepared:
    try:
        document = parse(text)
    except GraphQLError as error:
        return Prepared(None, [syntax_error(error, text)])
    errors = validate(schema, document)
    if errors:
        return Prepared(document, [invalid(error, document) for error in errors])
    return Prepared(document, [], deprecated=_uses_deprecated(schema, document))


def _uses_deprecated(schema: GraphQLSchema, document: DocumentNode) -> bool:
    info = TypeInfo(schema)

    class Watch(Visitor):
        found = False

        def enter_field(self, *_: Any) -> None:
            definition = info.get_field_def()
            self.found = self.found or bool(definition and definition.deprecation_reason is not None)

    watch = Watch()
    visit(document, TypeInfoVisitor(info, watch))
    return watch.found


def id_errors(schema: GraphQLSchema, operation: OperationDefinitionNode, values: dict[str, Any]) -> list[Fact]:
    """Return the errors of variables when one of their ids is no global id; the only check that graphql-core lacks."""
    for definition in operation.variable_definitions:
        kind: Any = type_from_ast(schema, definition.type)
        if kind is not None and _wrong_ids(values.get(definition.variable.name.value), kind, []):
            return variable_errors(schema, operation, values)
    return []


def variable_errors(schema: GraphQLSchema, operation: OperationDefinitionNode, values: dict[str, Any]) -> list[Fact]:
    """Return what is wrong with the variables, one INVALID_VARIABLE error for each; ids must be global ids."""
    found = []
    for definition in operation.variable_definitions:
        name = definition.variable.name.value
        kind: Any = type_from_ast(schema, definition.type)
        if kind is None or (name not in values and (definition.default_value or not isinstance(kind, GraphQLNonNull))):
            continue
        value = values.get(name)
        problems = _problems(value, kind)
        if problems:
            place = definition.loc.start_token if definition.loc else None
            found.append(
                {
                    "message": f"Variable ${name} of type {kind} was provided invalid value{_where(problems)}",
                    "locations": [{"line": place.line, "column": place.column}] if place else [],
                    "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
                }
            )
    return found


def _where(problems: list[Fact]) -> str:
    parts = [f"{'.'.join(map(str, p['path']))} ({p['explanation']})" for p in problems if p["path"]]
    return f" for {', '.join(parts)}" if parts else ""


def _problems(value: Any, kind: Any) -> list[Fact]:
    problems: list[Fact] = []

    def on_error(path: list[str | int], wrong: Any, error: GraphQLError) -> None:
        problems.append({"path": list(path), "explanation": _explain(wrong, error)})

    coerce_input_value(value, kind, on_error)
    if not problems:
        for path, wrong in _wrong_ids(value, kind, []):
            text = f"Invalid global id '{wrong}'"
            problems.append({"path": path, "explanation": text, "message": text})
    return problems


def _explain(wrong: Any, error: GraphQLError) -> str:
    if wrong is None:
        return "Expected value to not be null"
    missing = re.search(r"Field '(\w+)' of required type", error.message)
    if missing:
        return "Expected value to not be null"
    unknown = re.search(r"Field '(\w+)' is not defined by type '(\w+)'", error.message)
    if unknown:
        return f"Field is not defined on {unknown[2]}"
    enum = re.search(r"Value '(.+)' does not exist in '(\w+)' enum", error.message)
    if enum:
        return f'Expected "{enum[1]}" to be one of: {enum[2]}'
    return f"Could not coerce value {wrong!r} to {_type_name(error.message)}"


def _type_name(message: str) -> str:
    found = re.match(r"(?:Expected type|Enum) '?(\w+)'?|(\w+) cannot represent", message)
    return next((name for name in found.groups() if name), "the type") if found else "the type"


def _wrong_ids(value: Any, kind: Any, path: list[Any]) -> list[tuple[list[Any], Any]]:
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    if value is None:
        return []
    if isinstance(kind, GraphQLList):
        items = value if isinstance(value, list) else [value]
        return [wrong for i, item in enumerate(items) for wrong in _wrong_ids(item, kind.of_type, [*path, i])]
    if isinstance(kind, GraphQLInputObjectType):
        return [
            wrong
            for name, input_field in kind.fields.items()
            if isinstance(value, dict) and name in value
            for wrong in _wrong_ids(value[name], input_field.type, [*path, name])
        ]
    if getattr(kind, "name", "") == "ID" and not GID.fullmatch(str(value)):
        return [(path, value)]
    return []
