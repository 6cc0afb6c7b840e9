"""Access tokens: a fixed one, or the client credentials grant, renewed in time and after a refusal.

A granted token lives 24 hours and there is no refresh token: one simply asks again. Source: shopify.dev, "Client
credentials grant".
"""

import asyncio
from typing import Any, Protocol

import httpx
import orjson

from pipelines.config import Shop
from pipelines.failures import AccessDenied, AuthenticationFailed, SourceUnavailable
from pipelines.intake.clock import Clock
from pipelines.shopify.lanes import Lanes
from pipelines.shopify.replies import TOO_MANY_REQUESTS, body_of, retry_after

# A token is renewed this long before it ends, but never earlier than after nine tenths of its life.
RENEWAL_MARGIN_SECONDS = 300.0
RENEWAL_MARGIN_SHARE = 0.1
GRANT_ATTEMPTS = 4
GRANT_BACKOFF_SECONDS = 0.5


class TokenSource(Protocol):
    """Gives the token to send, and another one after Shopify refused it."""

    async def token(self) -> str:
        """A token that is valid as far as we know."""

    async def renew(self, refused: str) -> str:
        """Another token than the refused one, or AuthenticationFailed."""


def token_source(shop: Shop, lanes: Lanes, clock: Clock) -> TokenSource:
    """The way in which this shop is configured to authenticate."""
    return FixedToken(shop) if shop.access_token is not None else ClientCredentials(shop, lanes, clock)


class FixedToken:
    """The `access_token` of the settings."""

    def __init__(self, shop: Shop) -> None:
        """Read the token once."""
        self._shop = shop
        self._token = shop.access_token.get_secret_value() if shop.access_token else ""

    async def token(self) -> str:
        """The configured token."""
        return self._token

    async def renew(self, refused: str) -> str:
        """There is no other: raise AuthenticationFailed."""
        del refused
        raise AuthenticationFailed(refusal(self._shop))


class ClientCredentials:
    """Tokens by client id and secret. Concurrent callers share one grant."""

    def __init__(self, shop: Shop, lanes: Lanes, clock: Clock) -> None:
        """Nothing is requested before the first token is needed."""
        self._shop, self._lanes, self._clock = shop, lanes, clock
        self._lock = asyncio.Lock()
        self._token: str | None = None
        self._renew_at = 0.0

    async def token(self) -> str:
        """The current token; renewed first when it is about to end."""
        async with self._lock:
            if self._token is None or self._clock.now() >= self._renew_at:
                self._token = await self._grant()
            return self._token

    async def renew(self, refused: str) -> str:
        """A fresh token; one that another caller fetched since is taken as it is."""
        async with self._lock:
            if self._token is None or self._token == refused:
                self._token = await self._grant()
            return self._token

    async def _grant(self) -> str:
        reason = ""
        for attempt in range(GRANT_ATTEMPTS):
            if attempt:
                await self._clock.sleep(GRANT_BACKOFF_SECONDS * 2**attempt)
            try:
                async with self._lanes.lane() as http:
                    response = await http.post(
                        self._shop.token_url,
                        content=orjson.dumps(self._credentials()),
                        headers={"content-type": "application/json"},
                    )
            except httpx.RequestError as error:
                reason = str(error) or type(error).__name__
                continue
            if response.status_code == TOO_MANY_REQUESTS:
                reason = "HTTP 429"
                await self._clock.sleep(retry_after(response) or 0.0)
                continue
            if response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
                reason = f"HTTP {response.status_code}"
                continue
            return self._granted(response)
        raise SourceUnavailable(
            f"Shop {self._shop.name} gave no access token after {GRANT_ATTEMPTS} attempts ({reason}); check "
            f"{self._shop.base_url} and the network, then run again."
        )

    def _credentials(self) -> dict[str, str]:
        secret = self._shop.client_secret.get_secret_value() if self._shop.client_secret else ""
        return {"grant_type": "client_credentials", "client_id": self._shop.client_id or "", "client_secret": secret}

    def _granted(self, response: httpx.Response) -> str:
        body = body_of(response)
        granted: dict[str, Any] = body if isinstance(body, dict) else {}
        if response.status_code != httpx.codes.OK or not isinstance(granted.get("access_token"), str):
            raise AuthenticationFailed(self._why_not_granted(response.status_code, granted))
        if granted.get("scope") == "":
            raise AccessDenied(
                f"The token of shop {self._shop.name} has no access scope at all; release a version of the app with "
                f"its scopes, install it on {self._shop.domain}, then run again."
            )
        lifetime = float(granted.get("expires_in") or 86_399)
        margin = min(RENEWAL_MARGIN_SECONDS, lifetime * RENEWAL_MARGIN_SHARE)
        self._renew_at = self._clock.now() + lifetime - margin
        return str(granted["access_token"])

    def _why_not_granted(self, status: int, body: dict[str, Any]) -> str:
        code = str(body.get("error") or body.get("errors") or f"HTTP {status}")
        upper = self._shop.name.upper()
        if code == "invalid_client":
            return (
                f"Shopify does not know the client of shop {self._shop.name} (invalid_client); correct "
                f"BOOMERANG_SHOPS__{upper}__CLIENT_ID and BOOMERANG_SHOPS__{upper}__CLIENT_SECRET."
            )
        if "not_installed" in code or "not installed" in code or code in ("shop_not_permitted", "app_not_installed"):
            return (
                f"The app is not installed on {self._shop.domain} (shop {self._shop.name}, {code}); install it there, "
                f"in the same organisation as the shop, then run again."
            )
        said = str(body.get("error_description") or code)
        return f"Shop {self._shop.name} refused to grant an access token ({said}); check its client id and secret."


def refusal(shop: Shop) -> str:
    """The sentence for a token that is refused for good."""
    upper = shop.name.upper()
    names = (
        f"BOOMERANG_SHOPS__{upper}__ACCESS_TOKEN"
        if shop.access_token is not None
        else f"BOOMERANG_SHOPS__{upper}__CLIENT_ID and BOOMERANG_SHOPS__{upper}__CLIENT_SECRET"
    )
    return f"Shop {shop.name} ({shop.domain}) refused the access token (HTTP 401); correct {names}."
