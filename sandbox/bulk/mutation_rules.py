"""What a bulk mutation must be, with the messages that refuse one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphql import FieldNode, GraphQLError, OperationDefinitionNode, OperationType, get_named_type, parse, validate

from sandbox.bulk.query_rules import MAX_BYTES
from sandbox.bulk.selection import Selected, Selections
from sandbox.graph.errors import invalid, unexpected
from sandbox.graph.session import Session
from sandbox.writeback.payload import UserError, user_error

MAX_FILE_BYTES = 100 * 1024 * 1024
FORBIDDEN = frozenset({"bulkOperationRunQuery", "bulkOperationRunMutation"})
_NO_FILE = (
    "The JSONL file could not be found. Try uploading the file again, and check that you've entered the URL correctly "
    "for the stagedUploadPath mutation argument."
)


def check_mutation(session: Session, text: str, client_identifier: str | None, path: Path | None) -> list[UserError]:
    """Return what is wrong with a bulk mutation, its identifier and its file."""
    size = len(text.encode())
    if size > MAX_BYTES:
        return [user_error(["query"], f"is too large ({size} bytes; maximum is {MAX_BYTES} bytes)", "INVALID_MUTATION")]
    try:
        document = parse(text)
    except GraphQLError as error:
        at = "".join(f" at [{place.line}, {place.column}]" for place in (error.locations or [])[:1])
        message = f"Failed to parse the mutation - syntax error, unexpected {unexpected(error, text)}{at}"
        return [user_error(None, message, "INVALID_MUTATION")]
    operation = next((d for d in document.definitions if isinstance(d, OperationDefinitionNode)), None)
    if operation is None or operation.operation is not OperationType.MUTATION:
        message = "Invalid operation type. Only `mutation` operations are supported."
        return [user_error(None, message, "INVALID_MUTATION")]
    roots = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    if len(roots) != 1:
        return [user_error(["mutation"], "You must specify a single top level mutation.")]
    if roots[0].name.value in FORBIDDEN:
        return [user_error(["mutation"], "You must use an allowed mutation name.")]
    errors = validate(session.schema, document)
    if errors:
        return [user_error(["mutation"], invalid(error, document)["message"], "INVALID_MUTATION") for error in errors]
    selections = Selections(session.schema, document, with_arguments=False)
    root = selections.fields(session.schema.mutation_type, (operation.selection_set,))[0]
    if _connections(selections, root) > 1:
        return [user_error(["mutation"], "Bulk mutations cannot contain more than 1 connection.")]
    return [*_identifier(client_identifier), *_file(path)]


def _connections(selections: Selections, item: Selected) -> int:
    if item.definition is None or not item.sets:
        return 0
    below: Any = get_named_type(item.definition.type)
    return int(item.is_connection) + sum(
        _connections(selections, inner) for inner in selections.fields(below, item.sets)
    )


def _identifier(text: str | None) -> list[UserError]:
    if text is not None and len(text) < 10:
        return [user_error(["clientIdentifier"], "is too short (minimum is 10 characters)", "INVALID_MUTATION")]
    if text is not None and len(text) > 255:
        return [user_error(["clientIdentifier"], "is too long (maximum is 255 characters)", "INVALID_MUTATION")]
    return []


def _file(path: Path | None) -> list[UserError]:
    if path is None:
        return [user_error(None, _NO_FILE, "NO_SUCH_FILE")]
    size = path.stat().st_size
    if size == 0:
        return [user_error(None, "The input file is empty.", "INVALID_STAGED_UPLOAD_FILE")]
    if size > MAX_FILE_BYTES:
        message = "The input file size exceeds the maximum allowed size of 100 MB."
        return [user_error(None, message, "INVALID_STAGED_UPLOAD_FILE")]
    return []
