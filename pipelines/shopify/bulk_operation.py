"""A bulk operation as Shopify reports it, and the requests that start, watch and stop one."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["query", "mutation"]

# CANCELING is not over: it still holds one of the five slots.
UNDER_WAY = frozenset({"CREATED", "RUNNING", "CANCELING"})

_STATE = """
fragment State on BulkOperation {
  id status type errorCode createdAt completedAt objectCount rootObjectCount fileSize url partialDataUrl
}
"""

RUN_QUERY = (
    """
mutation RunBulkQuery($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { ...State }
    userErrors { code field message }
  }
}
"""
    + _STATE
)

RUN_MUTATION = (
    """
mutation RunBulkMutation($mutation: String!, $path: String!, $client: String) {
  bulkOperationRunMutation(mutation: $mutation, stagedUploadPath: $path, clientIdentifier: $client) {
    bulkOperation { ...State }
    userErrors { code field message }
  }
}
"""
    + _STATE
)

POLL = "query PollBulkOperation($id: ID!) { bulkOperation(id: $id) { ...State } }" + _STATE

LATEST = (
    """
query LatestBulkOperations($filter: String!) {
  bulkOperations(first: 25, query: $filter, sortKey: CREATED_AT, reverse: true) { nodes { ...State query } }
}
"""
    + _STATE
)

CANCEL = """
mutation CancelBulkOperation($id: ID!) {
  bulkOperationCancel(id: $id) { bulkOperation { id status } userErrors { field message } }
}
"""


@dataclass(frozen=True)
class BulkOperation:
    """State of one bulk operation.

    `status` is CREATED, RUNNING, COMPLETED, CANCELING, CANCELED, FAILED or EXPIRED. `object_count` is the number of
    lines of the result (roots and the children of connections; rows of the input for a mutation), `root_object_count`
    that of lines without a parent, `file_size` bytes of the result. `url` is None until the operation has completed,
    and stays None when there is no result line. Times are ISO 8601 in UTC; urls live 7 days from completion.
    """

    id: str
    status: str
    type: str
    error_code: str | None
    created_at: str
    completed_at: str | None
    object_count: int
    root_object_count: int
    file_size: int | None
    url: str | None
    partial_data_url: str | None

    @property
    def is_under_way(self) -> bool:
        """Whether it still holds a slot."""
        return self.status in UNDER_WAY

    @property
    def is_empty(self) -> bool:
        """Whether it completed with no line at all: an empty export, not a failure."""
        return self.status == "COMPLETED" and self.url is None


def bulk_operation(node: dict[str, Any]) -> BulkOperation:
    """Read the GraphQL object; its counts are JSON strings."""
    size = node.get("fileSize")
    return BulkOperation(
        id=node["id"],
        status=node["status"],
        type=node["type"],
        error_code=node.get("errorCode"),
        created_at=node["createdAt"],
        completed_at=node.get("completedAt"),
        object_count=int(node["objectCount"]),
        root_object_count=int(node["rootObjectCount"]),
        file_size=None if size is None else int(size),
        url=node.get("url"),
        partial_data_url=node.get("partialDataUrl"),
    )
