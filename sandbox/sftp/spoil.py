"""What can go wrong with a file, for real: each fault turns the file that was due into files as they really come.

A fault names the kind of file (`name`: shp, rcv, ret, mov, inv) and the warehouse (`shop`: LEJ, HAM), or neither; it
strikes when the next such file is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sandbox.backoffice.lags import DAY
from sandbox.sftp.cuttings import Cutting


@dataclass(frozen=True)
class Upload:
    """A file to be put into the folder. `growing`: seconds until it is whole, 0 at once, None never."""

    name: str
    text: str
    growing: float | None = 0
    part: bool = False


def truncated(upload: Upload) -> list[Upload]:
    """Cut the file in the middle of a row or segment."""
    return [replace(upload, text=upload.text[: max(1, len(upload.text) * 2 // 3 - 3)])]


def empty(upload: Upload) -> list[Upload]:
    """Leave nothing of the content."""
    return [replace(upload, text="")]


def duplicated(upload: Upload) -> list[Upload]:
    """Send it again under another name."""
    return [upload, replace(upload, name=_renamed(upload.name, "again"))]


def reused(upload: Upload) -> list[Upload]:
    """Send other content under the same control number; without one, other content under the same name."""
    if upload.name.endswith(".csv"):
        return [upload, replace(upload, name=_renamed(upload.name, "other"), text=_other_number(upload.text))]
    return [upload, replace(upload, name=_renamed(upload.name, "other"), text=_other_number(upload.text))]


def corrected(upload: Upload, later: Upload) -> list[Upload]:
    """Send a file with a wrong number, then the right one as a file of its own."""
    return [replace(upload, text=_other_number(upload.text)), later]


def changed(upload: Upload) -> list[Upload]:
    """Rename a heading, or use a qualifier that was not agreed upon."""
    text = upload.text
    if upload.name.endswith(".csv"):
        text = re.sub(r"\bsku\b", "article", text, count=1)
    else:
        text = re.sub(r"QTY\*33\*", "QTY*ZZ*", text)
        text = re.sub(r"\*VN\*", "*ZZ*", text)
        text = re.sub(r"W19\*\d\d\*", "W19*77*", text)
    return [replace(upload, text=text)]


def unknown_zone(upload: Upload) -> list[Upload]:
    """Say a zone that is none, or a warehouse whose zone nobody was told."""
    if upload.name.endswith(".csv"):
        text = re.sub(r"(\d\d:\d\d:\d\d)(?=,|\n)", r"\1 QST", upload.text)
    else:
        text = re.sub(r"(G62\*\d\d\*\d{8}\*W\*\d{6})~", r"\1*QQ~", upload.text)
        text = text.replace("*92*HAM~", "*92*BRE~") if text == upload.text else text
    return [replace(upload, text=text)]


def few(cut: Cutting) -> Cutting:
    """Leave one record in ten."""
    return replace(cut, records=cut.records[: max(1, len(cut.records) // 10)])


def backward(cut: Cutting) -> Cutting:
    """Say that the stock is that of three days ago."""
    return replace(cut, cut=cut.cut - 3 * DAY)


def _renamed(name: str, word: str) -> str:
    stem, _, ending = name.rpartition(".")
    return f"{stem}_{word}.{ending}"


def _other_number(text: str) -> str:
    """Change a quantity in the first row or line that has one; control numbers and counts stay."""
    for pattern in (r"(QTY\*33\*)(-?\d+)", r"(W12\*\w\w\*\d+\*)(\d+)", r"(W19\*\d\d\*)(-?\d+)", r"(W07\*)(\d+)"):
        found = re.search(pattern, text)
        if found:
            return text[: found.start(2)] + str(int(found[2]) + 1) + text[found.end(2) :]
    lines = text.splitlines(keepends=True)
    if len(lines) > 2:
        lines[1] = re.sub(r",(-?\d{1,5}),", lambda m: f",{int(m[1]) + 1},", lines[1], count=1)
    return "".join(lines)
