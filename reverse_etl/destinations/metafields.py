"""Metafield values in calls of 25, packed across records.

A call is atomic: one bad value and nothing of it is written. The records that Shopify names are taken out and the rest
rejects one record and not the whole call; when it names none, the call is halved.
A value that somebody changed since the plan is no bad value: it alone is taken out (conflicts.py).
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.destinations.conflicts import conflicts, is_conflict
from reverse_etl.destinations.refusals import said
from reverse_etl.ledger.rows import Outcome, PlanRow, acknowledged, rejected
from reverse_etl.sync_format.sync_file import MetafieldField
from reverse_etl.sync_format.values import same

SET_DOCUMENT = """
mutation SetMetafields($metafields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $metafields) {
    metafields { key value compareDigest }
    userErrors { field message code elementIndex }
  }
}
"""
DELETE_DOCUMENT = """
mutation DeleteMetafields($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) {
    deletedMetafields { ownerId namespace key }
    userErrors { field message }
  }
}
"""
SIBLING = "SIBLING_REJECTED"

Fields = dict[str, MetafieldField]


def set_variables(rows: Sequence[PlanRow], fields: Fields, owner: str) -> dict[str, Any]:
    """Variables of one metafieldsSet; it writes over no other value than the one that the plan was made from.

    `compareDigest` of null means "must not exist yet", and left out "whatever is there": so it is where the digest of
    the value before is not known.
    """
    return {
        "metafields": [
            {
                "ownerId": f"gid://shopify/{owner}/{row.record_id}",
                "namespace": fields[row.attribute].namespace,
                "key": fields[row.attribute].key,
                "type": fields[row.attribute].type,
                "value": row.value_after,
                **_compared(row),
            }
            for row in rows
        ]
    }


def _compared(row: PlanRow) -> dict[str, str | None]:
    if row.value_before is None:
        return {"compareDigest": None}
    return {} if row.digest_before is None else {"compareDigest": row.digest_before}


def delete_variables(rows: Sequence[PlanRow], fields: Fields, owner: str) -> dict[str, Any]:
    """Variables of one metafieldsDelete."""
    return {
        "metafields": [
            {
                "ownerId": f"gid://shopify/{owner}/{row.record_id}",
                "namespace": fields[row.attribute].namespace,
                "key": fields[row.attribute].key,
            }
            for row in rows
        ]
    }


async def send_metafields(
    api: Api, rows: Sequence[PlanRow], fields: Fields, owner: str, *, delete: bool, attempt: int = 1
) -> list[Outcome]:
    """Send one call and return one outcome a row."""
    sent_at = datetime.now(UTC)
    document, variables = (DELETE_DOCUMENT, delete_variables) if delete else (SET_DOCUMENT, set_variables)
    root = "metafieldsDelete" if delete else "metafieldsSet"
    payload = (await api.execute(document, variables(rows, fields, owner), operation=root)).data[root]
    errors = payload["userErrors"]
    if not errors:
        # Deleting what is not there (or whose owner is gone) succeeds: absent is what was wanted.
        digests = [None] * len(rows) if delete else _digests(rows, payload["metafields"] or [], fields)
        return [acknowledged(row, sent_at, attempts=attempt, digest=d) for row, d in zip(rows, digests, strict=True)]
    stale = {index for error in errors if is_conflict(error) and (index := _element(error, len(rows))) is not None}
    if stale:  # these rows alone are left as they are: the others of their records are as good as before
        refused = await conflicts(api, [rows[index] for index in sorted(stale)], fields, owner, sent_at, attempt)
        left = [row for index, row in enumerate(rows) if index not in stale]
        rest: list[Sequence[PlanRow]] = [left] if left else []
    else:
        refused, rest = _split(rows, errors, sent_at, attempt)
    for part in rest:
        refused += await send_metafields(api, part, fields, owner, delete=delete, attempt=attempt + 1)
    return refused


def _split(
    rows: Sequence[PlanRow], errors: Sequence[dict[str, Any]], sent_at: datetime, attempt: int
) -> tuple[list[Outcome], list[Sequence[PlanRow]]]:
    """Rejected outcomes, and the groups of rows to send again."""
    named = {index: error for error in errors if (index := _element(error, len(rows))) is not None}
    records = list(dict.fromkeys(row.record_id for row in rows))
    if not named:
        if len(records) == 1:
            return [_refusal(row, errors[0], sent_at, attempt) for row in rows], []
        first_half = set(records[: len(records) // 2])
        return [], [
            [row for row in rows if row.record_id in first_half],
            [row for row in rows if row.record_id not in first_half],
        ]
    bad = {rows[index].record_id: rows[index] for index in sorted(named, reverse=True)}
    refused = [
        _refusal(row, named[index], sent_at, attempt)
        if index in named
        else rejected(
            row,
            SIBLING,
            f"Not sent: {bad[row.record_id].attribute} of the same record was refused.",
            sent_at,
            attempts=attempt,
        )
        for index, row in enumerate(rows)
        if row.record_id in bad
    ]
    rest = [row for row in rows if row.record_id not in bad]
    return refused, [rest] if rest else []


def _element(error: dict[str, Any], size: int) -> int | None:
    """Which entry an error is about, by a field like ["metafields", "3", "value"]; elementIndex is for lists."""
    for part in (error.get("field") or [])[1:2]:
        if str(part).isdigit() and int(part) < size:
            return int(part)
    return None


def _refusal(row: PlanRow, error: dict[str, Any], sent_at: datetime, attempt: int) -> Outcome:
    return rejected(row, error.get("code") or "USER_ERROR", said(error), sent_at, attempts=attempt)


def _digests(rows: Sequence[PlanRow], stored: Sequence[dict[str, Any]], fields: Fields) -> list[str | None]:
    """CompareDigest of each row, where the reply stands in the order of the request."""
    if len(stored) != len(rows):
        return [None] * len(rows)
    return [
        entry["compareDigest"]
        if entry["key"] == fields[row.attribute].key
        and same(fields[row.attribute].type, row.value_after, entry["value"])
        else None
        for row, entry in zip(rows, stored, strict=True)
    ]
