"""Who may ask: OAuth 2.0 client credentials with a signed JWT, or token-based OAuth 1.0a, by others' libraries."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from oauthlib.oauth1.rfc5849 import signature

ACCOUNT = "1234567-sb1"
REALM = "1234567_SB1"
HOST = f"https://{ACCOUNT}.suitetalk.api.netsuite.com"
CLIENT_ID = "sandbox-netsuite-client"
CERTIFICATE = "sandbox-certificate"
# Public dummies, good for the sandbox only.
CONSUMER = ("sandbox-consumer-key", "sandbox-consumer-secret")
TOKEN = ("sandbox-token-id", "sandbox-token-secret")
# Oracle's list; RS256 is not on it.
ALGORITHMS = ("PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
SCOPE = "rest_webservices"
_LONGEST = 3_600
_TOKEN_SECONDS = 3_600
_STALE_SECONDS = 300


class Refused(Exception):
    """A sign-on that NetSuite would refuse: error code and description."""

    def __init__(self, error: str, description: str) -> None:
        """Keep both."""
        super().__init__(description)
        self.error = error


@dataclass(frozen=True)
class Keys:
    """What a client is given: where its private key is, and under which id the certificate is known."""

    folder: Path

    @property
    def private_key(self) -> Path:
        """The PEM file of the private key, made when it is missing."""
        return self.folder / "private_key.pem"

    def make(self) -> None:
        """Make a key pair unless there is one; more certificates may be put into the folder as `<id>.pem`."""
        certificates = self.folder / "certificates"
        certificates.mkdir(parents=True, exist_ok=True)
        if self.private_key.exists():
            return
        key = ec.generate_private_key(ec.SECP256R1())
        self.private_key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.private_key.chmod(0o600)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        (certificates / f"{CERTIFICATE}.pem").write_bytes(public)

    def public(self, certificate: str) -> bytes:
        """Return the public key of a certificate; raises Refused when it is unknown."""
        path = self.folder / "certificates" / f"{certificate}.pem"
        if "/" in certificate or not path.is_file():
            raise Refused("invalid_client", "The certificate is not mapped to an integration.")
        return path.read_bytes()


class SignOn:
    """Tokens given out, nonces seen."""

    def __init__(self, keys: Keys) -> None:
        """Start with none."""
        self._keys = keys
        self._tokens: dict[str, float] = {}
        self._nonces: set[str] = set()
        self._lock = threading.Lock()

    def grant(self, form: dict[str, str], urls: list[str]) -> dict[str, Any]:
        """Return an access token for a signed assertion; `urls`: the audiences that are this token endpoint."""
        if form.get("grant_type") != "client_credentials":
            raise Refused("unsupported_grant_type", "grant_type must be client_credentials.")
        if form.get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            raise Refused("invalid_request", "client_assertion_type is missing or wrong.")
        claims = self._claims(form.get("client_assertion", ""), urls)
        if claims.get("iss") != CLIENT_ID:
            raise Refused("invalid_client", "The client id is unknown.")
        scope = claims.get("scope", "")
        if SCOPE not in (scope.replace(",", " ").split() if isinstance(scope, str) else scope):
            raise Refused("invalid_scope", f"The scope must be {SCOPE}.")
        if claims["exp"] - claims["iat"] > _LONGEST:
            raise Refused("invalid_request", "The assertion must expire within 60 minutes.")
        token = secrets.token_hex(24)
        with self._lock:
            self._tokens[token] = time.monotonic() + _TOKEN_SECONDS
        return {"access_token": token, "expires_in": str(_TOKEN_SECONDS), "token_type": "bearer"}

    def _claims(self, assertion: str, urls: list[str]) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(assertion)
            if header.get("alg") not in ALGORITHMS:
                raise Refused("invalid_client", f"The algorithm {header.get('alg')} is not supported.")
            if header.get("typ") != "JWT":
                raise Refused("invalid_client", "The header must say typ JWT.")
            key = self._keys.public(str(header.get("kid")))
            options = {"require": ["iss", "scope", "aud", "iat", "exp"]}
            claims: dict[str, Any] = jwt.decode(
                assertion, key, algorithms=list(ALGORITHMS), audience=urls, options=options
            )
        except (jwt.PyJWTError, ValueError) as problem:
            raise Refused("invalid_client", f"The assertion is not valid: {problem}") from problem
        return claims

    def forget(self) -> None:
        """Make all tokens worthless."""
        with self._lock:
            self._tokens.clear()

    def admits(self, method: str, url: str, header: str) -> bool:
        """Whether an Authorization header opens the account: a bearer token, or an OAuth 1.0a signature."""
        scheme, _, rest = header.partition(" ")
        if scheme.lower() == "bearer":
            return time.monotonic() < self._tokens.get(rest.strip(), 0.0)
        return scheme.lower() == "oauth" and self._signed(method, url, header)

    def _signed(self, method: str, url: str, header: str) -> bool:
        query = urlsplit(url).query
        given = dict(signature.collect_parameters(headers={"Authorization": header}, exclude_oauth_signature=False,
                                                  with_realm=True))  # fmt: skip
        fresh = abs(time.time() - float(given.get("oauth_timestamp") or 0)) <= _STALE_SECONDS
        nonce = f"{given.get('oauth_timestamp')}|{given.get('oauth_nonce')}"
        if (
            given.get("realm") != REALM or given.get("oauth_signature_method") != "HMAC-SHA256" or not fresh
            or given.get("oauth_consumer_key") != CONSUMER[0] or given.get("oauth_token") != TOKEN[0]
            or not given.get("oauth_nonce") or nonce in self._nonces
        ):  # fmt: skip
            return False
        parameters = signature.collect_parameters(uri_query=query, headers={"Authorization": header})
        request = SimpleNamespace(uri=url, http_method=method, params=parameters, signature=given["oauth_signature"])
        if not signature.verify_hmac_sha256(request, CONSUMER[1], TOKEN[1]):
            return False
        with self._lock:
            self._nonces.add(nonce)
        return True
