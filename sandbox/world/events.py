"""BasicEvents: the feed in which Shopify tells, for a year, what happened to objects and which are gone."""

import zlib
from typing import Any

from sandbox.world.context import Context
from sandbox.world.ids import WIDE
from sandbox.world.times import iso

Doc = dict[str, Any]

_FIRST = 131_000_000_000_000


def event(context: Context, moment: int, action: str, subject_type: str, subject: str, message: str) -> Doc:
    """One event. Its id follows from what it tells, and grows with time."""
    seconds = moment - context.parameters.start
    tie = zlib.crc32(f"{action} {subject}".encode()) % 1000
    wide = WIDE if context.parameters.wide_ids and context.shop.index == 1 else 0
    number = _FIRST + context.shop.index * 350_000_000_000 + seconds * 1000 + tie + wide
    return {
        "__typename": "BasicEvent",
        "id": f"gid://shopify/BasicEvent/{number}",
        "action": action,
        "subjectType": subject_type,
        "subjectId": subject,
        "createdAt": iso(moment),
        "message": message,
        "appTitle": None,
        "author": None,
        "attributeToApp": False,
        "attributeToUser": action in ("destroy", "merged"),
        "criticalAlert": False,
        "hasAdditionalContent": False,
        "additionalContent": None,
        "additionalData": None,
        "arguments": None,
    }
