"""Settings of the shops; `config.py` reads them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

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
