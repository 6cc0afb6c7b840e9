"""When a sync's model was last built, and which tests of it, or of what it is made from, failed last.

Whoever builds the models writes it down (orchestration, from the results of dbt); the guards read it before a plan.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.config import Settings
from pipelines.warehouse import Session, Warehouse
from pipelines.warehouse.conflicts import together
from reverse_etl.ledger.tables import MODEL_STATES, ensure_tables


@dataclass(frozen=True)
class ModelState:
    """`built_at` (UTC) is None for a model of which no good build is known; `failed_checks` name tests that block."""

    built_at: datetime | None
    failed_checks: tuple[str, ...] = ()


def model_states(session: Session) -> dict[str, ModelState]:
    """By model (`schema.name`), what is known; call `ensure_tables` before."""
    found = session.rows(f"select model, built_at, failed_checks from {MODEL_STATES}")
    return {
        model: ModelState(built_at.replace(tzinfo=UTC) if built_at else None, tuple(json.loads(failed)))
        for model, built_at, failed in found
    }


def store_model_states(settings: Settings, states: Mapping[str, ModelState]) -> None:
    """Replace what is known of these models."""
    if not states:
        return
    with Warehouse(settings).session() as session:
        ensure_tables(session)
        together(session, lambda: _replace(session, states))


def _replace(session: Session, states: Mapping[str, ModelState]) -> None:
    session.execute(f"delete from {MODEL_STATES} where model in (select unnest(?))", (list(states),))
    for model, state in states.items():
        built_at = state.built_at.astimezone(UTC).replace(tzinfo=None) if state.built_at else None
        session.execute(
            f"insert into {MODEL_STATES} (model, built_at, failed_checks) values (?, cast(? as timestamp), ?)",
            (model, built_at, json.dumps(list(state.failed_checks))),
        )
