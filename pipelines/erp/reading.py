"""What the extraction asks of an ERP, however it is reached."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pipelines.contracts.odcs import Table
from pipelines.erp.queries import ErpQuery
from pipelines.failures import SourceError

Result = TypeVar("Result")


class CapReached(SourceError):
    """The ERP gives fewer rows of a query than it counts: a cap of its own."""


class RateLimited(SourceError):
    """The ERP kept refusing requests for their rate or number."""


@dataclass(frozen=True)
class Span:
    """What is read of an entity: changes from `start` (None: from the beginning) up to `end`; instants in UTC."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True)
class Asked:
    """An entity to read: its tables with their queries, the parent first, all of one moment.

    `since` is where history begins: what was changed last before it is never read (None: everything is).
    """

    entity: str
    tables: tuple[tuple[Table, ErpQuery], ...]
    span: Span
    since: datetime | None = None


@dataclass(frozen=True)
class Delivered:
    """Parquet files of texts by table, and how many rows the ERP itself counted over all of them.

    `there` is how many rows the parent's table has in all, whatever the window: fewer than the warehouse has of it are
    a trace of deletions. `settled` of them were last changed before the window's end, and must be in the warehouse once
    it is loaded: more than the warehouse has came late, below a cursor that had passed. None when the window is all.
    """

    files: Mapping[str, Path]
    expected: int
    there: int | None = None
    settled: int | None = None


class Reader(Protocol):
    """One ERP, reached in some way."""

    async def now(self) -> datetime:
        """What the ERP's clock says, in UTC; raises a SourceError when the ERP cannot be reached."""

    async def read(self, asked: Asked, folder: Path, advance: Callable[[int], None]) -> Delivered:
        """Read an entity whole, as of one moment, into `folder`; `advance` is told how many rows arrived.

        Raises a SourceError when it cannot be read, or not completely.
        """

    async def close(self) -> None:
        """Close all connections."""


async def side_by_side(work: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Results of all, which run at the same time; the first failure ends the others and is raised as it is."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
