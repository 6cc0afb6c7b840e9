"""Switches for what goes wrong: each fault has a kind, may be limited to matching requests and to a number of times.

    {"kind": "http_status", "status": 503, "times": 2, "root": "orders"}

Common keys: `times` (none: until removed), `for_seconds` (then it is over), `skip` (let so many matches pass first),
and what must match: `shop` (or the name of another connection), `operation` (the operation's name), `root` (a root
field of the request or of the bulk query).
"""

from __future__ import annotations

import threading
import time
from typing import Any

from sandbox.sftp.file_faults import FILE_FAULTS

Fault = dict[str, Any]

KINDS = {
    "http_status": "answer with `status` (and `headers`, `body`); 429 carries Retry-After as a decimal text",
    "internal_error": "answer 200 with INTERNAL_SERVER_ERROR; `after`: true runs the request first",
    "drop_connection": "close the connection without an answer; `after`: true runs the request first",
    "throttled": "answer THROTTLED whatever is in the bucket",
    "latency": "wait `ms` more",
    "expired_token": "forget the token, so that this request gets 401",
    "token_refused": "refuse the client credentials",
    "access_denied": "answer data with an ACCESS_DENIED error for the root field",
    "served_version": "serve `version` instead of the one asked for",
    "search_warning": "add a warning to `extensions.search`",
    "user_error": "refuse a write to `owner` with `message`, `code`, `field`",
    "bulk_failed": "the operation ends FAILED with `errorCode`, `partial` (0..1) of its lines written",
    "bulk_canceled": "the operation ends CANCELED by itself, `partial` of its lines written",
    "bulk_stuck": "the operation stays RUNNING for ever",
    "bulk_slow": "the operation takes `seconds`",
    "bulk_line": "spoil line `line`: `change` is malformed, missing_id, missing_parent, unknown_enum or wrong_type",
    "bulk_lost_line": "leave line number `line` out of the file, though it is counted",
    "truncated_download": "send `share` (0..1) of a result file, then close the connection",
    "expired_url": "answer a download as if the url had expired",
    "request_limit": "the ERP answers 400 SSS_REQUEST_LIMIT_EXCEEDED",
    "capped_query": "the ERP gives no more than `rows` of any query, and says that this is all",
    "upload_failed": "answer a staged upload with 503",
    "capped_page": "leave a page of an operator's listing empty, whatever it says about itself",
    **FILE_FAULTS,
}
_MATCHED = ("shop", "operation", "root", "owner", "name")


class Faults:
    """The switches that are on. Safe from several threads."""

    def __init__(self) -> None:
        """Start with none."""
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, faults: list[Fault]) -> None:
        """Switch faults on; raises ValueError for an unknown kind."""
        for fault in faults:
            if fault.get("kind") not in KINDS:
                raise ValueError(f"no such fault: {fault.get('kind')}; there are {', '.join(KINDS)}")
        with self._lock:
            self._faults.extend({**fault, "hits": 0, "since": time.monotonic()} for fault in faults)

    def clear(self) -> None:
        """Switch all of them off."""
        with self._lock:
            self._faults.clear()

    def listed(self) -> list[Fault]:
        """Return those that are still on, with the number of times they struck."""
        with self._lock:
            return [{key: value for key, value in fault.items() if key != "since"} for fault in self._faults]

    def take(self, kind: str, **facts: Any) -> Fault | None:
        """Return the first fault of a kind that matches the facts, and count it; None when there is none."""
        if not self._faults:
            return None
        with self._lock:
            for fault in self._faults:
                if fault["kind"] != kind or not _matches(fault, facts):
                    continue
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    continue
                fault["hits"] += 1
                if fault.get("times") is not None:
                    fault["times"] -= 1
                    if fault["times"] <= 0:
                        self._faults.remove(fault)
                return dict(fault)
        return None

    def take_all(self, kind: str, **facts: Any) -> list[Fault]:
        """Return every fault of a kind that matches, each counted once."""
        with self._lock:
            number = sum(1 for fault in self._faults if fault["kind"] == kind and _matches(fault, facts))
        found = (self.take(kind, **facts) for _ in range(number))
        return [fault for fault in found if fault is not None]

    def user_error(self, shop: str, owner: str) -> Fault | None:
        """Return the user error that is planted for writes to an object."""
        fault = self.take("user_error", shop=shop, owner=owner)
        if fault is None:
            return None
        return {"message": "The write was refused.", "code": "INVALID", **fault}


def _matches(fault: Fault, facts: dict[str, Any]) -> bool:
    if "after" in facts and bool(fault.get("after")) is not facts["after"]:
        return False
    lasts = fault.get("for_seconds")
    if lasts is not None and time.monotonic() > fault["since"] + lasts:
        return False
    for name in _MATCHED:
        wanted = fault.get(name)
        if wanted is None:
            continue
        value = facts.get(name)
        if wanted != value and not (isinstance(value, list | tuple | set | frozenset) and wanted in value):
            return False
    return True
