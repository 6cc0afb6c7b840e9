"""What each engine has to offer the platform besides sessions: where files land before they are committed."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any

from pipelines.warehouse.session import Session

RAW_SCHEMAS = ("raw_shopify",)
OPS_SCHEMA = "ops"
SCORES_SCHEMA = "scores"
# Made when a warehouse is first opened; the schemas of models are dbt's to make.
PLATFORM_SCHEMAS = (*RAW_SCHEMAS, OPS_SCHEMA, SCORES_SCHEMA)


class Engine(ABC):
    """One of the three kinds of warehouse, as `Warehouse` uses it."""

    name: str
    # How often small transactions may come; a warehouse in the cloud takes seconds for one, and counts them.
    seconds_between_writes = 2.0

    @abstractmethod
    def session(self, memory_limit: str | None) -> AbstractContextManager[Session]:
        """A connection for the time of a `with`; `memory_limit` is for an engine that runs in this process."""

    @abstractmethod
    def landing_dataset(self, source: str) -> str:
        """Dataset name, as dlt is to be given it, under which files of a source such as 'shopify_us' land."""

    @abstractmethod
    def landing_destination(self) -> Any:  # dlt's factories have no common public type
        """The destination to which dlt brings files that are then committed from."""

    @abstractmethod
    def landed(self, source: str, table: str, load_id: str) -> str:
        """SQL, to be written after `from`, of the rows of a table that one load of dlt brought to the landing."""

    @abstractmethod
    def forget_landed(self, source: str) -> None:
        """Remove what landed for a source; nothing happens when there is nothing."""
