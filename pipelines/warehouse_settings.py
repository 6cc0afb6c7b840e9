"""Settings of the warehouses that are reached over a network; `config.py` reads them.

Nothing here is needed for DuckDB. A key and its passphrase come from the environment or `.env` only.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

SchemaPrefix = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,40})?$")]
# Names that are written into SQL as they are; quoted ones would not be found again by dbt, which folds their case.
PlainName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_$]{0,254}$")]
CloudFolder = Annotated[str, Field(pattern=r"^(s3|gs|az|abfss)://.+")]


class _Warehouse(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def missing(self) -> str | None:
        """Name of the first setting without which this warehouse cannot be reached; None when all are there."""
        raise NotImplementedError


class Snowflake(_Warehouse):
    """One database of one account, reached with a key pair.

    `host`, `port` and `protocol` are for a private endpoint or a proxy in front of the account. `landing_url` is a
    folder of a cloud store that `stage` (an external stage) reads; without it files are put to the tables' own stages,
    or to `stage` when it is named.
    """

    account: str | None = None
    user: str | None = None
    role: PlainName | None = None
    warehouse: PlainName | None = None
    database: PlainName | None = None
    private_key_path: Path | None = None
    private_key: SecretStr | None = Field(default=None, description="PEM text, or its base64 body on one line")
    private_key_passphrase: SecretStr | None = None
    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    protocol: Literal["https", "http"] = "https"
    query_tag: str = "boomerang"
    stage: str | None = None
    landing_url: CloudFolder | None = None
    schema_prefix: SchemaPrefix = ""
    statement_timeout_seconds: int | None = Field(default=None, ge=1, description="longer statements are cancelled")
    login_timeout_seconds: int = Field(default=60, ge=1)
    network_timeout_seconds: int = Field(default=300, ge=1, description="how long one request is tried again")

    @model_validator(mode="after")
    def _a_cloud_folder_has_a_stage(self) -> Self:
        if self.landing_url is not None and self.stage is None:
            raise ValueError("names a landing_url but no stage that reads it: set BOOMERANG_SNOWFLAKE__STAGE")
        return self

    def missing(self) -> str | None:
        """Account, user, warehouse, database and one key are needed; the role may be the user's default."""
        for name in ("account", "user", "warehouse", "database"):
            if not getattr(self, name):
                return name
        return None if self.private_key_path or self.private_key else "private_key_path"


class BigQuery(_Warehouse):
    """One project; datasets are made in `location`, which cannot be changed later.

    Without `credentials_path` (a service account's key file) the application default credentials are used: workload
    identity on Google's own machines, federation, or what `gcloud auth application-default login` left.
    """

    project: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.:-]{1,80}$")] | None = None
    location: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    credentials_path: Path | None = None
    api_endpoint: Annotated[str, Field(pattern=r"^https?://")] | None = None
    maximum_bytes_billed: int | None = Field(default=None, ge=1, description="a query that would read more is refused")
    job_timeout_seconds: int | None = Field(default=None, ge=1, description="longer jobs are cancelled")
    network_timeout_seconds: int = Field(default=120, ge=1, description="how long one request is tried again")
    landing_url: CloudFolder | None = None
    schema_prefix: SchemaPrefix = ""

    def missing(self) -> str | None:
        """Project and location are needed; credentials may be those of the machine."""
        return next((name for name in ("project", "location") if not getattr(self, name)), None)
