"""Error bodies of the Admin API: validation errors as Shopify words them, and the errors raised while resolving."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, GraphQLError, Node, OperationDefinitionNode
from graphql.language import InlineFragmentNode

ACCESS_PAGE = "https://shopify.dev/api/usage/access-scopes"
LIMITS_PAGE = "https://shopify.dev/api/usage/rate-limits"

Fact = dict[str, Any]

# What graphql-core says -> what Shopify says, with its extensions.
_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, Fact]]]] = [
    (
        re.compile(r"Cannot query field '(\w+)' on type '(\w+)'"),
        lambda m: (
            f"Field '{m[1]}' doesn't exist on type '{m[2]}'",
            {"code": "undefinedField", "typeName": m[2], "fieldName": m[1]},
        ),
    ),
    (
        re.compile(r"Unknown argument '(\w+)' on field '(\w+)\.(\w+)'"),
        lambda m: (
            f"Field '{m[3]}' doesn't accept argument '{m[1]}'",
            {"code": "argumentNotAccepted", "name": m[3], "typeName": "Field", "argumentName": m[1]},
        ),
    ),
    (
        re.compile(r"Field '(\w+)' argument '(\w+)' of type '.+' is required"),
        lambda m: (
            f"Field '{m[1]}' is missing required arguments: {m[2]}",
            {"code": "missingRequiredArguments", "className": "Field", "name": m[1], "arguments": m[2]},
        ),
    ),
    (
        re.compile(r"Field '(\w+)' of type '(.+)' must have a selection of subfields"),
        lambda m: (
            f"Field must have selections (field '{m[1]}' returns {m[2].strip('[]!')} but has no selections."
            f" Did you mean '{m[1]} {{ ... }}'?)",
            {"code": "selectionMismatch", "nodeName": f"field '{m[1]}'", "typeName": m[2].strip("[]!")},
        ),
    ),
    (
        re.compile(r"Field '(\w+)' must not have a selection since type '(.+)' has no subfields"),
        lambda m: (
            f"Selections can't be made on scalars (field '{m[1]}' returns {m[2].strip('[]!')} but has selections)",
            {"code": "selectionMismatch", "nodeName": f"field '{m[1]}'", "typeName": m[2].strip("[]!")},
        ),
    ),
    (
        re.compile(r"Variable '\$(\w+)' is not defined(?: by operation '(\w+)')?"),
        lambda m: (
            f"Variable ${m[1]} is used by {m[2] or 'anonymous query'} but not declared",
            {"code": "variableNotDefined", "variableName": m[1]},
        ),
    ),
    (
        re.compile(r"Variable '\$(\w+)' is never used(?: in operation '(\w+)')?"),
        lambda m: (
            f"Variable ${m[1]} is declared by {m[2] or 'anonymous query'} but not used",
            {"code": "variableNotUsed", "variableName": m[1]},
        ),
    ),
    (
        re.compile(r"Variable '\$(\w+)' of type '(.+)' used in position expecting type '(.+)'"),
        lambda m: (
            f"Type mismatch on variable ${m[1]} and argument ({m[2]} / {m[3]})",
            {"code": "variableMismatch", "variableName": m[1], "typeName": m[2], "errorMessage": "Type mismatch"},
        ),
    ),
    (
        re.compile(r"Unknown fragment '(\w+)'"),
        lambda m: (
            f"Fragment {m[1]} was used, but not defined",
            {"code": "useAndDefineFragment", "fragmentName": m[1]},
        ),
    ),
    (
        re.compile(r"Fragment '(\w+)' is never used"),
        lambda m: (
            f"Fragment {m[1]} was defined, but not used",
            {"code": "useAndDefineFragment", "fragmentName": m[1]},
        ),
    ),
    (
        re.compile(r"Unknown type '(\w+)'"),
        lambda m: (
            f"No such type {m[1]}, so it can't be a fragment condition",
            {"code": "undefinedType", "typeName": m[1]},
        ),
    ),
    (
        re.compile(r"Unknown directive '@(\w+)'"),
        lambda m: (
            f"Directive @{m[1]} is not defined",
            {"code": "undefinedDirective", "directiveName": m[1]},
        ),
    ),
]


class AccessDenied(GraphQLError):
    """A field that the token's scopes do not open."""

    def __init__(self, field: str, scopes: frozenset[str]) -> None:
        """Name the field and any scope that would do."""
        names = [f"`{scope}` access scope" for scope in sorted(scopes)]
        needed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))) + "."
        super().__init__(
            f"Access denied for {field} field. Required access: {needed}",
            extensions={"code": "ACCESS_DENIED", "documentation": ACCESS_PAGE, "requiredAccess": needed},
        )


