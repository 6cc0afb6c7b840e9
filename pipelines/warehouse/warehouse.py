"""The warehouse of the settings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from pipelines.config import Settings
from pipelines.failures import BoomerangError, ConfigurationError
from pipelines.warehouse.engine import Engine
from pipelines.warehouse.on_duckdb import LOCK_PATIENCE_SECONDS, OnDuckDB
from pipelines.warehouse.session import Session


class Warehouse:
    """Where all tables live. Cheap to make: nothing is opened before `session`."""

    def __init__(self, settings: Settings, *, lock_patience_seconds: float = LOCK_PATIENCE_SECONDS) -> None:
        """Choose the engine; raises ConfigurationError when its client is missing."""
        self._engine = _engine(settings, lock_patience_seconds)

    @property
    def engine(self) -> str:
        """'duckdb', 'snowflake' or 'bigquery'."""
        return self._engine.name

    @property
    def seconds_between_writes(self) -> float:
        """How often the engine is to be asked for small transactions, such as those of a ledger."""
        return self._engine.seconds_between_writes

    @contextmanager
    def session(self, *, memory_limit: str | None = None) -> Iterator[Session]:
        """Open the warehouse, and close it at exit. All instants are UTC; `memory_limit` is DuckDB's, such as '512MB'.

        Raises WarehouseLocked when another process keeps the file longer than the patience, WarehouseError when the
        warehouse cannot be reached or refuses who asks.
        """
        with self._engine.session(memory_limit) as session:
            yield session

    def forget_deleted(self, checkpoint: Callable[[str], None] = lambda point: None) -> bool:
        """Leave no byte of deleted rows behind where that is ours to do; False where the account decides.

        No session may be open. DuckDB's file is copied and the copy takes its place; raises WarehouseLocked when
        somebody else has it open. Snowflake and BigQuery keep deleted rows for as long as the account says (time
        travel, fail-safe). `checkpoint` is for tests.
        """
        return self._engine.forget_deleted(checkpoint)

    def landing_dataset(self, source: str) -> str:
        """Dataset name, as dlt is to be given it, under which files of a source such as 'shopify_us' land."""
        return self._engine.landing_dataset(source)

    def landing_destination(self) -> Any:  # dlt's factories have no common public type
        """The destination to which dlt brings files that are then committed from."""
        return self._engine.landing_destination()

    def landing_staging(self) -> Any:
        """Where files pass through on their way to the landing, as dlt's destination; None when nowhere."""
        return self._engine.landing_staging()

    @property
    def landing_workers(self) -> int:
        """How many files dlt may bring in side by side."""
        return self._engine.landing_workers

    def prepare_landing(self, source: str) -> None:
        """Make the place where files of a source land; what landed there before is gone."""
        self._engine.forget_landed(source)
        self._engine.prepare_landing(source)

    def landing_failure(self, error: BaseException) -> BoomerangError | None:
        """What a failed landing means on this engine, in a sentence; None when the error says it itself."""
        return self._engine.landing_failure(error)

    def landed(self, source: str, table: str, load_id: str) -> str:
        """SQL, to be written after `from`, of the rows of a table that one load of dlt brought to the landing."""
        return self._engine.landed(source, table, load_id)

    def forget_landed(self, source: str) -> None:
        """Remove what landed for a source; nothing happens when there is nothing."""
        self._engine.forget_landed(source)


def _engine(settings: Settings, lock_patience_seconds: float) -> Engine:
    if settings.warehouse == "duckdb":
        return OnDuckDB(settings, lock_patience_seconds)
    if settings.warehouse == "snowflake":
        from pipelines.warehouse.on_snowflake import OnSnowflake  # what others use is not imported

        return OnSnowflake(settings)
    if find_spec("google.cloud.bigquery") is None:
        raise ConfigurationError(
            "BigQuery's client is not installed here; install it with `pip install 'boomerang[bigquery]'`."
        )
    from pipelines.warehouse.on_bigquery import OnBigQuery

    return OnBigQuery(settings)
