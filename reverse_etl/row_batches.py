"""Plan rows and outcomes to and from Arrow, whole batches at a time."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from reverse_etl.rows import Outcome, PlanRow

_OUTCOME_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("run_id", "plan_id", "batch_id", "shop", "object", "attribute", "action")),
        *((name, pa.string()) for name in ("value_before", "value_after", "state", "code", "reason", "digest")),
        *((name, pa.int64()) for name in ("plan_row", "record_id", "attempts")),
        *((name, pa.timestamp("us")) for name in ("sent_at", "settled_at")),
    ]
)


def outcome_table(outcomes: Sequence[Outcome], run_id: str, plan_id: str, batch: str) -> pa.Table:
    """Outcomes as rows of `ops.delivery_outcomes`, settled now, under one batch id."""
    rows = [outcome.row for outcome in outcomes]
    columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in rows] for name in PlanRow._fields}
    for name in ("state", "code", "reason", "attempts", "digest"):
        columns[name] = [getattr(outcome, name) for outcome in outcomes]
    columns["sent_at"] = [o.sent_at.astimezone(UTC).replace(tzinfo=None) if o.sent_at else None for o in outcomes]
    now = datetime.now(UTC).replace(tzinfo=None)
    fixed = {"run_id": run_id, "plan_id": plan_id, "batch_id": batch, "settled_at": now}
    columns |= {name: [value] * len(rows) for name, value in fixed.items()}
    return pa.table({field.name: columns[field.name] for field in _OUTCOME_SCHEMA}, schema=_OUTCOME_SCHEMA)


def plan_rows(data: pa.Table | pa.RecordBatch) -> list[PlanRow]:
    """Plan rows from columns in the order of PlanRow."""
    return [PlanRow(*values) for values in zip(*(column.to_pylist() for column in data.columns), strict=True)]
