"""The only place where files and environment become objects.

Order of precedence: `BOOMERANG_*` environment variables, then `.env`, then `boomerang.toml`. Nested settings use a
double underscore: `BOOMERANG_SHOPS__US__CLIENT_SECRET`. Secrets belong in the environment or `.env`, never in the file:
a secret in `boomerang.toml` is refused.
"""

import os
import tomllib
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipelines.destination_settings import Webhook
from pipelines.erp_settings import Erp
from pipelines.failures import ConfigurationError
from pipelines.run_settings import Alerts, Delivery, Extraction, Privacy
from pipelines.shop_settings import MerchantMetafield, Shop, ShopName
from pipelines.threepl_settings import ThreePL
from pipelines.warehouse_settings import BigQuery, Snowflake

__all__ = [
    "Alerts",
    "Delivery",
    "Extraction",
    "MerchantMetafield",
    "Privacy",
    "Settings",
    "Shop",
    "config_file",
    "load_settings",
]

CONFIG_FILE_VARIABLE = "BOOMERANG_CONFIG"
SECRET_FIELDS = (
    "client_secret", "access_token", "password", "private_key", "private_key_passphrase", "webhook_url",
    "consumer_key", "consumer_secret", "token_id", "token_secret", "url", "suppression_key",
    "secret", "old_secret",
)  # fmt: skip
# Sections of which there are several, each under a name that is unique over all of them: it stands in the ledger.
CONNECTIONS = ("shops", "erp", "threepl")
# A destination's address is no secret, as that of a database with its password is; its keys are.
SECRETS_OF_DESTINATIONS = ("secret", "old_secret")


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
    erp: dict[ShopName, Erp] = {}
    threepl: dict[ShopName, ThreePL] = {}
    destinations: dict[ShopName, Webhook] = {}
    metafields: list[MerchantMetafield] = []
    extraction: Extraction = Extraction()
    delivery: Delivery = Delivery()
    alerts: Alerts = Alerts()
    privacy: Privacy = Privacy()

    @field_validator(*CONNECTIONS, "destinations", mode="before")
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
    def _names_are_unique(self) -> "Settings":
        for one, other in combinations(CONNECTIONS, 2):
            for name in set(getattr(self, one)) & set(getattr(self, other)):
                raise ValueError(
                    f"Settings {one}.{name} and {other}.{name} have the same name, under which the ledger would mix "
                    f"them: rename one of them in {config_file()}."
                )
        return self

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
    def _systems_behind_the_shops_can_be_reached(self) -> "Settings":
        systems = [("erp", name, erp.missing()) for name, erp in self.erp.items()]
        systems += [("threepl", name, partner.missing()) for name, partner in self.threepl.items()]
        systems += [("destinations", name, one.missing()) for name, one in self.destinations.items()]
        for kind, name, missing in systems:
            if missing is not None:
                where = "" if missing in SECRET_FIELDS else f"add it to {config_file()}, or "
                variable = f"BOOMERANG_{kind}__{name}__{missing}".upper()
                raise ValueError(
                    f"Setting {kind}.{name}.{missing} is missing: {where}set {variable} in the environment or in .env."
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

    def destination(self, name: str) -> Webhook:
        """The destination beside Shopify with this settings key, or a ConfigurationError that lists the known ones."""
        if name not in self.destinations:
            known = ", ".join(["shopify", *sorted(self.destinations)])
            raise ConfigurationError(
                f"Destination '{name}' is not configured; known destinations: {known}. Add a section "
                f"[destinations.{name}] to {config_file()}, or correct the sync file."
            )
        return self.destinations[name]

    def erp_named(self, name: str) -> Erp:
        """The ERP with this settings key, or a ConfigurationError that lists the known ones."""
        if name not in self.erp:
            known = ", ".join(sorted(self.erp)) or "none"
            raise ConfigurationError(f"ERP '{name}' is not configured; known ERPs: {known}.")
        return self.erp[name]

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
    sections = {
        f"{kind}.{name}": section
        for kind in CONNECTIONS
        if isinstance(content.get(kind), dict)
        for name, section in content[kind].items()
    }
    sections.update((name, content.get(name)) for name in ("snowflake", "alerts", "privacy"))
    destinations = content.get("destinations")
    for name, section in destinations.items() if isinstance(destinations, dict) else ():
        sections[f"destinations.{name}"] = {one: section[one] for one in SECRETS_OF_DESTINATIONS if one in section}
    for where, section in sections.items():
        for field in SECRET_FIELDS:
            if isinstance(section, dict) and field in section:
                variable = f"BOOMERANG_{where}__{field}".replace(".", "__").upper()
                raise ConfigurationError(
                    f"Settings file {path} holds the secret {where}.{field}; move it to the environment variable "
                    f"{variable} or to .env."
                )


def _sentence(error: ValidationError, path: Path) -> str:
    first = error.errors()[0]
    place = list(first["loc"])
    if place[:1] and place[0] in CONNECTIONS[1:]:
        del place[2:3]  # the kind of system, by which pydantic names the alternative that it tried
    where = ".".join(str(part) for part in place)
    variable = "BOOMERANG_" + "__".join(str(part).upper() for part in place)
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
