"""Settings of the places beside Shopify that values are written to; `config.py` reads them.

The settings key is the destination's name: sync files say it (`destination: crm`), and the ledger keeps it. Secrets
come from the environment or `.env` only.
"""

import base64
import binascii
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from pipelines.shop_settings import ShopName

SHOPIFY = "shopify"
SECRET_PREFIX = "whsec_"  # noqa: S105  # how secrets begin, by the Standard Webhooks specification
# Bytes of a secret that the specification allows.
FEWEST_BYTES, MOST_BYTES = 24, 64
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class Webhook(BaseModel):
    """An HTTPS address that takes signed POST requests (docs/destinations.md has the format).

    `read_url` answers what it carries; without one nothing can be read back. `old_secret` signs too while the receiver
    changes from it to `secret`. `requests_per_second` holds over all shops; `timeout_seconds` for each of connect and
    read; `attempts` bounds the tries of one request that fails, refusals to hurry aside.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: ShopName
    type: Literal["webhook"]
    url: Annotated[str, Field(repr=False)]  # some carry a token
    read_url: Annotated[str | None, Field(repr=False)] = None
    secret: SecretStr | None = None
    old_secret: SecretStr | None = None
    requests_per_second: Annotated[float, Field(gt=0, le=1_000)] = 5.0
    records_per_request: Annotated[int, Field(ge=1, le=10_000)] = 100
    timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    attempts: Annotated[int, Field(ge=1, le=20)] = 4

    @field_validator("url", "read_url")
    @classmethod
    def _encrypted(cls, url: str | None) -> str | None:
        if url is not None:
            address = urlsplit(url)
            if not address.hostname or address.scheme not in ("http", "https"):
                raise ValueError("must be an address such as https://crm.example/boomerang")
            if address.scheme == "http" and address.hostname not in _THIS_MACHINE:
                raise ValueError("must begin with https://, as customers' data goes there")
        return url

    @field_validator("secret", "old_secret")
    @classmethod
    def _as_specified(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            key_of(secret)
        return secret

    @model_validator(mode="after")
    def _not_the_name_of_shopify(self) -> Self:
        if self.name == SHOPIFY:
            raise ValueError(f"cannot be called '{SHOPIFY}', which means the shops themselves: give it another name")
        return self

    @property
    def host(self) -> str:
        """Where it is, for sentences: without what an address may hold besides."""
        return str(urlsplit(self.url).hostname)

    @property
    def keys(self) -> list[bytes]:
        """The keys that sign, the current one first."""
        return [key_of(secret) for secret in (self.secret, self.old_secret) if secret is not None]

    def missing(self) -> str | None:
        """Name of the first setting without which nothing can be sent; None when all are there."""
        return "secret" if self.secret is None else None


def key_of(secret: SecretStr) -> bytes:
    """The bytes of a secret; ValueError (which does not quote it) when it is not as the specification says."""
    text = secret.get_secret_value()
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not text.startswith(SECRET_PREFIX) or not FEWEST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(
            f"must be '{SECRET_PREFIX}' and the base64 of {FEWEST_BYTES} to {MOST_BYTES} random bytes; for example "
            f"{SECRET_PREFIX} and what `openssl rand -base64 32` prints"
        )
    return key
