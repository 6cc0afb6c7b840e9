"""A bulk operation as Shopify describes it, for stand-ins."""

from datetime import UTC, datetime
from typing import Any


def bulk_operation(
    number: int, url: str, *, done: bool, objects: int, roots: int, size: int, kind: str = "QUERY"
) -> dict[str, Any]:
    """Operation `number`, completed or running; its `url` and its counts are those of the result, once there is one."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "id": f"gid://shopify/BulkOperation/{number}",
        "status": "COMPLETED" if done else "RUNNING",
        "type": kind,
        "errorCode": None,
        "createdAt": now,
        "completedAt": now if done else None,
        "objectCount": str(objects) if done else "0",
        "rootObjectCount": str(roots) if done else "0",
        "fileSize": str(size) if done else None,
        "url": url if done else None,
        "partialDataUrl": None,
    }
