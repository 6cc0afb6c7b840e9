"""What a refresh and a delivery did, read back from the warehouse: plain data for JSON, printed by `report_display`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from orchestration.runs import RunSummary
from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse

# What a step is called in the report, by the beginning of its name; the two steps of dbt by their order.
STAGES = {
    "shopify__": "freshness",
    "shopify": "extract",
    "scores": "fit and backtest",
    "analysts__read_copy": "read copy",
}
DBT_STAGES = ("models before the scores", "models after the scores")


@dataclass(frozen=True)
class EntityProof:
    """One entity over all shops of one run. Rows: what the source said, what arrived, and where it went."""

    entity: str
    windows: int
    expected: int
    arrived: int
    loaded: int
    rejected: int

    @property
    def adds_up(self) -> bool:
        """Everything that was announced arrived, and everything that arrived is loaded or in the dead letters."""
        return self.expected == self.arrived == self.loaded + self.rejected


@dataclass(frozen=True)
class Written:
    """What Shopify acknowledged and refused in one delivery, in values.

    Actions are set, delete, tag_add and tag_remove.
    """

    by_action: Mapping[str, int]
    rejected: int
    requests: int
    points: float


@dataclass(frozen=True)
class Cycle:
    """One refresh and the delivery after it."""

    name: str
    entities: Sequence[EntityProof]
    dead_letters: Sequence[Mapping[str, Any]]
    models: int
    tests_passed: int
    tests_warned: int
    tests_failed: int
    not_passed: Sequence[str]
    written: Written
    seconds: Mapping[str, float]
    unread: Sequence[str] = ()

    @property
    def complete(self) -> bool:
        """Whether every system was read, and the completeness proof holds for every entity."""
        return not self.unread and all(entity.adds_up for entity in self.entities)


def describe_cycle(
    settings: Settings, name: str, refresh: RunSummary, deliver: RunSummary, started_at: datetime
) -> Cycle:
    """Read one cycle back; deliveries count from `started_at` (UTC) on."""
    with Warehouse(settings).session() as session:
        entities = _entities(settings, session, refresh.run_id)
        letters = _dead_letters(session, refresh.run_id)
        written = _written(session, started_at)
    checks = refresh.checks
    tests = [count for step, count in refresh.checks_by_step.items() if step.startswith("dbt")]
    return Cycle(
        name=name,
        entities=entities,
        dead_letters=letters,
        models=refresh.dbt_models,
        tests_passed=sum(count.passed for count in tests),
        tests_warned=sum(count.warned for count in tests),
        tests_failed=sum(count.failed for count in tests),
        not_passed=(*checks.named, *checks.unread, *deliver.checks.named),
        unread=checks.unread,
        written=written,
        seconds={**_stages(refresh.seconds), "write back": round(sum(deliver.seconds.values()), 2)},
    )


def _stages(seconds: Mapping[str, float]) -> dict[str, float]:
    dbt = iter(DBT_STAGES)
    return {
        next(dbt, step)
        if step.startswith("dbt")
        else next((name for begin, name in STAGES.items() if step.startswith(begin)), step): spent
        for step, spent in seconds.items()
    }


def customers_by(settings: Settings, column: str) -> dict[str, dict[str, int]]:
    """Customers by a column of the wanted values and by shop: {value: {shop: customers}}."""
    sql = f"select {column}, shop, count(*) from syncs.sync_shopify__customers group by all order by 1, 2"
    found: dict[str, dict[str, int]] = {}
    with Warehouse(settings).session() as session:
        for value, shop, customers in session.rows(sql):
            found.setdefault(value or "unknown", {})[shop] = customers
    return found


def fits(settings: Settings) -> list[dict[str, Any]]:
    """The fitted models by shop: status, parameters, and the reason of a refusal."""
    sql = """
        select shop, model, status, reason, customers, r, alpha, a, b, p, q, v, log_likelihood
        from scores.model_fits order by shop, model
    """
    with Warehouse(settings).session() as session:
        return [{name: value for name, value in row.items() if value is not None} for row in session.dicts(sql)]


def _entities(settings: Settings, session: Session, run_id: str) -> list[EntityProof]:
    rows = session.rows(
        """
        select shop, entity, count(*), sum(expected_rows), sum(arrived_rows), sum(loaded_rows), sum(rejected_rows)
        from ops.extraction_windows where run_id = ? group by shop, entity
        """,
        (run_id,),
    )
    sums: dict[str, list[int]] = {}
    for connection, entity, *numbers in rows:
        name = f"{_prefix(settings, connection)}{entity}"
        known = sums.setdefault(name, [0] * len(numbers))
        sums[name] = [one + int(number or 0) for one, number in zip(known, numbers, strict=True)]
    proofs = [EntityProof(name, *numbers) for name, numbers in sums.items()]
    return sorted(proofs, key=lambda proof: (-proof.arrived, proof.entity))


def _prefix(settings: Settings, connection: str) -> str:
    """What stands before the entities of an ERP or a partner, whose orders are not those of a shop."""
    if connection in settings.erp:
        return "ERP "
    return "3PL " if connection in settings.threepl else ""


def _dead_letters(session: Session, run_id: str) -> list[dict[str, Any]]:
    return session.dicts(
        """
        select shop, table_name, rule, count(*) as rows from ops.dead_letters
        where run_id = ? and state = 'open' group by all order by 1, 2, 3
        """,
        (run_id,),
    )


def _written(session: Session, since: datetime) -> Written:
    runs = "select run_id from ops.delivery_runs where started_at >= ?"
    moment = since.replace(tzinfo=None)
    totals = session.rows(
        "select sum(rejected), sum(requests), sum(points) from ops.delivery_runs where started_at >= ?", (moment,)
    )[0]
    actions = session.rows(
        f"""
        select action, count(*) from ops.delivery_outcomes
        where state = 'acknowledged' and run_id in ({runs}) group by action order by action
        """,
        (moment,),
    )
    rejected, requests, points = (number or 0 for number in totals)
    return Written(dict(actions), int(rejected), int(requests), float(points))
