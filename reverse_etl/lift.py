"""What writing brings, as `marts.rpt_sync_lift` tells it (docs/lift.md)."""

from decimal import Decimal
from typing import NamedTuple

from pipelines.config import Settings
from pipelines.failures import DeliveryError
from pipelines.warehouse import Warehouse

REPORT = "marts.rpt_sync_lift"
NOT_ENOUGH_DATA = "not enough data"


class Lift(NamedTuple):
    """One metric of an experiment. `lift` and its 95 % interval are in `unit`, None while there is not enough data."""

    sync: str
    experiment: str
    shop: str
    metric: str
    finding: str
    why_not: str | None
    unit: str
    treated: int
    control: int
    lift: Decimal | None
    low: Decimal | None
    high: Decimal | None
    relative: Decimal | None


def lifts(settings: Settings, sync: str | None = None) -> list[Lift]:
    """Every metric of every experiment, or of one sync's; raises DeliveryError while the report is not built."""
    with Warehouse(settings).session() as session:
        if not session.exists(REPORT):
            raise DeliveryError(f"{REPORT} is not in the warehouse; build the models first: `boomerang build`.")
        rows = session.rows(
            f"""
            select
                sync, experiment, shop, metric, finding, why_not, unit, treated_customers_count,
                control_customers_count, lift, lift_low, lift_high, relative_lift
            from {REPORT} where ? in ('', sync) order by sync, began_at, experiment, shop, metric
            """,
            (sync or "",),
        )
    return [Lift(*row) for row in rows]
