"""What the platform may ask of a warehouse, whichever it is.

Statements are written once, in DuckDB's SQL, restricted to what every engine can do:

- `?` placeholders; a list is handed over as `x in (select unnest(?))`;
- names are lower-case, and come back lower-case; tables are `schema.name`, temporary ones have no schema;
- `timestamptz` is an instant and comes back aware, in UTC; `timestamp` is a reading of a clock and comes back naive;
- no `create`, `drop` or `alter` inside `transaction()`: Snowflake would commit what was written so far;
- rows of more than a handful come through `append`, never as single inserts: BigQuery limits those.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa

BATCH_ROWS = 50_000


class Session(ABC):
    """A connection in use; made by `Warehouse.session`, and of no use after it. Not for two threads at a time."""

    engine: str

    @abstractmethod
    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement and ignore its result."""

    @abstractmethod
    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows as tuples; for small results."""

    @abstractmethod
    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows as dicts; for small results."""

    @abstractmethod
    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The whole result as an Arrow table."""

    @abstractmethod
    def batches(self, sql: str, params: Sequence[Any] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result as a stream of Arrow batches of at most `rows` rows."""

    @abstractmethod
    def append(self, table: str, data: pa.Table) -> None:
        """Append an Arrow table to an existing table (`schema.name` or a temporary one), matching columns by name.

        Inside `transaction()` it belongs to the transaction. Columns that the table has and the data lacks are null.
        """

    @abstractmethod
    def columns(self, schema: str) -> dict[str, list[str]]:
        """Columns of each table and view of a schema, in their order; {} when there are none or no such schema."""

    @abstractmethod
    def exists(self, table: str) -> bool:
        """Whether `schema.name` is a table or view."""

    def create(self, table: str, columns: str, sorted_by: Sequence[str] = ()) -> None:
        """Create a table where it is missing. `columns` are their names and types, as SQL.

        `sorted_by` names up to four columns that tell a large table's rows apart when some are read or changed: where
        bytes read are what a query costs, rows lie in their order. It says nothing about the order of results.
        """
        self.execute(f"create table if not exists {table} ({columns})")

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All statements inside become visible together, or not at all. Not to be nested."""
