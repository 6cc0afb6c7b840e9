"""The stand-in for Shopify, without HTTP: shops of a world, apps, tokens, buckets, operations, faults."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.bucket import Bucket
from sandbox.bulk.operations import Operation, Operations, numbering
from sandbox.bulk.staged import Uploads
from sandbox.clock import Clock, parse_instant
from sandbox.faults import Faults
from sandbox.graph import execute
from sandbox.graph.documents import Documents, Prepared
from sandbox.graph.session import App, Session
from sandbox.journal import Journal
from sandbox.search.filters import number_of
from sandbox.settings import CLIENT_ID, CLIENT_SECRET, Settings
from sandbox.store import Store
from sandbox.tokens import Tokens

API_CLIENT = 347_082_227_713
# Five queries and five mutations at a time, on each of two shops.
_BULK_THREADS = 20
_REQUEST_THREADS = 4
_LEAD = "sandbox:clock_lead_seconds"


@dataclass(frozen=True)
class Prerendered:
    """A result file made elsewhere, served for bulk queries of one root field."""

    path: Path
    objects: int
    roots: int
    copy: bool = False


class Shopify:
    """Everything behind the routes. `folder` takes result files and uploads."""

    def __init__(
        self,
        store: Store,
        domains: Sequence[str],
        folder: Path,
        settings: Settings,
        advance_world: Callable[[timedelta], None],
    ) -> None:
        """Serve those of the shops that the store holds. `advance_world` moves the world and the store's `now`."""
        self.store = store
        self.domains = domains
        self.advance_world = advance_world
        self.folder = folder
        self.origin = ""
        self._secret = secrets.token_bytes(32)
        self.documents = Documents()
        self.faults = Faults()
        self.journal = Journal()
        self._operations: dict[tuple[int, str], Operations] = {}
        self._lock = threading.RLock()
        # Threads are used again, and with them their connections to the store.
        self._threads = ThreadPoolExecutor(_BULK_THREADS, thread_name_prefix="bulk")
        self.request_threads = ThreadPoolExecutor(_REQUEST_THREADS, thread_name_prefix="request")
        self.start_over(settings)

    def start_over(self, settings: Settings) -> None:
        """Forget tokens, operations, files, faults and the log; read the shops and the clock from the store."""
        for operations in self._operations.values():
            operations.cancel_all()
        for name in ("results", "uploads"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            (self.folder / name).mkdir(parents=True)
        self.settings = settings
        self.tokens = Tokens()
        self.uploads = Uploads(self.folder / "uploads", self._secret)
        self.prerendered: dict[str, Prerendered] = {}
        self.faults.clear()
        self.journal.clear()
        self._operations = {}
        self._buckets: dict[tuple[int, str], Bucket] = {}
        self.bulk_numbers = numbering()
        lead = float(self.store.get_meta(_LEAD, 0.0))
        self.clock = Clock(parse_instant(self.store.get_meta("now")), lead, frozen=settings.frozen_clock)
        self.read_shops()

    def clock_lead(self) -> float:
        """Return the seconds by which clients' clocks are ahead of the world."""
        return self.clock.elapsed()

    def read_shops(self) -> None:
        """Read the shops' own documents again."""
        docs = ((domain, next(self.store.scan(domain, "Shop"), None)) for domain in self.domains)
        self.shops: dict[str, dict[str, Any]] = {domain: doc for domain, doc in docs if doc is not None}

    def change(self, values: dict[str, Any]) -> None:
        """Change settings; buckets start full under a new plan. Raises ValueError."""
        before, self.settings = self.settings, self.settings.changed(values)
        if before.plan != self.settings.plan:
            self._buckets = {}

    def close(self) -> None:
        """Remember how far the clock is ahead, and close the store."""
        for operations in self._operations.values():
            operations.cancel_all()
        self._threads.shutdown(cancel_futures=True)
        self.request_threads.shutdown()
        self.store.set_meta(_LEAD, self.clock.elapsed())
        self.store.close()

    def app(self, client_id: str) -> App | None:
        """Return the app with this client id, with the scopes of the settings."""
        if client_id != CLIENT_ID:
            return None
        return App(CLIENT_ID, CLIENT_SECRET, API_CLIENT, self.settings.scopes)

    def bucket(self, app: App, shop: str) -> Bucket:
        """Return the bucket of an app on a shop."""
        with self._lock:
            key = (app.number, shop)
            if key not in self._buckets:
                self._buckets[key] = Bucket(self.settings.bucket_size, self.settings.restore_rate)
            return self._buckets[key]

    def operations(self, session: Session) -> Operations:
        """Return the bulk operations of the session's app on its shop."""
        return self.operations_of(session.app.number, session.shop)

    def operations_of(self, app: int, shop: str) -> Operations:
        """Return the bulk operations of an app on a shop."""
        with self._lock:
            key = (app, shop)
            if key not in self._operations:
                self._operations[key] = Operations(
                    self.folder / "results", self._threads, self.clock.iso, self.expiry, self.link
                )
            return self._operations[key]

    def all_operations(self, shop: str) -> list[dict[str, Any]]:
        """Return the bulk operations of every app on a shop."""
        with self._lock:
            return [doc for (_, domain), ops in self._operations.items() if domain == shop for doc in ops.documents()]

    def expiry(self) -> int:
        """Return when a result url made now ends: seconds since 1970, by the world's clock."""
        return int(self.clock.now().timestamp()) + self.settings.result_seconds

    def link(self, operation: Operation) -> str:
        """Return the signed url of an operation's file; no token is needed to read it."""
        number = number_of(operation.gid)
        name = f"bulk-{number}.jsonl"
        return (
            f"{self.origin}/storage/results/{name}?Expires={operation.expires}"
            f"&Signature={self.sign(name, operation.expires)}"
            f"&response-content-disposition=attachment%3B+filename%3D%22{name}%22"
            "&response-content-type=application%2Fjsonl"
        )

    def sign(self, name: str, expires: int) -> str:
        """Return the signature of a result url."""
        return hmac.new(self._secret, f"{name}\n{expires}".encode(), hashlib.sha256).hexdigest()

    def run(
        self, session: Session, prepared: Prepared, variables: dict[str, Any], operation_name: str | None
    ) -> dict[str, Any]:
        """Run a prepared document."""
        return execute.run(session, prepared, variables, operation_name)

    def advance(self, by: timedelta) -> None:
        """Let the world go on for a while, and the clock with it."""
        self.advance_world(by)
        self.clock.move(parse_instant(self.store.get_meta("now")))
        self.read_shops()
