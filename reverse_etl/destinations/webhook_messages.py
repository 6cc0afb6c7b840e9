"""What is said to a webhook and what its answers mean (docs/destinations.md is the receiver's side of it)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx
import orjson

from reverse_etl.destinations.base import Origin
from reverse_etl.ledger.rows import CONFLICT, Outcome, PlanRow, acknowledged, rejected
from reverse_etl.sync_format.sync_file import MetafieldField

VALUES, REDACTION, READ = "boomerang.values", "boomerang.redaction", "boomerang.read"
METAFIELD = "metafield:"
NO_OUTCOME = "NO_OUTCOME"
_LONGEST_CODE, _LONGEST_MESSAGE = 64, 500


def row_id(origin: Origin, row: PlanRow) -> str:
    """The idempotency key of a change: the same however often it is sent, and never that of another one."""
    return f"{origin.plan_id}:{row.plan_row}"


def spelled(attribute: str) -> str:
    """An attribute as a receiver reads it: `boomerang.vip_tier`, or `tag:boomerang:vip-gold`."""
    return attribute.removeprefix(METAFIELD)


def record_of(origin: Origin, row: PlanRow, fields: Mapping[str, MetafieldField]) -> dict[str, Any]:
    """One change. `value` is text in Shopify's spelling of `type`; null where a value goes."""
    field = fields.get(row.attribute)
    return {
        "id": row_id(origin, row),
        "shop": row.shop,
        "owner_type": row.object.partition("@")[0],
        "owner_id": str(row.record_id),
        "attribute": spelled(row.attribute),
        "action": row.action,
        "type": field.type if field else None,
        "value": row.value_after,
        "value_before": row.value_before,
    }


def body_of(kind: str, sync: str, records: Sequence[Mapping[str, Any]]) -> bytes:
    """A message; the same records make the same bytes."""
    return orjson.dumps({"type": kind, "data": {"sync": sync, "records": records}})


def message_id(run_id: str, body: bytes) -> str:
    """The webhook-id of a message: the same when it is sent again, by this run or by one that settles it."""
    return f"msg_{hashlib.sha256(run_id.encode() + b'.' + body).hexdigest()[:32]}"


def outcomes_of(
    origin: Origin, rows: Sequence[PlanRow], answer: httpx.Response, sent_at: datetime, attempt: int
) -> list[Outcome] | None:
    """One outcome a row, as the answer says; None for a refusal that names no row.

    A success without `results` accepts all rows.
    """
    named = _results(answer)
    if named is None:
        return [acknowledged(row, sent_at, attempts=attempt) for row in rows] if answer.is_success else None
    return [_outcome(row, named.get(row_id(origin, row)), sent_at, attempt) for row in rows]


def refused(row: PlanRow, answer: httpx.Response, sent_at: datetime, attempt: int) -> Outcome:
    """A row that was refused by itself, by an answer that names none."""
    said = " ".join(answer.text.split())[:_LONGEST_MESSAGE] or "the answer says nothing else"
    return rejected(row, f"HTTP_{answer.status_code}", f"Refused: {said}", sent_at, attempts=attempt)


def values_in(answer: httpx.Response) -> dict[tuple[str, str, str], str] | None:
    """Of an answer to READ, values by shop, number of the record and attribute; None when it is none."""
    listed = _json(answer).get("values") if answer.is_success else None
    if not isinstance(listed, list):
        return None
    return {
        (str(one.get("shop")), str(one.get("owner_id")), str(one.get("attribute"))): str(one["value"])
        for one in listed
        if isinstance(one, dict) and one.get("value") is not None
    }


def _results(answer: httpx.Response) -> dict[str, dict[str, Any]] | None:
    listed = _json(answer).get("results")
    if not isinstance(listed, list):
        return None
    return {str(one["id"]): one for one in listed if isinstance(one, dict) and "id" in one}


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        read = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}


def _outcome(row: PlanRow, said: dict[str, Any] | None, sent_at: datetime, attempt: int) -> Outcome:
    status = said.get("status") if said else None
    if said is None or status not in ("accepted", "rejected"):
        reason = "The answer says neither accepted nor rejected for it: the next delivery sends it again."
        return rejected(row, NO_OUTCOME, reason, sent_at, attempts=attempt)
    if status == "accepted":
        return acknowledged(row, sent_at, attempts=attempt)
    code = str(said.get("code") or "REJECTED")[:_LONGEST_CODE]
    message = str(said.get("message") or "The receiver gave no reason.")[:_LONGEST_MESSAGE]
    if code == CONFLICT and "value" in said:
        found = None if said["value"] is None else str(said["value"])
        return Outcome(row, "rejected", CONFLICT, message, attempt, None, sent_at, found)
    return rejected(row, "REJECTED" if code == CONFLICT else code, message, sent_at, attempts=attempt)
