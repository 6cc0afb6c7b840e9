"""Values that somebody changed in Shopify since a plan was made: they are kept, and the row says so.

`metafieldsSet` compares each value with its `compareDigest` before it writes; `metafieldsDelete` compares nothing, so
what it would remove is read first. Tags need neither: to add one that is there, or to remove one that is not, changes
nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.destinations.read_back import carried
from reverse_etl.ledger.rows import Outcome, PlanRow, acknowledged, conflicting
from reverse_etl.sync_format.sync_file import MetafieldField
from reverse_etl.sync_format.values import canonical, same

# The value is another one, or is gone (a digest that was given for a value that is not there).
CODES = ("STALE_OBJECT", "INVALID_COMPARE_DIGEST")


def is_conflict(error: dict[str, Any]) -> bool:
    """Whether a userError says that the value is not the one that the plan was made from."""
    return error.get("code") in CODES


async def conflicts(
    api: Api,
    rows: Sequence[PlanRow],
    fields: dict[str, MetafieldField],
    owner: str,
    sent_at: datetime,
    attempt: int,
) -> list[Outcome]:
    """An outcome for each row that Shopify called stale, with what the record carries instead."""
    found = await carried(api, rows, owner)
    outcomes = []
    for row in rows:
        value, digest = found.get(row.plan_row, (None, None))
        type_name = fields[row.attribute].type
        if value is not None and same(type_name, row.value_after, value):  # somebody wrote what is wanted
            outcomes.append(acknowledged(row, sent_at, attempts=attempt, digest=digest))
            continue
        spelled = None if value is None else canonical(type_name, value)
        outcomes.append(conflicting(row, spelled, digest, sent_at, attempts=attempt))
    return outcomes


async def edited(api: Api, rows: Sequence[PlanRow], fields: dict[str, MetafieldField], owner: str) -> list[Outcome]:
    """A CONFLICT for each row of which the record carries another value than the plan was made from; absence is none.

    One request before each call that deletes.
    """
    found = await carried(api, rows, owner)
    now, outcomes = datetime.now(UTC), []
    for row in rows:
        value, digest = found.get(row.plan_row, (None, None))
        type_name = fields[row.attribute].type
        if value is not None and not same(type_name, row.value_before, value):
            outcomes.append(conflicting(row, canonical(type_name, value), digest, now, attempts=0))
    return outcomes
