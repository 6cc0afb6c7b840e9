"""Plan rows and outcomes to and from Arrow, whole batches at a time."""

from collections.abc import Sequence

import pyarrow as pa

from reverse_etl.ledger.acknowledged import Batch
from reverse_etl.ledger.rows import Outcome, PlanRow

_OUTCOME_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("run_id", "plan_id", "batch_id", "shop", "object", "attribute", "action")),
        *((name, pa.string()) for name in ("value_before", "value_after", "value_found")),
        *((name, pa.string()) for name in ("state", "code", "reason", "digest")),
        *((name, pa.int64()) for name in ("plan_row", "record_id", "attempts")),
        *((name, pa.timestamp("us")) for name in ("sent_at", "settled_at")),
    ]
)


def outcome_table(outcomes: Sequence[Outcome], run_id: str, plan_id: str, batch: Batch) -> pa.Table:
    """Outcomes (at least one) as rows of `ops.delivery_outcomes`."""
    # Tuples turned into columns at once: thousands of rows a second, and the loop that sends waits meanwhile.
    of_outcome = dict(zip(Outcome._fields, zip(*outcomes, strict=True), strict=True))
    of_row = dict(zip(PlanRow._fields, zip(*of_outcome.pop("row"), strict=True), strict=True))
    of_outcome["sent_at"] = pa.array(of_outcome["sent_at"], pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    fixed = {"run_id": run_id, "plan_id": plan_id, "batch_id": batch.batch_id}
    columns = {**of_row, **of_outcome, **{name: pa.repeat(value, len(outcomes)) for name, value in fixed.items()}}
    columns["settled_at"] = pa.repeat(pa.scalar(batch.settled_at, pa.timestamp("us")), len(outcomes))
    return pa.table({field.name: columns[field.name] for field in _OUTCOME_SCHEMA}, schema=_OUTCOME_SCHEMA)


def plan_rows(data: pa.Table | pa.RecordBatch) -> list[PlanRow]:
    """Plan rows from columns in the order of PlanRow."""
    return [PlanRow(*values) for values in zip(*(column.to_pylist() for column in data.columns), strict=True)]
