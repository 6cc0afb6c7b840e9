"""Runs a bulk mutation: the inner mutation once for each line of variables, through the same resolvers as any other."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from sandbox.bulk.operations import Operation
from sandbox.bulk.writer import Written
from sandbox.graph.session import Session

# Lines that commit together: few enough that ordinary requests get their turn in between.
_TOGETHER = 10


def run_lines(session: Session, text: str, path: Path, operation: Operation, share: float | None) -> Written:
    """Run every line and write its result with `__lineNumber` from 0; stops early when canceled.

    `share` is set by a fault: only this part of the lines is run.
    """
    prepared = session.shopify.documents.prepare(session.version, text)
    written = Written()
    limit = None
    if share is not None:
        with path.open("rb") as file:
            limit = int(sum(1 for _ in file) * share)
    with path.open("rb") as source, operation.path.open("wb") as target:
        for block in _blocks(itertools.islice(enumerate(source), limit)):
            with session.store.transaction():
                results = [_result(session, prepared, number, line) for number, line in block if line.strip()]
            for result in results:
                target.write(orjson.dumps(result).replace(b"/", b"\\/") + b"\n")
            written.objects += len(results)
            written.roots += len(results)
            if not operation.go_on(written):
                break
    return written


def _blocks(lines: Iterator[tuple[int, bytes]]) -> Iterator[list[tuple[int, bytes]]]:
    while block := list(itertools.islice(lines, _TOGETHER)):
        yield block


def _result(session: Session, prepared: Any, number: int, line: bytes) -> dict[str, Any]:
    try:
        variables = json.loads(line)
    except ValueError as problem:
        return {"errors": [{"message": f"Invalid JSON in line {number}: {problem}"}], "__lineNumber": number}
    session.loaded.clear()
    reply = session.shopify.run(session, prepared, variables, None)
    return {**reply, "__lineNumber": number}
