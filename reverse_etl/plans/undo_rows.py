"""What a row of an undo plan starts from, so that it can be asked whether that still stands."""

from reverse_etl.ledger.rows import Action, PlanRow
from reverse_etl.plans.diff_sql import TAG

CHANGED_SINCE = "CHANGED_SINCE"


def as_written(row: PlanRow) -> PlanRow:
    """The row that would bring about what a row of an undo plan starts from: what the run that is undone had written.

    Read back like any other row, it tells whether somebody changed the value since.
    """
    there = row.value_before is not None
    action: Action = ("tag_add" if there else "tag_remove") if row.attribute.startswith(TAG) else "set"
    if action == "set" and not there:
        action = "delete"
    return row._replace(action=action, value_before=row.value_after, value_after=row.value_before)
