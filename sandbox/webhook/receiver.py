"""What a receiver keeps and answers: signatures checked with the library of Standard Webhooks, doubles dropped by id.

It can be told to refuse records, to throttle, to fail before or after a message took effect, and to keep a limit.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

VALUES, REDACTION, READ = "boomerang.values", "boomerang.redaction", "boomerang.read"
Answer = tuple[int, dict[str, str], Any]
# Shop, owner_type, owner_id, attribute.
Place = tuple[str, str, str, str]


@dataclass
class Fault:
    """What happens to the next `times` messages of a kind; `after`: when they have taken effect."""

    status: int
    times: int = 1
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    skip: int = 0
    kind: str = VALUES


@dataclass
class Limit:
    """A bucket that holds `size` requests and is refilled at a rate a second."""

    per_second: float
    size: float
    left: float = 0.0
    at: float = 0.0

    def take(self) -> bool:
        """Take one request, if there is one."""
        now = time.monotonic()
        self.left = min(self.size, self.left + (now - self.at) * self.per_second) if self.at else self.size
        self.at = now
        if self.left < 1:
            return False
        self.left -= 1
        return True


class Receiver:
    """State and behaviour; `server.py` puts it behind HTTP."""

    def __init__(self, *secrets: str) -> None:
        """Start empty, with the secrets that are accepted."""
        self.secrets = list(secrets)
        self.values: dict[Place, str] = {}
        self.log: list[dict[str, Any]] = []
        self.changes: list[str] = []  # ids of the changes that were made, in their order
        self.refused_owners: dict[str, tuple[str, str]] = {}
        self.refuse_without_naming = False
        self.answers_plainly = False
        self.faults: list[Fault] = []
        self.limit: Limit | None = None
        self._answers: dict[str, Any] = {}
        self._lock = threading.Lock()

    def take(self, body: bytes, headers: dict[str, str]) -> Answer:
        """Answer one request: status, headers, and a body for JSON (None for none)."""
        with self._lock:
            status, extra, answer, message = self._take(body, headers)
            records = message.get("data", {}).get("records", [])
            self.log.append({
                "at": time.monotonic(), "status": status, "kind": message.get("type"), "records": records,
                "webhook_id": headers.get("webhook-id"),
            })  # fmt: skip
            return status, extra, answer

    def _take(self, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], Any, dict[str, Any]]:
        if self.limit is not None and not self.limit.take():
            return 429, {"retry-after": "1"}, None, {}
        message = self._verified(body, headers)
        if message is None:
            return 401, {}, {"error": "signature"}, {}
        fault = self._fault(message["type"])
        if fault is not None and not fault.after:
            return fault.status, fault.headers, None, message
        if message["type"] == READ:
            return 200, {}, {"values": [self._read(asked) for asked in message["data"]["records"]]}, message
        status, answer = self._apply(headers["webhook-id"], message["data"]["records"])
        if fault is not None:
            return fault.status, fault.headers, None, message
        return status, {}, answer, message

    def _verified(self, body: bytes, headers: dict[str, str]) -> dict[str, Any] | None:
        for secret in self.secrets:
            try:
                message: dict[str, Any] = Webhook(secret).verify(body, headers)
            except WebhookVerificationError:
                continue
            return message
        return None

    def _fault(self, kind: str) -> Fault | None:
        for fault in [one for one in self.faults if one.kind == kind]:
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
            return fault
        return None

    def _apply(self, webhook_id: str, records: list[dict[str, Any]]) -> tuple[int, Any]:
        if self.refuse_without_naming and any(one["owner_id"] in self.refused_owners for one in records):
            return 422, {"error": "one of these is bad"}
        if webhook_id not in self._answers:  # a message that came before is answered as it was then
            self._answers[webhook_id] = {"results": [self._change(one) for one in records]}
        return (204, None) if self.answers_plainly else (200, self._answers[webhook_id])

    def _change(self, record: dict[str, Any]) -> dict[str, Any]:
        if record["owner_id"] in self.refused_owners and record["action"] in ("set", "tag_add"):
            code, message = self.refused_owners[record["owner_id"]]
            return {"id": record["id"], "status": "rejected", "code": code, "message": message}
        if record["id"] not in self.changes:
            self.changes.append(record["id"])
            place = _place(record)
            if record["action"] in ("set", "tag_add"):
                self.values[place] = record["value"]
            else:
                self.values.pop(place, None)
        return {"id": record["id"], "status": "accepted"}

    def _read(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {**asked, "value": self.values.get(_place(asked))}


def _place(record: dict[str, Any]) -> Place:
    return record["shop"], record["owner_type"], record["owner_id"], record["attribute"]
