"""Owned tags: added and removed one record a call, and only under the sync's prefix.

`tagsAdd` and `tagsRemove` leave all other tags alone. `customerUpdate` would replace the whole list and is never used.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.destinations.refusals import said
from reverse_etl.ledger.rows import Action, Outcome, PlanRow, acknowledged, rejected

ADD_DOCUMENT = """
mutation AddTags($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { node { id } userErrors { field message } }
}
"""
REMOVE_DOCUMENT = """
mutation RemoveTags($id: ID!, $tags: [String!]!) {
  tagsRemove(id: $id, tags: $tags) { node { id } userErrors { field message } }
}
"""
ROOTS: dict[str, str] = {"tag_add": "tagsAdd", "tag_remove": "tagsRemove"}
DOCUMENTS: dict[str, str] = {"tag_add": ADD_DOCUMENT, "tag_remove": REMOVE_DOCUMENT}
_GONE = "does not exist"


def tag_of(row: PlanRow) -> str:
    """The tag that a row adds or removes."""
    return row.attribute.removeprefix("tag:")


def tag_variables(rows: Sequence[PlanRow], prefix: str, owner: str) -> dict[str, Any]:
    """Variables of one call for the tags of one record; ValueError for a tag that is not ours to touch."""
    tags = [tag_of(row) for row in rows]
    for tag in tags:
        if not tag.startswith(prefix) or "," in tag:
            raise ValueError(f"tag {tag!r} is not under the sync's prefix {prefix!r}")
    return {"id": f"gid://shopify/{owner}/{rows[0].record_id}", "tags": tags}


def tag_outcomes(
    action: Action, rows: Sequence[PlanRow], errors: Sequence[dict[str, Any]], sent_at: datetime
) -> list[Outcome]:
    """Outcomes of one call from its userErrors."""
    # A record that is gone carries no tag: what a removal wants.
    if not errors or (action == "tag_remove" and all(_GONE in error["message"] for error in errors)):
        return [acknowledged(row, sent_at) for row in rows]
    return [rejected(row, "USER_ERROR", said(errors[0]), sent_at) for row in rows]


async def send_tags(api: Api, action: Action, rows: Sequence[PlanRow], prefix: str, owner: str) -> list[Outcome]:
    """Add or remove the tags of one record and return one outcome a row."""
    sent_at, root = datetime.now(UTC), ROOTS[action]
    reply = await api.execute(DOCUMENTS[action], tag_variables(rows, prefix, owner), operation=root)
    return tag_outcomes(action, rows, reply.data[root]["userErrors"], sent_at)
