"""The only place where files and environment become objects.

Order of precedence: `BOOMERANG_*` environment variables, then `.env`, then `boomerang.toml`. Nested settings use a
double underscore: `BOOMERANG_SHOPS__US__CLIENT_SECRET`. Secrets belong in the environment or `.env`, never in the file:
a secret in `boomerang.toml` is refused.
"""

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipelines.failures import ConfigurationError
from pipelines.threepl_settings import ThreePL
from pipelines.warehouse_settings import BigQuery, Snowflake

CONFIG_FILE_VARIABLE = "BOOMERANG_CONFIG"
SECRET_FIELDS = ("client_secret", "access_token", "password", "private_key", "private_key_passphrase", "webhook_url")

ShopName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shop(_Section):
    """One Shopify store. `name` is the settings key and the value of the column `shop` in every table."""

    name: ShopName
    domain: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$")]
    base_url: str = ""
    api_version: Annotated[str, Field(pattern=r"^20\d\d-(01|04|07|10)$")] = "2026-10"
    client_id: str | None = None
    client_secret: SecretStr | None = None
    access_token: SecretStr | None = None

    @model_validator(mode="before")
    @classmethod
    def _default_base_url(cls, values: dict[str, Any]) -> dict[str, Any]:
        base_url = values.get("base_url") or f"https://{values.get('domain', '')}"
        return {**values, "base_url": base_url.rstrip("/")}

    @model_validator(mode="after")
    def _one_way_to_authenticate(self) -> "Shop":
        if self.access_token is None and (self.client_id is None or self.client_secret is None):
            upper = self.name.upper()
            raise ValueError(
                f"has no credentials: set BOOMERANG_SHOPS__{upper}__CLIENT_ID "
                f"and BOOMERANG_SHOPS__{upper}__CLIENT_SECRET, or BOOMERANG_SHOPS__{upper}__ACCESS_TOKEN, "
                "in the environment or in .env"
            )
        return self

    @property
    def graphql_url(self) -> str:
        """Endpoint of the Admin GraphQL API in the configured version."""
        return f"{self.base_url}/admin/api/{self.api_version}/graphql.json"

    @property
    def token_url(self) -> str:
        """Endpoint of the client credentials grant."""
        return f"{self.base_url}/admin/oauth/access_token"


class MerchantMetafield(_Section):
    """A metafield of the merchant's own that becomes a typed column of its owner's raw table."""

    owner: Literal["orders", "customers", "products", "variants"]
    namespace: str
    key: str
    type: Literal["string", "bigint", "decimal", "boolean", "date", "timestamp"] = "string"

    @property
    def column(self) -> str:
        """Column name in the raw table."""
        return f"metafield_{self.namespace}_{self.key}".replace("-", "_").replace("$", "").replace(":", "_").lower()


class Extraction(_Section):
    """How sources are read. Times are minutes unless named otherwise."""

    overlap_minutes: int = Field(
        default=30, ge=0, description="re-read before the cursor: the index lags behind writes"
    )
    settle_minutes: int = Field(default=1, ge=0, description="a window ends this long before now")
    history_start: str = Field(default="1970-01-01T00:00:00Z", description="begin of the first window; all there is")
    concurrent_bulk_operations: int = Field(default=5, ge=1, le=5)
    poll_seconds: float = Field(default=0.5, gt=0)
    bulk_timeout_minutes: float = Field(default=240.0, gt=0)
    attempts: int = Field(default=4, ge=1)
    request_timeout_seconds: float = Field(default=30.0, gt=0)
    sweep_days: int = Field(default=7, ge=1, description="days between two complete id sweeps that find deletions")
    memory_limit: str = Field(default="512MB", description="of the DuckDB that reads exports")
    # A load of any size fills what it is given: what a process needs besides (libraries, what reading left behind) is
    # half a gigabyte, and both together stay under one. Half as much costs a load 7 % more processor time.
    load_memory_limit: str = Field(default="256MB", description="of DuckDB while it commits what was read")

    @property
    def overlap(self) -> timedelta:
        """Overlap of two windows."""
        return timedelta(minutes=self.overlap_minutes)


class Delivery(_Section):
    """How write-back runs; limits of a sync live in its own file."""

    bulk_threshold: int = Field(
        default=100_000, ge=1, description="changed records above which bulk mutations are used"
    )
    max_in_flight: int = Field(default=64, ge=1, le=500)
    keep_days: int = Field(default=90, ge=7, description="days that rows of plans and their outcomes are kept")


class Alerts(_Section):
    """Who is told about failed runs."""

    webhook_url: SecretStr | None = Field(default=None, description="gets a POST with a JSON object, key `text`")
    ui_url: str | None = Field(default=None, description="where people open the UI, for links")


