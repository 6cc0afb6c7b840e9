"""The three mutations that start and stop bulk operations."""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import replace
from typing import Any

from sandbox.bulk.mutation_rules import check_mutation
from sandbox.bulk.mutation_run import run_lines
from sandbox.bulk.operations import SLOTS, Operation
from sandbox.bulk.projection import Compiler
from sandbox.bulk.query_rules import Runnable, check_query
from sandbox.bulk.spoil import spoiled, spoiler
from sandbox.bulk.writer import Written, write_lines
from sandbox.graph.connections import warn
from sandbox.graph.errors import AccessDenied, not_found
from sandbox.graph.roots import connection_source
from sandbox.graph.session import Session
from sandbox.graph.sources import StoreSource
from sandbox.search.compile import compile_search
from sandbox.writeback.payload import user_error

Args = dict[str, Any]
log = logging.getLogger("sandbox.bulk")


def run_query(session: Session, args: Args) -> Args:
    """Answer `bulkOperationRunQuery`."""
    checked = check_query(session.schema, args["query"])
    if isinstance(checked, list):
        return _refused(*(user_error(["query"], message, "INVALID") for message in checked))
    refused = _slot(session, "QUERY")
    if refused:
        return refused
    root = checked.root.name
    search = compile_search(checked.node_kind, checked.root.args.get("query"), session.zone)
    warn(session, ["bulkOperationRunQuery", root], checked.root.args.get("query"), search.warnings)
    shopify = session.shopify
    facts = {"shop": session.shop, "root": root}
    plan = {kind: shopify.faults.take(f"bulk_{kind}", **facts) for kind in ("failed", "canceled", "stuck", "slow")}
    lines = [*shopify.faults.take_all("bulk_line", **facts), *shopify.faults.take_all("bulk_lost_line", **facts)]
    duration = (plan["slow"] or {}).get("seconds", shopify.settings.bulk_seconds)
    grouped = bool(args.get("groupObjects"))

    def work(operation: Operation) -> None:
        operation.stuck = plan["stuck"] is not None
        _finish(
            operation, lambda: _export(session, operation, checked, grouped, lines), lambda: _end_badly(operation, plan)
        )

    started = shopify.operations(session).start(
        shopify.bulk_numbers,
        "QUERY",
        args["query"],
        work,
        duration=duration,
        cancel_seconds=shopify.settings.cancel_seconds,
    )
    return {"bulkOperation": _created(session, started), "userErrors": []}


def run_mutation(session: Session, args: Args) -> Args:
    """Answer `bulkOperationRunMutation`."""
    path = session.shopify.uploads.path(args["stagedUploadPath"])
    errors = check_mutation(session, args["mutation"], args.get("clientIdentifier"), path)
    if errors or path is None:
        return _refused(*errors)
    refused = _slot(session, "MUTATION")
    if refused:
        return refused
    shopify = session.shopify
    facts = {"shop": session.shop, "root": "bulkOperationRunMutation"}
    plan = {kind: shopify.faults.take(f"bulk_{kind}", **facts) for kind in ("failed", "canceled", "stuck", "slow")}

    def work(operation: Operation) -> None:
        operation.stuck = plan["stuck"] is not None
        share = (plan["failed"] or plan["canceled"] or {}).get("partial")
        _finish(
            operation,
            lambda: run_lines(session, args["mutation"], path, operation, share),
            lambda: _end_badly(operation, plan, cut=False),
        )

    started = shopify.operations(session).start(
        shopify.bulk_numbers, "MUTATION", args["mutation"], work,
        duration=(plan["slow"] or {}).get("seconds", shopify.settings.bulk_seconds),
        cancel_seconds=shopify.settings.cancel_seconds,
    )  # fmt: skip
    return {"bulkOperation": _created(session, started), "userErrors": []}


def cancel(session: Session, args: Args) -> Args:
    """Answer `bulkOperationCancel`: CANCELING first, CANCELED later; a finished one stays as it is."""
    if not args["id"].startswith("gid://shopify/BulkOperation/"):
        raise not_found(f"Invalid id: {args['id']}")
    operations = session.shopify.operations(session)
    operation = operations.get(args["id"])
    if operation is None:
        return _refused(user_error(["id"], "Bulk operation does not exist"))
    if operation.completed_at is not None:
        message = f"A bulk operation cannot be canceled when it is {operation.status().lower()}"
        return {"bulkOperation": operations.document(operation), "userErrors": [user_error(None, message)]}
    if operation.canceled_at is None:
        operation.canceled_at = time.monotonic()
    return {"bulkOperation": operations.document(operation), "userErrors": []}


def _refused(*errors: Args) -> Args:
    return {"bulkOperation": None, "userErrors": list(errors)}


def _slot(session: Session, kind: str) -> Args | None:
    busy = session.shopify.operations(session).busy(kind)
    if len(busy) < SLOTS:
        return None
    message = f"A bulk {kind.lower()} operation for this app and shop is already in progress: {', '.join(busy)}."
    return _refused(user_error(None, message, "OPERATION_IN_PROGRESS"))


def _created(session: Session, operation: Operation) -> Args:
    document = session.shopify.operations(session).document(operation)
    unfinished = {"completedAt": None, "fileSize": None, "url": None, "partialDataUrl": None}
    return {**document, **unfinished, "status": "CREATED", "objectCount": "0", "rootObjectCount": "0"}


def _export(session: Session, operation: Operation, checked: Runnable, grouped: bool, faults: list[Args]) -> Written:
    item = checked.root
    ready = session.shopify.prerendered.get(item.name)
    if ready is not None:
        operation.path.unlink(missing_ok=True)
        shutil.copyfile(ready.path, operation.path) if ready.copy else operation.path.symlink_to(ready.path)
        return Written(ready.objects, ready.roots)
    source = connection_source(session, item.name, checked.node_kind, item.args)
    search = compile_search(checked.node_kind, item.args.get("query"), session.zone)
    if isinstance(source, StoreSource):
        source = replace(source.within(search.bounds), packed=True)
    docs = source.walk(item.args.get("sortKey") or "", reverse=bool(item.args.get("reverse")))
    root = Compiler(session, checked.selections).root(item, filter(search.matches, docs) if search.matches else docs)
    with operation.path.open("wb") as file:
        return write_lines(root, spoiler(file, faults), grouped=grouped, go_on=operation.go_on)


def _finish(operation: Operation, work: Any, end_badly: Any) -> None:
    """Run the work; an error ends the operation as FAILED, with the reason in the sandbox's log and state.

    What a fault does to the end is done before anybody can see the end.
    """
    try:
        operation.written = work()
        end_badly()
    except AccessDenied as problem:
        operation.outcome, operation.error_code, operation.reason = "FAILED", "ACCESS_DENIED", problem.message
    except Exception as problem:
        log.exception("bulk operation %s failed", operation.gid)
        operation.outcome, operation.error_code, operation.reason = "FAILED", "INTERNAL_SERVER_ERROR", repr(problem)
    finally:
        operation.done = True


def _end_badly(operation: Operation, plan: dict[str, Args | None], cut: bool = True) -> None:
    fault = plan["failed"] or plan["canceled"]
    if fault is None or operation.outcome == "FAILED":
        return
    operation.outcome = "FAILED" if plan["failed"] else "CANCELED"
    operation.error_code = fault.get("errorCode", "INTERNAL_SERVER_ERROR") if plan["failed"] else None
    if cut:
        operation.written = spoiled(operation.path, operation.written, fault.get("partial", 0.5))
