"""Reads back what records carry, to settle rows of which nobody knows whether they arrived."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.destinations.tags import tag_of
from reverse_etl.ledger.rows import Outcome, PlanRow, acknowledged
from reverse_etl.sync_format.sync_file import MetafieldField
from reverse_etl.sync_format.values import same

RECORDS_PER_CALL = 50


async def rows_in_place(
    api: Api, rows: Sequence[PlanRow], fields: dict[str, MetafieldField], owner: str
) -> list[Outcome]:
    """An acknowledged outcome for each row whose wanted state the destination shows; nothing for the others."""
    found: list[Outcome] = []
    for group in _by_record(rows, RECORDS_PER_CALL):
        aliases, nodes = await _read(api, group, owner)
        for row in group:
            node = nodes.get(row.record_id)
            if _in_place(row, node, aliases, fields):
                metafield = (node or {}).get(aliases.get(row.attribute, "")) or {}
                found.append(acknowledged(row, None, digest=metafield.get("compareDigest")))
    return found


async def carried(api: Api, rows: Sequence[PlanRow], owner: str) -> dict[int, tuple[str, str]]:
    """By plan row, value and digest of its metafield as the record carries it; nothing where it carries none."""
    found: dict[int, tuple[str, str]] = {}
    for group in _by_record(rows, RECORDS_PER_CALL):
        aliases, nodes = await _read(api, group, owner)
        for row in group:
            metafield = nodes.get(row.record_id, {}).get(aliases[row.attribute])
            if metafield:
                found[row.plan_row] = (metafield["value"], metafield["compareDigest"])
    return found


async def _read(api: Api, group: Sequence[PlanRow], owner: str) -> tuple[dict[str, str], dict[int, dict[str, Any]]]:
    """Field names by attribute, and nodes by the number of the record."""
    aliases = {attribute: f"m{index}" for index, attribute in enumerate(_metafields(group))}
    ids = list(dict.fromkeys(f"gid://shopify/{owner}/{row.record_id}" for row in group))
    reply = await api.execute(_document(aliases, owner), {"ids": ids}, operation="read back")
    return aliases, {int(node["id"].rpartition("/")[2]): node for node in reply.data["nodes"] if node}


def _document(aliases: dict[str, str], owner: str) -> str:
    parts = []
    for attribute, alias in aliases.items():
        namespace, _, key = attribute.removeprefix("metafield:").rpartition(".")
        parts.append(f'{alias}: metafield(namespace: "{namespace}", key: "{key}") {{ value compareDigest }}')
    return f"query ReadBack($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {owner} {{ id tags {' '.join(parts)} }} }} }}"


def _in_place(
    row: PlanRow, node: dict[str, Any] | None, aliases: dict[str, str], fields: dict[str, MetafieldField]
) -> bool:
    if node is None:  # the record is gone, and with it what was to be removed
        return row.action in ("delete", "tag_remove")
    if row.action in ("tag_add", "tag_remove"):
        carries = tag_of(row) in {tag.lower() for tag in node["tags"]}
        return carries == (row.action == "tag_add")
    metafield = node[aliases[row.attribute]]
    if metafield is None or row.action == "delete":
        return metafield is None and row.action == "delete"
    field = fields.get(row.attribute)
    return same(field.type, row.value_after, metafield["value"]) if field else row.value_after == metafield["value"]


def _metafields(rows: Iterable[PlanRow]) -> list[str]:
    return list(dict.fromkeys(row.attribute for row in rows if row.action in ("set", "delete")))


def _by_record(rows: Sequence[PlanRow], records: int) -> Iterator[list[PlanRow]]:
    by_record: dict[int, list[PlanRow]] = {}
    for row in rows:
        by_record.setdefault(row.record_id, []).append(row)
    groups = list(by_record.values())
    for start in range(0, len(groups), records):
        yield [row for group in groups[start : start + records] for row in group]
