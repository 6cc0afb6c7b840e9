"""Who is in the control group of which sync, since when: facts that delivery writes once and that models read.

The table is made with those that sources fill: models read it before the first delivery, too.
"""

from pipelines.contracts.types import definition
from pipelines.warehouse import Session

HOLDOUTS = "ops.holdout_assignments"
# experiment: the salt of the draw. control_share: the part that was held out when this one was assigned; stratum: the
# value of the sync's column then, '' without one. assigned_group: treated, control. ended_at: the sync has another
# experiment, or none, since; null while it lasts.
COLUMNS = (
    ("sync", "string"),
    ("experiment", "string"),
    ("shop", "string"),
    ("customer_id", "bigint"),
    ("stratum", "string"),
    ("control_share", "decimal(9, 6)"),
    ("assigned_group", "string"),
    ("assigned_at", "timestamptz"),
    ("ended_at", "timestamptz"),
)


def ensure_holdouts(session: Session) -> None:
    """Create the table where it is missing."""
    session.execute(f"create table if not exists {HOLDOUTS} ({definition(COLUMNS)})")
