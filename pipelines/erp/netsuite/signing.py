"""Signs requests to a NetSuite account: by a token for a signed assertion (OAuth 2.0), or one by one (OAuth 1.0a).

Oracle's "OAuth 2.0 client credentials": the assertion names the certificate (`kid`), is good for an hour at most and is
signed with PS or ES, never with RS256. Cryptography is PyJWT's and oauthlib's.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import httpx
import jwt
from oauthlib import oauth1
from pydantic import SecretStr

from pipelines.erp_settings import NetSuiteErp
from pipelines.failures import AuthenticationFailed, ConfigurationError, first_line

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"  # noqa: S105  # a path
SCOPE = "rest_webservices"
_ASSERTION_SECONDS = 300
# A token is renewed so long before it ends: a request that waits its turn must not find it expired.
_EARLY_SECONDS = 60.0

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]


class Signer(Protocol):
    """Adds what NetSuite wants to see to a request."""

    async def sign(self, request: httpx.Request, send: Send) -> None:
        """Sign in place; `send` is for requests of the signer's own."""

    def forget(self) -> bool:
        """Drop what was refused; whether signing anew may help."""


def signer_of(erp: NetSuiteErp) -> Signer:
    """The signer for the way that the settings choose; ConfigurationError for a key that cannot be read."""
    return TokenBased(erp) if erp.auth == "tba" else Assertion(erp)


class Assertion:
    """OAuth 2.0 client credentials."""

    def __init__(self, erp: NetSuiteErp) -> None:
        """Read the key; nothing is asked of NetSuite yet."""
        self._erp = erp
        self._key = _private_key(erp)
        self._url = f"{erp.host}{TOKEN_PATH}"
        self._token: str | None = None
        self._good_until = 0.0
        self._refused: AuthenticationFailed | None = None

    async def sign(self, request: httpx.Request, send: Send) -> None:
        """Put the bearer token in, a fresh one where there is none; AuthenticationFailed when none is given."""
        if self._token is None or time.monotonic() >= self._good_until:
            await self._renew(send)
        request.headers["Authorization"] = f"Bearer {self._token}"

    def forget(self) -> bool:
        """A token may be withdrawn before its time: the next request asks for another."""
        self._token = None
        return True

    async def _renew(self, send: Send) -> None:
        if self._refused is not None:
            raise self._refused
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self._assertion(),
        }
        reply = await send(httpx.Request("POST", self._url, data=form))
        if reply.status_code != 200:
            # One refusal is enough: asking again for each entity would lock some accounts.
            self._refused = AuthenticationFailed(
                f"NetSuite account {self._erp.account} refuses the signed assertion of erp {self._erp.name} "
                f"({_reason(reply)}); nothing was loaded: renew the certificate or correct client_id and "
                f"certificate_id, then run again."
            )
            raise self._refused
        granted = reply.json()
        self._token = str(granted["access_token"])
        self._good_until = time.monotonic() + float(granted.get("expires_in", 3_600)) - _EARLY_SECONDS

    def _assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._erp.client_id,
            "scope": SCOPE,
            "aud": self._url,
            "iat": now,
            "exp": now + _ASSERTION_SECONDS,
        }
        try:
            return jwt.encode(
                claims, self._key, algorithm=self._erp.algorithm, headers={"kid": self._erp.certificate_id}
            )
        except (jwt.PyJWTError, TypeError, ValueError):
            # What the library says names its own classes; that the kind of key does not fit is all there is to know.
            raise ConfigurationError(
                f"The private key of erp {self._erp.name} cannot sign with {self._erp.algorithm}: PS algorithms take "
                f"an RSA key, ES256 to ES512 a key of their curve; correct erp.{self._erp.name}.algorithm, or set the "
                f"key that belongs to the certificate."
            ) from None


class TokenBased:
    """OAuth 1.0a with HMAC-SHA256: every request is signed with the secrets of an integration and of a token."""

    def __init__(self, erp: NetSuiteErp) -> None:
        """Keep the secrets."""
        self._client = oauth1.Client(
            client_key=_secret(erp.consumer_key),
            client_secret=_secret(erp.consumer_secret),
            resource_owner_key=_secret(erp.token_id),
            resource_owner_secret=_secret(erp.token_secret),
            signature_method=oauth1.SIGNATURE_HMAC_SHA256,
            realm=erp.realm,
        )

    async def sign(self, request: httpx.Request, send: Send) -> None:
        """Put the signature of this very request in."""
        _, headers, _ = self._client.sign(str(request.url), http_method="GET" if request.method == "GET" else "POST")
        request.headers["Authorization"] = headers["Authorization"]

    def forget(self) -> bool:
        """The secrets do not change."""
        return False


def _reason(reply: httpx.Response) -> str:
    try:
        said = reply.json()
        return str(said.get("error_description") or said["error"]).rstrip(".")
    except (ValueError, KeyError, AttributeError):
        return f"status {reply.status_code}"


def _private_key(erp: NetSuiteErp) -> str:
    if erp.private_key is not None:
        return erp.private_key.get_secret_value()
    path = erp.private_key_path
    try:
        return "" if path is None else path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"The private key of erp {erp.name} cannot be read from {path} ({first_line(error)}); correct "
            f"erp.{erp.name}.private_key_path."
        ) from None


def _secret(value: SecretStr | None) -> str:
    return "" if value is None else value.get_secret_value()
