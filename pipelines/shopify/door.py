"""The door: a file of JSON lines in, typed and checked Parquet files out, every line accounted for."""

from contextlib import suppress
from pathlib import Path

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted, Arrival
from pipelines.contracts.odcs import Contract
from pipelines.shopify.download import count_lines
from pipelines.shopify.groups import entity_layout
from pipelines.shopify.reader import ExportFile, RowsRefused, StrictReader
from pipelines.shopify.scratch import scratch
from pipelines.shopify.tolerant import TolerantReader


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
    """
    layout = entity_layout(contract, arrival.entity)
    file = ExportFile(path)
    _empty(folder)
    with scratch(settings, folder) as connection:
        if not known_parents:
            announced = count_lines(path) if lines is None else lines
            with suppress(RowsRefused):
                return StrictReader(connection, layout, arrival, folder).read(file, announced)
            _empty(folder)
        return TolerantReader(connection, layout, arrival, folder, known_parents=known_parents).read(file)


def _empty(folder: Path) -> None:
    for path in folder.glob("*.parquet"):
        path.unlink()
    folder.mkdir(parents=True, exist_ok=True)
