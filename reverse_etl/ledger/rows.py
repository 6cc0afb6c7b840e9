"""The two records that travel between ledger and destination."""

from datetime import datetime
from typing import Literal, NamedTuple

Action = Literal["set", "delete", "tag_add", "tag_remove"]
OutcomeState = Literal["acknowledged", "rejected"]

# The code of a row that was not written because somebody changed its value in Shopify since the plan.
CONFLICT = "CONFLICT"


class PlanRow(NamedTuple):
    """One planned change of one value of one record; `plan_row` is its number in the plan.

    `digest_before` is Shopify's compareDigest of `value_before`, None where it is not known.
    """

    plan_row: int
    shop: str
    object: str
    record_id: int
    attribute: str
    action: Action
    value_before: str | None
    value_after: str | None
    digest_before: str | None = None


class Outcome(NamedTuple):
    """What became of a planned change.

    `code` and `reason` say why it was rejected; `digest` is Shopify's compareDigest of the value. A row that met a
    change by somebody else (CONFLICT) has what the record carries in `value_found`, None for nothing.
    """

    row: PlanRow
    state: OutcomeState
    code: str | None = None
    reason: str | None = None
    attempts: int = 1
    digest: str | None = None
    sent_at: datetime | None = None
    value_found: str | None = None


def acknowledged(row: PlanRow, sent_at: datetime | None, *, attempts: int = 1, digest: str | None = None) -> Outcome:
    """The destination carries the value now."""
    return Outcome(row, "acknowledged", attempts=attempts, digest=digest, sent_at=sent_at)


def rejected(row: PlanRow, code: str, reason: str, sent_at: datetime | None, *, attempts: int = 1) -> Outcome:
    """The destination refused the value, or it was not sent because of another refusal."""
    return Outcome(row, "rejected", code=code, reason=reason, attempts=attempts, sent_at=sent_at)


def conflicting(
    row: PlanRow, value: str | None, digest: str | None, sent_at: datetime | None, *, attempts: int = 1
) -> Outcome:
    """Somebody changed the value since the plan was made; `value` is what the record carries and keeps."""
    reason = (
        "Not written: somebody changed it in Shopify since the plan was made, and what they wrote was kept. The next "
        "plan shows it as the value before."
    )
    return Outcome(row, "rejected", CONFLICT, reason, attempts, digest, sent_at, value)
