"""Brings Parquet files into the warehouse by dlt, into a landing schema from which a window is then committed.

dlt keeps schema, state and load packages and knows how each engine loads a file; it does not know that the tables of a
window, the ledger row and the dead letters must appear together. So it lands, and `load.py` commits.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.odcs import Contract
from pipelines.contracts.types import dlt_columns, stored_columns
from pipelines.failures import WarehouseError
from pipelines.shopify.groups import PARENT_KEY
from pipelines.warehouse import Session, Warehouse

LANDING_SCHEMA = "landing_shopify"
PARENT_COLUMNS = [(PARENT_KEY, "bigint"), ("_window_id", "string")]

# Read by dlt when it starts. Tables are loaded one after the other: each uses all cores already, and memory adds up.
_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "RESTORE_FROM_DESTINATION": "false",
    "LOAD__WORKERS": "1",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}


def parents_table(entity: str, parent: str) -> str:
    """Landing table of the keys of parents that an export names without being their table."""
    return f"{entity}__of__{parent}"


def land(settings: Settings, session: Session, shop: str, contract: Contract, windows: Sequence[Admitted]) -> None:
    """Load the files of these windows into the landing schema, replacing what an earlier load left there.

    What a killed load left pending is dropped: its files are loaded again from the window they belong to.
    """
    files = _files(contract, windows)
    if not files:
        return
    os.environ.update({name: value for name, value in _DLT_ENVIRONMENT.items() if name not in os.environ})
    import dlt  # imported late: it takes a second, and reads its settings as it starts
    from dlt.pipeline.exceptions import PipelineStepFailed

    def resources() -> Iterator[Any]:
        for name, (file, columns) in files.items():
            yield dlt.resource(
                _import, name=name, columns=dlt_columns(columns), write_disposition="replace", parallelized=False
            )(file)

    def make() -> Any:  # dlt's pipeline
        return dlt.pipeline(
            f"shopify_{shop}",
            pipelines_dir=str((settings.data_dir / "dlt").absolute()),
            destination=Warehouse(settings).dlt_destination(session),
            dataset_name=LANDING_SCHEMA,
        )

    pipeline = make()
    if pipeline.has_pending_data:
        forget_dlt_state(settings, shop)
        pipeline = make()
    try:
        pipeline.run(dlt.source(resources, name="shopify")(), loader_file_format="parquet")
    except PipelineStepFailed as error:
        entities = ", ".join(admitted.arrival.entity for admitted in windows)
        raise WarehouseError(
            f"The warehouse did not take the rows of {entities} of shop {shop} ({_cause(error)}); nothing of them is "
            f"loaded; remove the cause, then run again."
        ) from error


def forget_landed(session: Session, contract: Contract, windows: Sequence[Admitted]) -> None:
    """Empty the landing tables of windows that are committed."""
    for name in _files(contract, windows):
        session.execute(f"truncate table {LANDING_SCHEMA}.{name}")


def forget_dlt_state(settings: Settings, shop: str) -> None:
    """Remove dlt's working folder of a shop; it is made anew from the warehouse at the next load."""
    shutil.rmtree(settings.data_dir / "dlt" / f"shopify_{shop}", ignore_errors=True)


def _import(file: Path) -> Iterator[Any]:
    import dlt

    yield dlt.mark.with_file_import(str(file), "parquet", pq.read_metadata(file).num_rows)


def _files(contract: Contract, windows: Sequence[Admitted]) -> dict[str, tuple[Path, list[tuple[str, str]]]]:
    found: dict[str, tuple[Path, list[tuple[str, str]]]] = {}
    for admitted in windows:
        for name, file in admitted.files.items():
            found[name] = (file, stored_columns(contract.table(name)))
        for parent, file in admitted.parents.items():
            found[parents_table(admitted.arrival.entity, parent)] = (file, PARENT_COLUMNS)
    return found


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
