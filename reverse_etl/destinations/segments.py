"""Segments of Shopify: listed, created, changed. The app needs the scopes read_customers and write_customers.

`segmentCreate` is not idempotent: for a name that is taken it creates another one with a number behind it. So whoever
creates looks first.
"""

from typing import Any, NamedTuple

from reverse_etl.destinations.base import Api
from reverse_etl.failures import SegmentRefused

LIST_DOCUMENT = """
query Segments($after: String) {
  segments(first: 250, after: $after) { nodes { id name query } pageInfo { hasNextPage endCursor } }
}
"""
CREATE_DOCUMENT = """
mutation CreateSegment($name: String!, $query: String!) {
  segmentCreate(name: $name, query: $query) { segment { id name query } userErrors { field message } }
}
"""
UPDATE_DOCUMENT = """
mutation UpdateSegment($id: ID!, $name: String, $query: String) {
  segmentUpdate(id: $id, name: $name, query: $query) { segment { id name query } userErrors { field message } }
}
"""


class Segment(NamedTuple):
    """A segment as it stands in the shop."""

    gid: str
    name: str
    query: str


async def list_segments(api: Api) -> list[Segment]:
    """All segments of a shop (it may have 6,000)."""
    found: list[Segment] = []
    after: str | None = None
    while True:
        page = (await api.execute(LIST_DOCUMENT, {"after": after}, operation="segments")).data["segments"]
        found += [_segment(node) for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def create_segment(api: Api, shop: str, name: str, query: str) -> Segment:
    """Create it and return what Shopify made of it; raises SegmentRefused."""
    reply = await api.execute(CREATE_DOCUMENT, {"name": name, "query": query}, operation="segmentCreate")
    return _done(shop, name, reply.data["segmentCreate"])


async def update_segment(api: Api, shop: str, gid: str, name: str, query: str) -> Segment:
    """Give it this name and query and return what Shopify made of it; raises SegmentRefused."""
    variables = {"id": gid, "name": name, "query": query}
    reply = await api.execute(UPDATE_DOCUMENT, variables, operation="segmentUpdate")
    return _done(shop, name, reply.data["segmentUpdate"])


def _done(shop: str, name: str, payload: dict[str, Any]) -> Segment:
    if payload["userErrors"]:
        raise SegmentRefused(
            f"Shopify of shop {shop} refused the segment '{name}': {payload['userErrors'][0]['message']} Correct the "
            f"sync file, or make room for it in the admin, and run `boomerang segments` again."
        )
    return _segment(payload["segment"])


def _segment(node: dict[str, str]) -> Segment:
    return Segment(node["id"], node["name"], node["query"])
