"""What a plan was made from, and whether it still is so: the shop behind a name, the model's values, the plan itself.

A plan is a difference between two states, and right only as long as both stand. The acknowledged side is watched by
the claims of other runs (runs.py); here it is the wanted side, the plan's own rows, and its age.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pipelines.config import Settings
from pipelines.warehouse import Session
from reverse_etl.failures import PlanChanged, StalePlan
from reverse_etl.ledger.tables import PLANS
from reverse_etl.plans.digests import content_hash, model_fingerprint
from reverse_etl.report import Plan
from reverse_etl.sync_format.sync_file import Sync

Premises = dict[str, dict[str, str | int]]
DOMAIN, MODEL, CANARY = "domain", "model", "canary_until"
_HEAD = ("plan_id", "sync", "object", "shops", "plan_rows", "sync_digest", "base_claims", "guard_stops", "undoes_run")


def premises_of_model(session: Session, settings: Settings, sync: Sync, shops: Sequence[str]) -> Premises:
    """By shop: its domain, and the fingerprint of what the sync reads of its model.

    A plan whose sync has a canary adds the last row of it (CANARY).
    """
    return {
        shop: {**premise, MODEL: model_fingerprint(session, sync, shop)}
        for shop, premise in premises_of_shops(settings, shops).items()
    }


def premises_of_shops(settings: Settings, shops: Sequence[str]) -> Premises:
    """By shop, its domain: all that a plan to take a run back rests on, beside the ledger."""
    return {shop: {DOMAIN: settings.shop(shop).domain} for shop in shops}


def hash_of(session: Session, stored: Mapping[str, Any]) -> str:
    """The content hash of a plan, by its row of `ops.delivery_plans` and its rows as they are now."""
    head = {name: stored[name] for name in (*_HEAD, "premises")}
    head["expires_at"] = stored["expires_at"].isoformat() if stored["expires_at"] else None
    return content_hash(session, stored["plan_id"], head)


def require_young(plan: Plan, now: datetime | None = None) -> None:
    """Raise StalePlan when the plan is older than its sync allowed when it was made."""
    if plan.expires_at is not None and (now or datetime.now(UTC)) >= plan.expires_at:
        hours = (plan.expires_at - plan.created_at).total_seconds() / 3600
        raise StalePlan(
            f"Plan {plan.plan_id} was made at {plan.created_at:%Y-%m-%d %H:%M} UTC and is older than the {hours:g} "
            f"hours that sync '{plan.sync}' allows (approval.max_age_hours); nothing was written. Make a new one with "
            f"`boomerang plan {plan.sync}`."
        )


def require_unchanged(session: Session, plan: Plan) -> None:
    """Raise PlanChanged when the plan is not byte for byte what was stored; one of an earlier version has no hash."""
    if not plan.content_hash:
        return
    stored = session.dicts(f"select * from {PLANS} where plan_id = ?", (plan.plan_id,))[0]
    found = hash_of(session, stored)
    if found != plan.content_hash:
        raise PlanChanged(
            f"Plan {plan.plan_id} is not what was planned: its hash is {found[:12]}, it was made with "
            f"{plan.content_hash[:12]}. Somebody changed or removed rows of it in the warehouse; nothing was written. "
            f"Make a new one with `boomerang plan {plan.sync}`."
        )


def require_standing(session: Session, settings: Settings, plan: Plan, sync: Sync) -> None:
    """Raise StalePlan when a shop's name means another shop now, or the model holds other values than it did."""
    found = session.rows(f"select premises from {PLANS} where plan_id = ?", (plan.plan_id,))[0][0]
    for shop, premise in json.loads(found or "{}").items():
        domain = settings.shop(shop).domain
        if domain != premise[DOMAIN]:
            raise StalePlan(
                f"Plan {plan.plan_id} was made for {premise['domain']}, and shop {shop} is {domain} now; nothing was "
                f"written. Correct the settings, or make a new plan."
            )
        if MODEL in premise and model_fingerprint(session, sync, shop) != premise[MODEL]:
            raise StalePlan(
                f"Plan {plan.plan_id} was made before model {sync.model} was built with other values for shop {shop}; "
                f"nothing was written. Look at what changes now with `boomerang plan {plan.sync}`."
            )
