"""A client of the ERP as others would write one: PyJWT and oauthlib, nothing of the platform."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx
import jwt
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from sandbox.server import Sandbox


class NetSuite:
    """Signs on and asks."""

    def __init__(self, running: Sandbox) -> None:
        """Talk to a server that is up."""
        assert running.behind is not None
        self.access = running.behind.ready(running.origin)["erp"]
        self.http = httpx.Client(timeout=30)
        self.meta = httpx.Client(base_url=running.origin, timeout=30)
        self.bearer = ""

    def close(self) -> None:
        """Close the connections."""
        self.http.close()
        self.meta.close()

    @property
    def services(self) -> str:
        """The root of the REST services."""
        return f"{self.access['base_url']}/services/rest"

    def assertion(self, algorithm: str = "ES256", key: bytes | None = None, **changed: Any) -> str:
        """Return a signed assertion, with some claims or header fields changed."""
        now = int(time.time())
        claims = {
            "iss": self.access["client_id"], "scope": "rest_webservices", "iat": now, "exp": now + 600,
            "aud": f"{self.services}/auth/oauth2/v1/token",
        }  # fmt: skip
        kid = changed.pop("kid", self.access["certificate_id"])
        key = key or Path(self.access["private_key_path"]).read_bytes()
        return jwt.encode({**claims, **changed}, key, algorithm=algorithm, headers={"kid": kid})

    def sign_on(self, assertion: str | None = None) -> httpx.Response:
        """Ask for a token and keep it."""
        reply = self.http.post(
            f"{self.services}/auth/oauth2/v1/token",
            data={
                "grant_type": "client_credentials",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion or self.assertion(),
            },
        )
        self.bearer = reply.json().get("access_token", "")
        return reply

    def post(self, query: str, *, headers: dict[str, str] | None = None, **page: int) -> httpx.Response:
        """Send a query with the bearer token, asked for once."""
        if not self.bearer:
            self.sign_on()
        signed = {"Authorization": f"Bearer {self.bearer}", "Prefer": "transient"}
        return self.http.post(
            f"{self.services}/query/v1/suiteql", params=page, json={"q": query}, headers={**signed, **(headers or {})}
        )

    def signed(self, query: str, **changed: str) -> httpx.Response:
        """Send a query signed with OAuth 1.0a."""
        given = {**self.access, **changed}
        client = Client(
            given["consumer_key"], given["consumer_secret"], given["token_id"], given["token_secret"],
            realm=given["account"], signature_method=SIGNATURE_HMAC_SHA256,
        )  # fmt: skip
        url = f"{self.services}/query/v1/suiteql?limit=5&offset=0"
        url, headers, _ = client.sign(url, http_method="POST")
        return self.http.post(url, json={"q": query}, headers={**headers, "Prefer": "transient"})

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the items of a query's first page; an error fails the test."""
        reply = self.post(query)
        assert reply.status_code == 200, reply.text
        items: list[dict[str, Any]] = reply.json()["items"]
        return items

    def refusal(self, query: str, **page: int) -> str:
        """Return what an invalid query is answered."""
        reply = self.post(query, **page)
        assert reply.status_code == 400, reply.text
        return str(reply.json()["o:errorDetails"][0]["detail"])

    def faults(self, *faults: dict[str, Any]) -> None:
        """Switch faults on."""
        self.meta.post("/__meta/faults", json=list(faults)).raise_for_status()
