"""Sends lines that were rejected once through the door again, as a window of its own in the ledger."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.contracts.arrivals import Arrival
from pipelines.contracts.odcs import Contract
from pipelines.door.admission import admit
from pipelines.intake import ledger
from pipelines.intake.sources import source_contract
from pipelines.intake.tables import ensure_every_table
from pipelines.loading.load import LoadItem, load
from pipelines.warehouse import Session, Warehouse


@dataclass(frozen=True)
class Rejected:
    """Rows that were rejected again: the door's file of them, and SQL of them in the landing."""

    file: Path
    rows: str


OnCommit = Callable[[Session, Rejected | None], None]


@dataclass(frozen=True)
class Resubmission:
    """Lines of one entity of a connection, `shop`; `rejected_at` is when they came first, by the source's clock."""

    source: str
    shop: str
    entity: str
    file: Path
    rejected_at: datetime
    run_id: str


def resubmit(settings: Settings, sent: Resubmission, folder: Path, on_commit: OnCommit) -> str:
    """Load what passes, and return the id of the new window.

    `on_commit` is called in the transaction of the load with the rows that were rejected again (None when there are
    none); what it raises rolls everything back. Raises what the door and the load raise.
    """
    contract = source_contract(settings, sent.source)
    window = _plan(settings, sent)
    arrival = Arrival(sent.source, sent.shop, sent.entity, window.window_id, sent.run_id, window.extracted_at)
    parents = _known_parents(settings, contract, sent, folder)
    admitted = admit(settings, contract, arrival, sent.file, folder / "rows", known_parents=parents)
    window.expected_rows = admitted.lines

    def committing(session: Session, rejected: str | None) -> None:
        file = admitted.dead_letters
        on_commit(session, None if file is None or rejected is None else Rejected(file, rejected))

    item = LoadItem(window, admitted, on_commit=committing)
    try:
        load(settings, contract, sent.shop, [item])
        if item.failure is not None:
            raise item.failure
    except BaseException as error:
        with Warehouse(settings).session() as session:
            ledger.failed(session, window, str(error))
        raise
    return window.window_id


def _plan(settings: Settings, sent: Resubmission) -> ledger.Window:
    with Warehouse(settings).session() as session:
        ensure_every_table(session, settings)
        extracted_at = ledger.next_instant(session, sent.shop, None)
        window = ledger.Window(
            window_id=ledger.new_window_id(sent.shop, sent.entity, extracted_at),
            shop=sent.shop,
            entity=sent.entity,
            mode="replay",
            window_from=None,
            window_to=sent.rejected_at,
            extracted_at=extracted_at,
            run_id=sent.run_id,
        )
        ledger.plan(session, window)
    return window


def _known_parents(settings: Settings, contract: Contract, sent: Resubmission, folder: Path) -> dict[str, Path]:
    """Keys of the parents in the warehouse, by table: a replayed child need not bring its parent along."""
    found: dict[str, Path] = {}
    with Warehouse(settings).session() as session:
        for table in contract.tables_of(sent.entity):
            if table.parent is None or table.parent in found:
                continue
            path = folder / f"{table.parent}.known.parquet"
            of_connection = f"{contract.raw_schema}.{table.parent} where {contract.connection} = ?"
            column = table.column(table.parent_key or "")
            kind = pa.int64() if column is not None and column.physical_type == "bigint" else pa.string()
            with pq.ParquetWriter(path, pa.schema([("key", kind)])) as writer:
                for batch in session.batches(
                    f"select distinct {table.parent_key} as parent_key from {of_connection}", (sent.shop,)
                ):
                    writer.write_batch(pa.RecordBatch.from_arrays([batch.column(0).cast(kind)], ["key"]))
            found[table.parent] = path
    return found
