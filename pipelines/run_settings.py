"""Settings of how runs read, write and tell; `config.py` reads them."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


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

    bulk_threshold: int | None = Field(
        default=None,
        ge=1,
        description="changed records above which bulk mutations are used; by what both ways cost where it is left out",
    )
    max_in_flight: int = Field(default=64, ge=1, le=500)
    keep_days: int = Field(default=90, ge=7, description="days that rows of plans and their outcomes are kept")


class Alerts(_Section):
    """Who is told about failed runs."""

    webhook_url: SecretStr | None = Field(default=None, description="gets a POST with a JSON object, key `text`")
    ui_url: str | None = Field(default=None, description="where people open the UI, for links")


class Privacy(_Section):
    """How redacted persons are kept away."""

    suppression_key: SecretStr | None = Field(
        default=None, min_length=16, description="of the list of redacted persons; a file of the data folder without it"
    )
