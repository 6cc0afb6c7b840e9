"""Settings of the ERPs; `config.py` reads them.

NetSuite is read by SuiteQL (`kind = "netsuite"`), any other ERP by SQL on its own database or a replica of it
(`kind = "sql"`). The settings key is the ERP's name: the first column of every table. Secrets come from the environment
or `.env` only.
"""

from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

# Column names of the merchant's own, which are written into queries: nothing but a plain name.
_FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Erp(BaseModel):
    """What every ERP has.

    `order_reference_field` is the column of sales orders in which the ERP's connector keeps the shop's order.
    `overlap_minutes` are read again before the cursor: rows are written at instants that are older than their commit.
    `late_hours`: entities without any change for so long are reported as stalled. A full reading with less than
    `smallest_share` of the rows of the one before is reported too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    time_zone: str = Field(default="UTC", description="IANA zone of the company's calendar")
    base_currency: Currency = "USD"
    order_reference_field: _FieldName = "custbody_fa_channel_order"
    overlap_minutes: Annotated[int, Field(ge=0)] = 720
    entities: tuple[str, ...] | None = Field(default=None, description="only these; all that have a query")
    late_hours: dict[str, Annotated[float, Field(gt=0)]] = {}
    smallest_share: Annotated[float, Field(ge=0, lt=1)] = 0.5

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            raise ValueError(f"names the time zone '{zone}', which is not an IANA name such as America/New_York")
        return zone


class NetSuiteErp(_Erp):
    """A NetSuite account, reached by SuiteQL over REST.

    `auth = "oauth2"` signs a short-lived assertion with a private key whose certificate NetSuite knows by
    `certificate_id`; `auth = "tba"` signs every request with the secrets of an integration and a token. `concurrency`
    is how many requests we send at a time: the account's limit counts all integrations together (15 in the first
    service tier, 5 in a developer account).
    """

    kind: Literal["netsuite"]
    account: Annotated[str, Field(pattern=r"^[A-Za-z0-9]+([_-][A-Za-z0-9]+)*$")]
    base_url: str = ""
    auth: Literal["oauth2", "tba"] = "oauth2"
    client_id: str | None = None
    certificate_id: str | None = None
    private_key: SecretStr | None = Field(default=None, description="PEM text")
    private_key_path: Path | None = None
    algorithm: Literal["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"] = "PS256"
    consumer_key: SecretStr | None = None
    consumer_secret: SecretStr | None = None
    token_id: SecretStr | None = None
    token_secret: SecretStr | None = None
    queries: str = "netsuite"
    concurrency: Annotated[int, Field(ge=1, le=50)] = 4
    page_size: Annotated[int, Field(ge=1, le=1000)] = 1000
    patience_seconds: Annotated[float, Field(ge=0)] = Field(
        default=300.0, description="how long a request that is refused for its rate, or not answered, is repeated"
    )

    def missing(self) -> str | None:
        """Name of the first setting without which the account cannot be reached; None when all are there."""
        tba = ("consumer_key", "consumer_secret", "token_id", "token_secret")
        for name in tba if self.auth == "tba" else ("client_id", "certificate_id"):
            if getattr(self, name) is None:
                return name
        if self.auth == "oauth2" and self.private_key is None and self.private_key_path is None:
            return "private_key"
        return None

    @property
    def host(self) -> str:
        """Where the account's REST services are: the account in lower case, with hyphens."""
        account = self.account.lower().replace("_", "-")
        return self.base_url.rstrip("/") or f"https://{account}.suitetalk.api.netsuite.com"

    @property
    def realm(self) -> str:
        """The account as OAuth 1.0a names it: in upper case, with underscores."""
        return self.account.upper().replace("-", "_")


class SqlErp(_Erp):
    """An ERP's own database, read only. `url` is SQLAlchemy's, with the password: it comes from the environment.

    `database_time_zone` is the zone in which the database keeps times without one.
    """

    kind: Literal["sql"]
    queries: str
    url: SecretStr | None = None
    database_time_zone: str = "UTC"
    overlap_minutes: Annotated[int, Field(ge=0)] = 30
    batch_rows: Annotated[int, Field(ge=1)] = 20_000
    order_reference_field: _FieldName = "reference"

    @field_validator("database_time_zone")
    @classmethod
    def _known_database_zone(cls, zone: str) -> str:
        return cls._known_zone(zone)

    def missing(self) -> str | None:
        """Name of the first setting without which the database cannot be reached; None when all are there."""
        return "url" if self.url is None else None


Erp = Annotated[NetSuiteErp | SqlErp, Field(discriminator="kind")]
