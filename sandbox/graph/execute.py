"""Runs one prepared document: data and errors in Shopify's form."""

from __future__ import annotations

from typing import Any

from graphql import ExecutionResult, GraphQLError, execute

from sandbox.graph.documents import Prepared, variable_errors
from sandbox.graph.errors import internal_error
from sandbox.graph.resolve import resolve_field, resolve_type
from sandbox.graph.session import Session


def run(session: Session, prepared: Prepared, variables: dict[str, Any], operation_name: str | None) -> dict[str, Any]:
    """Return `data` and, when there are any, `errors`; only `errors` when the variables do not fit."""
    if prepared.document is None:
        return {"errors": prepared.errors}
    result = execute(
        session.schema,
        prepared.document,
        context_value=session,
        variable_values=variables,
        operation_name=operation_name,
        field_resolver=resolve_field,
        type_resolver=resolve_type,
    )
    if not isinstance(result, ExecutionResult):
        raise TypeError("the sandbox resolves everything at once")
    reply: dict[str, Any] = {}
    if result.data is None and result.errors and result.errors[0].message.startswith("Variable '$"):
        operation = prepared.operation(operation_name)
        if operation is not None:
            return {"errors": variable_errors(session.schema, operation, variables)}
    if result.errors:
        reply["errors"] = [_fact(error) for error in result.errors]
    reply["data"] = result.data
    return reply


def _fact(error: GraphQLError) -> dict[str, Any]:
    if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
        return {**internal_error(), "sandbox": repr(error.original_error), "path": error.path}
    fact: dict[str, Any] = {"message": error.message}
    if error.locations:
        fact["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path:
        fact["path"] = error.path
    if error.extensions:
        fact["extensions"] = error.extensions
    return fact
