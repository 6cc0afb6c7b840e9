"""The sandbox as a pytest fixture: a small world behind a real server on loopback, fresh for each test.

A test folder that needs it says in its conftest.py:

    from tests.sandbox_fixture import sandbox, sandbox_world  # noqa: F401
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.server import Sandbox, Size, pristine_world
from sandbox.settings import CLIENT_ID, CLIENT_SECRET, Settings

US = "boomerang-us.myshopify.com"
EU = "boomerang-eu.myshopify.com"
SMALL = Size(seed=7, customers=120, months=18)
QUICK = Settings(bulk_seconds=0.04, cancel_seconds=0.05)


class SandboxClient:
    """What tests do with a running sandbox."""

    def __init__(self, running: Sandbox) -> None:
        """Talk to a server that is up."""
        self.running = running
        self.origin = running.origin
        self.http = httpx.Client(base_url=running.origin, timeout=30)
        self._tokens: dict[str, str] = {}

    def __enter__(self) -> SandboxClient:
        """Use the client as a context: its connections are closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.http.close()

    def base_url(self, shop: str = US) -> str:
        """Return the base url of a shop, as the settings of the platform want it."""
        return f"{self.origin}/shops/{shop}"

    def token(self, shop: str = US) -> str:
        """Return an access token, asked for once per shop."""
        if shop not in self._tokens:
            answer = self.http.post(
                f"/shops/{shop}/admin/oauth/access_token",
                json={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "client_credentials"},
            )
            self._tokens[shop] = answer.raise_for_status().json()["access_token"]
        return self._tokens[shop]

    def post(
        self, query: str, variables: dict[str, Any] | None = None, *, shop: str = US, version: str = "2026-10"
    ) -> httpx.Response:
        """Send a query and return the answer as it came."""
        return self.http.post(
            f"/shops/{shop}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables or {}},
            headers={"X-Shopify-Access-Token": self.token(shop)},
        )

    def ask(
        self, query: str, variables: dict[str, Any] | None = None, *, shop: str = US, version: str = "2026-10"
    ) -> Any:
        """Send a query and return its data; an error fails the test."""
        body = self.post(query, variables, shop=shop, version=version).json()
        assert "errors" not in body, body["errors"]
        return body["data"]

    def bulk(self, query: str, *, shop: str = US, grouped: bool = False) -> dict[str, Any]:
        """Run a bulk query to its end and return the operation."""
        started = self.ask(RUN, {"q": query, "g": grouped}, shop=shop)["bulkOperationRunQuery"]
        assert started["userErrors"] == [], started
        return self.finished(started["bulkOperation"]["id"], shop=shop)

    def finished(self, gid: str, *, shop: str = US) -> dict[str, Any]:
        """Poll an operation until it ends."""
        for _ in range(400):
            operation: dict[str, Any] = self.ask(POLL, {"id": gid}, shop=shop)["bulkOperation"]
            if operation["status"] in ("COMPLETED", "FAILED", "CANCELED"):
                return operation
            time.sleep(0.02)
        raise AssertionError(f"{gid} did not end: {operation}")

    def lines(self, operation: dict[str, Any]) -> list[bytes]:
        """Return the lines of an operation's result."""
        if operation["url"] is None:
            return []
        return self.http.get(operation["url"]).raise_for_status().content.splitlines()

    def post_meta(self, name: str, body: Any = None) -> Any:
        """POST to `/__meta/<name>`."""
        return self.http.post(f"/__meta/{name}", json=body).raise_for_status().json()

    def get_meta(self, name: str, **parameters: Any) -> Any:
        """GET `/__meta/<name>`."""
        return self.http.get(f"/__meta/{name}", params=parameters).raise_for_status().json()

    def log(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the requests that were made."""
        entries: list[dict[str, Any]] = self.get_meta("log", **wanted)
        return entries

    def state(self, shop: str = US, **parameters: Any) -> dict[str, Any]:
        """Return what is in a shop."""
        content: dict[str, Any] = self.get_meta("state", shop=shop, **parameters)["shops"][shop]
        return content

    def faults(self, *faults: dict[str, Any]) -> None:
        """Switch faults on."""
        self.post_meta("faults", list(faults))

    def settings(self, **values: Any) -> None:
        """Change settings of the sandbox."""
        self.post_meta("settings", values)

    def advance(self, **by: float) -> None:
        """Let the world go on: `days=1`, `hours=6`."""
        self.post_meta("advance", by)

    def reset(self) -> None:
        """Put the world back as it was built."""
        self.post_meta("reset")
        self._tokens.clear()


RUN = """mutation Run($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
  bulkOperation { id status createdAt completedAt objectCount rootObjectCount fileSize url partialDataUrl }
  userErrors { field message code } } }"""
POLL = """query Poll($id: ID!) { bulkOperation(id: $id) { id status type errorCode createdAt completedAt objectCount
  rootObjectCount fileSize url partialDataUrl } }"""


@pytest.fixture(scope="session")
def sandbox_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small world as it was built, made once a session. Copy it, don't serve it."""
    folder = tmp_path_factory.mktemp("sandbox_world")
    pristine_world(folder, SMALL)
    return folder


@pytest.fixture
def sandbox(sandbox_world: Path, tmp_path: Path) -> Iterator[SandboxClient]:
    """A running sandbox with a small world of its own."""
    folder = tmp_path / "sandbox"
    shutil.copytree(sandbox_world, folder)
    with Sandbox(folder, SMALL, QUICK).serving() as running, SandboxClient(running) as client:
        yield client
