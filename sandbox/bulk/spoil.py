"""Faults inside a result file: spoiled lines, lost lines, and files that end early."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, cast

import orjson

from sandbox.bulk.writer import PARENT, Written

Fault = dict[str, Any]


class _SpoilingFile:
    """Passes lines on, save those that a fault changes. Lines are counted from 0."""

    def __init__(self, file: BinaryIO, faults: list[Fault]) -> None:
        self._file = file
        self._at = {int(fault.get("line", 0)): fault for fault in faults}
        self._line = 0

    def write(self, block: bytes) -> int:
        for line in block.splitlines(keepends=True):
            fault = self._at.get(self._line)
            self._file.write(_changed(line, fault) if fault else line)
            self._line += 1
        return len(block)


def spoiler(file: BinaryIO, faults: list[Fault]) -> BinaryIO:
    """Return the file, with the faults in between when there are any."""
    return cast(BinaryIO, _SpoilingFile(file, faults)) if faults else file


def _changed(line: bytes, fault: Fault) -> bytes:
    if fault["kind"] == "bulk_lost_line":
        return b""
    change = fault.get("change", "malformed")
    if change == "malformed":
        return line[: len(line) // 2] + b"\n"
    content: dict[str, Any] = orjson.loads(line)
    if change == "missing_id":
        content.pop("id", None)
    elif change == "missing_parent":
        content.pop(PARENT, None)
    else:
        fallback: Any = "NOT_A_KNOWN_VALUE" if change == "unknown_enum" else {"unexpected": ["shape"]}
        content[fault["field"]] = fault.get("value", fallback)
    return orjson.dumps(content).replace(b"/", b"\\/") + b"\n"


def spoiled(path: Path, written: Written, share: float) -> Written:
    """Cut a file to a share of its lines and return what is left."""
    if not path.exists():
        return Written()
    lines = path.read_bytes().splitlines(keepends=True)
    kept = lines[: int(len(lines) * share)]
    path.write_bytes(b"".join(kept))
    marker = f'"{PARENT}"'.encode()
    return Written(len(kept), sum(1 for line in kept if marker not in line))