class Settings(BaseSettings):
    """All settings of one merchant."""

    model_config = SettingsConfigDict(
        env_prefix="BOOMERANG_", env_nested_delimiter="__", env_file=".env", extra="forbid", frozen=True
    )

    data_dir: Path = Path("data")
    warehouse: Literal["duckdb", "snowflake", "bigquery"] = "duckdb"
    snowflake: Snowflake = Snowflake()
    bigquery: BigQuery = BigQuery()
    reporting_currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    shops: dict[ShopName, Shop]
    threepl: dict[ShopName, ThreePL] = {}
    metafields: list[MerchantMetafield] = []
    extraction: Extraction = Extraction()
    delivery: Delivery = Delivery()
    alerts: Alerts = Alerts()

    @field_validator("shops", "threepl", mode="before")
    @classmethod
    def _name_connections_after_their_key(cls, connections: dict[str, Any]) -> dict[str, Any]:
        return {name: {**one, "name": name} if isinstance(one, dict) else one for name, one in connections.items()}

    @field_validator("shops", mode="after")
    @classmethod
    def _at_least_one_shop(cls, shops: dict[str, Shop]) -> dict[str, Shop]:
        if not shops:
            raise ValueError("needs at least one shop: add a section [shops.<name>] with its domain")
        return shops

    @model_validator(mode="after")
    def _warehouse_can_be_reached(self) -> "Settings":
        section = {"snowflake": self.snowflake, "bigquery": self.bigquery}.get(self.warehouse)
        missing = section.missing() if section is not None else None
        if missing is not None:
            variable = f"BOOMERANG_{self.warehouse.upper()}__{missing.upper()}"
            or_key = " (or the key itself as BOOMERANG_SNOWFLAKE__PRIVATE_KEY)" if missing == "private_key_path" else ""
            raise ValueError(
                f"Setting {self.warehouse}.{missing} is missing, which warehouse = '{self.warehouse}' needs: "
                f"add it to {config_file()} or set {variable}{or_key}."
            )
        return self

    @model_validator(mode="after")
    def _partners_can_be_told_apart_and_reached(self) -> "Settings":
        for name, partner in self.threepl.items():
            if name in self.shops:
                raise ValueError(
                    f"Setting threepl.{name} has the name of a shop, and tables of the platform know a connection by its "
                    "name only: add a section of another name."
                )
            if (missing := partner.missing()) is not None:
                where = "" if missing in SECRET_FIELDS else f"add it to {config_file()}, or "
                raise ValueError(
                    f"Setting threepl.{name}.{missing} is missing: {where}set "
                    f"BOOMERANG_THREEPL__{name.upper()}__{missing.upper()} in the environment or in .env."
                )
        return self

    @property
    def schema_prefix(self) -> str:
        """What stands before the name of every schema or dataset of the warehouse; always empty on DuckDB."""
        if self.warehouse == "snowflake":
            return self.snowflake.schema_prefix
        return self.bigquery.schema_prefix if self.warehouse == "bigquery" else ""

    @property
    def duckdb_path(self) -> Path:
        """The DuckDB file of the embedded warehouse."""
        return self.data_dir / "boomerang.duckdb"

    def shop(self, name: str) -> Shop:
        """The shop with this settings key, or a ConfigurationError that lists the known ones."""
        if name not in self.shops:
            raise ConfigurationError(f"Shop '{name}' is not configured; known shops: {', '.join(sorted(self.shops))}.")
        return self.shops[name]

    def partner(self, name: str) -> ThreePL:
        """The warehouse operator with this settings key, or a ConfigurationError that lists the known ones."""
        if name not in self.threepl:
            known = ", ".join(sorted(self.threepl)) or "none"
            raise ConfigurationError(f"3PL partner '{name}' is not configured; known partners: {known}.")
        return self.threepl[name]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over .env over boomerang.toml."""
        toml = TomlConfigSettingsSource(settings_cls, toml_file=config_file())
        return init_settings, env_settings, dotenv_settings, toml


def config_file() -> Path:
    """The settings file: BOOMERANG_CONFIG, or boomerang.toml in the current folder."""
    return Path(os.environ.get(CONFIG_FILE_VARIABLE, "boomerang.toml"))


def load_settings() -> Settings:
    """Read all settings, or raise a ConfigurationError with one sentence that names the wrong or missing one."""
    path = config_file()
    if not path.is_file():
        raise ConfigurationError(
            f"Settings file {path} does not exist; run in the project folder or set {CONFIG_FILE_VARIABLE} to its path."
        )
    try:
        _refuse_secrets_in(path)
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"Settings file {path} is not valid TOML: {error}.") from None
    except ValidationError as error:
        raise ConfigurationError(_sentence(error, path)) from None


def _refuse_secrets_in(path: Path) -> None:
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    shops = content.get("shops", {})
    sections = {f"shops.{name}": shop for name, shop in shops.items()} if isinstance(shops, dict) else {}
    partners = content.get("threepl", {})
    sections |= {f"threepl.{name}": one for name, one in partners.items()} if isinstance(partners, dict) else {}
    for where, section in {**sections, "snowflake": content.get("snowflake"), "alerts": content.get("alerts")}.items():
        for field in SECRET_FIELDS:
            if isinstance(section, dict) and field in section:
                variable = f"BOOMERANG_{where}__{field}".replace(".", "__").upper()
                raise ConfigurationError(
                    f"Settings file {path} holds the secret {where}.{field}; move it to the environment variable "
                    f"{variable} or to .env."
                )


def _sentence(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    variable = "BOOMERANG_" + "__".join(str(part).upper() for part in first["loc"])
    message = first["msg"].removeprefix("Value error, ")
    if not where:
        return message
    if first["type"] == "missing":
        return f"Setting {where} is missing: add it to {path} or set {variable}."
    if first["type"] == "extra_forbidden":
        return f"Setting {where} is not known: check the spelling in {path} and in the environment ({variable})."
    if "BOOMERANG_" in message or "add a section" in message:
        return f"Setting {where} {message}."
    value = first.get("input")
    shown = isinstance(value, str | int | float) and not where.endswith(SECRET_FIELDS)
    given = f" (value {value!r})" if shown else ""
    return f"Setting {where} is wrong: {message}{given}; correct it in {path} or in {variable}."
