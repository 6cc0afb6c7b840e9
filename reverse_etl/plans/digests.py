"""Hashes of what a plan holds and of what it was made from, by which `apply` knows that neither has changed since.

A hash of many rows is made where they lie: each row's text is hashed, the hashes of a bucket are joined in order and
hashed again, and only the buckets' hashes, 1,024 of them whatever the size, are joined here. So a changed, added or
missing row changes the hash, and no row leaves the warehouse. MD5, because it is what all engines have: this guards
against a plan that was changed after somebody looked at it, not against somebody who may write to the ledger.

Equal on two engines they need not be: a plan is applied in the warehouse that it was made in.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.warehouse import Session
from reverse_etl.ledger.tables import PLAN_ROWS
from reverse_etl.sync_format.sync_file import Sync

BUCKETS = 1024
_ROW = ("shop", "object", "record_id", "attribute", "action", "value_before", "value_after", "digest_before")


def content_hash(session: Session, plan_id: str, head: Mapping[str, Any]) -> str:
    """64 hex digits over the rows of a plan, in their order, and over what `head` says of it as JSON."""
    rows = _hashes(session, PLAN_ROWS, "plan_row", _ROW, "plan_id = ?", (plan_id,))
    text = json.dumps(head, sort_keys=True)
    return hashlib.sha256("\n".join([text, *rows]).encode()).hexdigest()


def model_fingerprint(session: Session, sync: Sync, shop: str) -> str:
    """64 hex digits over the key and the columns that a sync reads of its model, for one shop."""
    rows = _hashes(session, sync.model, sync.key, sync.read_columns, "shop = ?", (shop,))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _hashes(
    session: Session, table: str, place: str, columns: Sequence[str], where: str, params: Sequence[Any]
) -> list[str]:
    """`bucket:hash` of each bucket. `place` is a whole number that tells the rows apart."""
    # The length stands before a text, so that no two rows of different values make the same one; NULL has none.
    parts = [f"cast({place} as string)"]
    for column in columns:
        text = f"cast({column} as string)"
        parts += ["' '", f"cast(length({text}) as string)", "':'", text]
    joined = ", ".join(parts)
    sql = f"""
        select bucket, md5(string_agg(row_hash, '' order by place nulls first)) as bucket_hash
        from (
            select mod({place}, {BUCKETS}) as bucket, {place} as place, md5(concat({joined})) as row_hash
            from {table} where {where}
        ) as hashed
        group by bucket order by bucket
    """
    return [f"{bucket}:{digest}" for bucket, digest in session.rows(sql, params)]
