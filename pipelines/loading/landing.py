"""Brings Parquet files to where the warehouse reads them, by dlt: the landing, from which windows are committed.

dlt keeps schema and load packages and knows how each engine takes a file; it does not know that the tables of a window,
its dead letters and its ledger row must appear together. So it lands, and `commit.py` commits. DuckDB reads Parquet as
fast as its own tables: its landing is a folder, and rows are written into the database once.
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.contracts import dead_letters
from pipelines.contracts.arrivals import Admitted
from pipelines.contracts.odcs import Contract
from pipelines.contracts.types import dlt_columns, stored_columns
from pipelines.door.groups import PARENT_KEY
from pipelines.failures import WarehouseError, first_line
from pipelines.warehouse import Warehouse

PARENT_COLUMNS = [(PARENT_KEY, "bigint"), ("_window_id", "string")]

# Read by dlt when it starts.
_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "ERROR",
    "RESTORE_FROM_DESTINATION": "false",
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}
_Files = dict[str, tuple[Path, list[tuple[str, str]]]]


class Landing:
    """The landing of one shop. What a load leaves there is replaced by the next."""

    def __init__(self, settings: Settings, contract: Contract, shop: str) -> None:
        """Nothing is written yet."""
        self._settings = settings
        self._contract = contract
        self._shop = shop
        self._warehouse = Warehouse(settings)
        self._source = f"{contract.source}_{shop}"

    def land(self, windows: Sequence[Admitted]) -> Mapping[str, str]:
        """Bring the files of these windows in; SQL of the rows of each table, by its name.

        Keys of parents and rejected rows have tables too, named by `parents_table` and `letters_table`.
        """
        return self._bring(self._files(windows), ", ".join(admitted.arrival.entity for admitted in windows))

    def land_ids(self, entity: str, file: Path) -> str:
        """Bring a list of ids in (column `id`); SQL of its rows."""
        name = f"{entity}__ids"
        return self._bring({name: (file, [("id", "bigint")])}, f"the ids of {entity}")[name]

    def _bring(self, files: _Files, what: str) -> Mapping[str, str]:
        """Bring files in, in place of what was there.

        What a killed load left pending is dropped: its files are loaded again with the window they belong to.
        """
        if not files:
            return {}
        os.environ.update({name: value for name, value in _DLT_ENVIRONMENT.items() if name not in os.environ})
        import dlt  # imported late: it takes a second, and reads its settings as it starts
        from dlt.pipeline.exceptions import PipelineStepFailed

        def resources() -> Iterator[Any]:
            for name, (file, columns) in files.items():
                yield dlt.resource(_import, name=name, columns=dlt_columns(columns), write_disposition="append")(file)

        self._warehouse.prepare_landing(self._source)
        pipeline = self._pipeline()
        if pipeline.has_pending_data:
            shutil.rmtree(pipeline.working_dir)
            pipeline = self._pipeline()
        try:
            pipeline.extract(dlt.source(resources, name=self._contract.source)(), loader_file_format="parquet")
            pipeline.normalize()
            done = pipeline.load(workers=self._warehouse.landing_workers, raise_on_failed_jobs=True)
        except PipelineStepFailed as error:
            known = self._warehouse.landing_failure(error)
            if known is not None:
                raise known from error
            raise WarehouseError(
                f"The files of {what} of {self._contract.connection} {self._shop} could not be landed "
                f"({_cause(error)}); nothing of them is loaded; remove the cause, then run again."
            ) from error
        load_id = done.loads_ids[0]
        return {name: self._warehouse.landed(self._source, name, load_id) for name in files}

    def forget(self) -> None:
        """Remove what was landed."""
        self._warehouse.forget_landed(self._source)

    def _pipeline(self) -> Any:  # dlt's type is known only once dlt is imported
        import dlt

        return dlt.pipeline(
            self._source,
            pipelines_dir=str((self._settings.data_dir / "dlt").absolute()),
            destination=self._warehouse.landing_destination(),
            staging=self._warehouse.landing_staging(),
            dataset_name=self._warehouse.landing_dataset(self._source),
        )

    def _files(self, windows: Sequence[Admitted]) -> _Files:
        found: _Files = {}
        for admitted in windows:
            for name, file in admitted.files.items():
                found[name] = (file, stored_columns(self._contract.table(name), self._contract.connection))
            for parent, file in admitted.parents.items():
                found[parents_table(admitted.arrival.entity, parent)] = (file, PARENT_COLUMNS)
            if admitted.dead_letters is not None:
                found[letters_table(admitted.arrival.entity)] = (admitted.dead_letters, list(dead_letters.COLUMNS))
        return found


def parents_table(entity: str, parent: str) -> str:
    """Landing table of the keys of parents that an export names without being their table."""
    return f"{entity}__of__{parent}"


def letters_table(entity: str) -> str:
    """Landing table of the rows of an export that were rejected."""
    return f"{entity}__dead_letters"


def _import(file: Path) -> Iterator[Any]:
    import dlt

    yield dlt.mark.with_file_import(str(file), "parquet", pq.read_metadata(file).num_rows)


def _cause(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return first_line(error)