def bad_request(message: str) -> GraphQLError:
    """Return an error of the request itself, found while resolving."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def not_found(message: str) -> GraphQLError:
    """Return the error for a gid of the wrong type."""
    return GraphQLError(message, extensions={"code": "RESOURCE_NOT_FOUND"})


def internal_error() -> Fact:
    """Return the error of a fault inside Shopify."""
    request_id = str(uuid.uuid4())
    return {
        "message": "Internal error. Looks like something went wrong on our end.\n"
        f"Request ID: {request_id} (include this in support requests).",
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "requestId": request_id},
    }


def throttled() -> Fact:
    """Return the error of an empty bucket."""
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": LIMITS_PAGE}}


def too_expensive(cost: int, limit: int) -> Fact:
    """Return the error of a query that may never run, whatever is in the bucket."""
    return {
        "message": f"Query cost is {cost}, which exceeds the single query max cost limit ({limit}).\n\n"
        f"See {LIMITS_PAGE} for more information on how the\ncost of a query is calculated.",
        "extensions": {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": limit, "documentation": LIMITS_PAGE},
    }


def syntax_error(error: GraphQLError, text: str) -> Fact:
    """Return a parse error in Shopify's form."""
    places = error.locations or []
    line, column = (places[0].line, places[0].column) if places else (1, 1)
    return {
        "message": f"syntax error, unexpected {unexpected(error, text)} at [{line}, {column}]",
        "locations": [{"line": line, "column": column}],
    }


def unexpected(error: GraphQLError, text: str) -> str:
    """Return what the parser stumbled over: `end of file` or the token."""
    if "<EOF>" in error.message or not text.strip():
        return "end of file"
    found = re.search(r"(?:found|Unexpected) (.+?)\.?$", error.message)
    return found[1].replace("Name ", "IDENTIFIER ").replace("'", '"') if found else "token"


def invalid(error: GraphQLError, document: DocumentNode) -> Fact:
    """Return a validation error in Shopify's form: message, locations, path of selections, extensions."""
    message, extensions = error.message, {"code": "invalid"}
    for pattern, build in _RULES:
        match = pattern.search(error.message)
        if match:
            message, extensions = build(match)
            break
    else:
        extensions = {"code": "argumentLiteralsIncompatible", "typeName": "Field"}
    fact: Fact = {
        "message": message,
        "locations": [{"line": p.line, "column": p.column} for p in error.locations or []],
    }
    node = error.nodes[0] if error.nodes else None
    fact["path"] = _path_to(node, document) if node else []
    fact["extensions"] = extensions
    return fact


def _path_to(wanted: Node, document: DocumentNode) -> list[str]:
    def search(node: Any, path: list[str]) -> list[str] | None:
        here = [*path, *_segment(node)]
        if node is wanted:
            return here
        for key in node.keys if isinstance(node, Node) else ():
            value = getattr(node, key, None)
            for child in value if isinstance(value, tuple | list) else (value,):
                if isinstance(child, Node) and (found := search(child, here)) is not None:
                    return found
        return None

    return search(document, []) or []


def _segment(node: Any) -> list[str]:
    if isinstance(node, OperationDefinitionNode):
        return [f"{node.operation.value}{f' {node.name.value}' if node.name else ''}"]
    if isinstance(node, FragmentDefinitionNode):
        return [f"fragment {node.name.value}"]
    if isinstance(node, InlineFragmentNode):
        return [f"... on {node.type_condition.name.value}"] if node.type_condition else ["..."]
    if isinstance(node, FieldNode):
        return [node.alias.value if node.alias else node.name.value]
    return []
