"""What each engine has to offer the platform besides sessions: where files land before they are committed."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from pipelines.failures import BoomerangError
from pipelines.warehouse.session import Session

RAW_SCHEMAS = ("raw_shopify", "raw_erp", "raw_threepl")
OPS_SCHEMA = "ops"
SCORES_SCHEMA = "scores"
# Made when a warehouse is first opened; the schemas of models are dbt's to make.
PLATFORM_SCHEMAS = (*RAW_SCHEMAS, OPS_SCHEMA, SCORES_SCHEMA)


class Engine(ABC):
    """One of the three kinds of warehouse, as `Warehouse` uses it."""

    name: str
    # How often small transactions may come; a warehouse in the cloud takes seconds for one, and counts them.
    seconds_between_writes = 2.0
    # Files that dlt brings in side by side. One where a load works in this process, so that memory does not add up.
    landing_workers: int = 8

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

    def forget_deleted(self, checkpoint: Callable[[str], None]) -> bool:
        """Drop what was deleted from wherever it can still be read, as far as we can; whether anything was done."""
        return False

    def landing_staging(self) -> Any:
        """Where files pass through on their way to the landing, as dlt's destination; None when nowhere."""
        return None

    def prepare_landing(self, source: str) -> None:
        """Make the place where files of a source land, unless dlt may make it as it likes."""
        return

    def landing_failure(self, error: BaseException) -> BoomerangError | None:
        """What a failed landing means on this engine, in a sentence; None when the error says it itself."""
        return None


E = TypeVar("E", bound=BaseException)


def cause_of(error: BaseException, kind: type[E]) -> E | None:
    """The error of a kind that led to another one, also where a library only keeps it as an attribute."""
    seen: list[BaseException] = [error]
    for one in seen:
        if isinstance(one, kind):
            return one
        kept = (getattr(one, name, None) for name in ("client_exception", "dbapi_exception"))
        for next_one in (one.__cause__, one.__context__, *kept):
            if isinstance(next_one, BaseException) and next_one not in seen:
                seen.append(next_one)
    return None
