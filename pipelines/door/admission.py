"""The door: a file of JSON lines in, typed and checked Parquet files out, every line accounted for."""

from contextlib import suppress
from pathlib import Path

import orjson

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival
from pipelines.contracts.odcs import Contract
from pipelines.door.groups import entity_layout
from pipelines.door.lines import count_lines, last_line
from pipelines.door.reader import ExportFile, RowsRefused, StrictReader
from pipelines.door.scratch import scratch
from pipelines.door.tolerant import TolerantReader
from pipelines.failures import IncompleteExtraction


def admit(
    settings: Settings,
    contract: Contract,
    arrival: Arrival,
    path: Path,
    folder: Path,
    *,
    lines: int | None = None,
    known_parents: dict[str, Path] | None = None,
) -> Admitted:
    """Read a file through the contract; results are below `folder`, which is emptied first.

    `lines` is how many the source announced (None: they are counted). A file that keeps the contract in every row is
    read in one strict pass a group; any other goes through the tolerant pass. `known_parents`: see TolerantReader.
    Raises IncompleteExtraction for a file with fewer or more lines than announced, or that ends within a line.
    """
    layout = entity_layout(contract, arrival.entity)
    file = ExportFile(path)
    _empty(folder)
    with scratch(settings, folder) as connection:
        if known_parents is None:
            announced = count_lines(path) if lines is None else lines
            with suppress(RowsRefused):
                return StrictReader(connection, layout, arrival, folder).read(file, announced)
            _refuse_if_cut_short(arrival, path, announced)
            _empty(folder)
        return TolerantReader(connection, layout, arrival, folder, known_parents=known_parents).read(file)


def _refuse_if_cut_short(arrival: Arrival, path: Path, announced: int) -> None:
    """A line may be bad, but a file must be whole: half a file would look like many deletions."""
    what = f"The export of {arrival.entity} of shop {arrival.shop} ({path.name})"
    found = count_lines(path)
    if found != announced:
        raise IncompleteExtraction(
            f"{what} has {found:,} lines instead of {announced:,}; nothing was loaded, run again to export it anew."
        )
    last = last_line(path)
    if last is not None and not _is_json(last):
        raise IncompleteExtraction(f"{what} ends in the middle of line {found:,}; nothing was loaded, run again.")


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True


def _empty(folder: Path) -> None:
    for path in folder.glob("*.parquet"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
