"""X12 files as one table of segments, once the envelopes say that nothing is missing.

pyx12 splits the file and counts: segments in sets (SE), sets in groups (GE), groups in interchanges (IEA), control
numbers at both ends. It reads over what follows the last whole segment and over an empty one, so that is asked here.
"""

import io
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyx12.errors import X12Error
from pyx12.x12file import X12Reader

from pipelines.threepl.problems import FeedRefused

# Remarks of the reader about style: a segment that ends in empty elements, or begins with a blank.
_HARMLESS = ("SEG1", "HL1", "HL2", "LX")


@dataclass(frozen=True)
class Interchange:
    """Who sent it, its control number, and when it was made: date (YYMMDD) and time (HHMM) of the sender's clock."""

    sender: str
    control_number: str
    date: str
    time: str


@dataclass(frozen=True)
class X12File:
    """A file whose envelopes hold.

    `segments` has the columns n (1 is the file's first), id, segment (its text) and, for those within them, the number
    of the interchange and of the set; `sets` holds the kind of each set (ST01) in the order of their numbers.
    """

    separator: str
    interchanges: tuple[Interchange, ...]
    sets: tuple[str, ...]
    segments: pa.Table

    @property
    def control_number(self) -> str:
        """Sender and number of each interchange: what a partner must not use twice."""
        return ", ".join(f"{item.sender}/{item.control_number}" for item in self.interchanges)


def read_x12(path: Path) -> X12File:
    """Read a file whole. Raises FeedRefused: FED-03 when it is empty, torn or miscounted, FED-04 when it is no X12."""
    content = path.read_bytes().strip()
    if not content:
        raise FeedRefused("FED-03", "the file is empty")
    if not content.startswith(b"ISA"):
        raise FeedRefused("FED-04", "it does not begin with an ISA segment, so it is no X12 file")
    text = content.decode("latin-1")
    interchanges: list[Interchange] = []
    sets: list[str] = []
    number = 0
    try:
        reader = X12Reader(io.StringIO(text))
        for number, segment in enumerate(reader, start=1):
            name = segment.get_seg_id()
            if name == "ISA":
                made = (segment.get_value(f"ISA{place:02}") or "" for place in (6, 13, 9, 10))
                interchanges.append(Interchange(*(value.strip() for value in made)))
            elif name == "ST":
                sets.append(segment.get_value("ST01") or "")
            if reader.err_list:
                _refuse(reader, f"segment {number} ({name})")
        reader.cleanup()
    except (X12Error, IndexError) as error:
        where = f"after segment {number}" if number else "at its beginning"
        raise FeedRefused("FED-03", f"its envelope is broken {where}: {error}") from None
    _refuse(reader, f"it ends after segment {number}")
    rest = (reader.raw.buffer + reader.fd_in.read()).strip()
    if rest:
        raise FeedRefused("FED-03", f"it is torn after segment {number}: '{rest[:20]}' is no whole segment")
    if not sets:
        raise FeedRefused("FED-03", "it holds no transaction set; an empty file is not empty stock")
    return X12File(reader.ele_term, tuple(interchanges), tuple(sets), _segments(text, reader.seg_term, reader.ele_term))


def _refuse(reader: X12Reader, where: str) -> None:
    """Raise for the first thing that the reader found wrong, if it found any."""
    for _, code, message, _, _ in reader.pop_errors():
        if code not in _HARMLESS and "leading space" not in message:
            raise FeedRefused("FED-03", f"{where}: {message} [{code}]")


def _segments(text: str, terminator: str, separator: str) -> pa.Table:
    """The segments as columns, without a loop: numbers of sets and interchanges are running counts of ST and ISA."""
    parts = pc.list_flatten(pc.split_pattern(pa.array([text]), terminator))
    parts = pc.utf8_trim_whitespace(parts)
    parts = parts.filter(pc.not_equal(parts, ""))
    ids = pc.list_element(pc.split_pattern(parts, separator, max_splits=1), 0)
    columns = {
        "n": pa.array(range(1, len(parts) + 1), pa.int64()),
        "interchange": _running_count(ids, "ISA"),
        "set_no": _running_count(ids, "ST"),
        "id": ids,
        "segment": parts,
    }
    return pa.table(columns)


def _running_count(ids: pa.Array, name: str) -> pa.Array:
    return pc.cumulative_sum(pc.cast(pc.equal(ids, name), pa.int64()))
