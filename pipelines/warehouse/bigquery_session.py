"""A session on BigQuery: the platform's SQL translated, one job a statement.

Transactions and temporary tables belong to a session of BigQuery's own, which is begun when the first of them comes
and ended with the process. Load jobs take no part in transactions: inside one, and for small tables, rows travel with
an `insert`.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.config import Settings
from pipelines.failures import BoomerangError, WarehouseError
from pipelines.warehouse import bigquery_failures, dialect
from pipelines.warehouse.arrow_types import storable
from pipelines.warehouse.bigquery_values import MOST_DIGITS, arranged, insertion, parameter, plain, texts
from pipelines.warehouse.session import BATCH_ROWS, Session

if TYPE_CHECKING:  # the client takes two seconds to import, which only those who use it shall wait
    from google.cloud.bigquery import Client, SchemaField
    from google.cloud.bigquery.table import RowIterator

# A load job takes some seconds, however small its file.
LOAD_FROM_ROWS = 2_000
END_PATIENCE_SECONDS = 10.0


@dataclass
class Connection:
    """A client, and the id of the session of BigQuery's that was begun with it."""

    client: "Client"
    session_id: str | None = None


class BigQuerySession(Session):
    """A connection of its own. Temporary tables are dropped when the session ends."""

    engine = "bigquery"

    def __init__(self, connection: Connection, settings: Settings) -> None:
        """Wrap a client; no job is run yet."""
        self._connection = connection
        self._settings = settings
        self._prefix = settings.bigquery.schema_prefix
        self._in_transaction = False
        self._temporary: set[str] = set()
        self._fields: dict[str, list[SchemaField]] = {}

    @property
    def client(self) -> "Client":
        """The client itself, for what no other engine has."""
        return self._connection.client

    def execute(self, sql: str, params: Sequence[Any] = ()) -> None:
        """Run a statement and ignore its result."""
        self._run(sql, params)

    def rows(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows as tuples."""
        return [row.values() for row in self._run(sql, params)]

    def dicts(self, sql: str, params: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """All rows as dicts."""
        found = self._run(sql, params)
        names = [field.name.lower() for field in found.schema]
        return [dict(zip(names, row.values(), strict=True)) for row in found]

    def arrow(self, sql: str, params: Sequence[Any] = ()) -> pa.Table:
        """The whole result as an Arrow table."""
        return plain(self._run(sql, params).to_arrow(create_bqstorage_client=False))

    def batches(self, sql: str, params: Sequence[Any] = (), rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
        """The result as a stream: pages are fetched as they are asked for."""
        for page in self._run(sql, params).to_arrow_iterable():
            yield from plain(pa.Table.from_batches([page])).to_batches(max_chunksize=rows)

    def append(self, table: str, data: pa.Table) -> None:
        """Load a Parquet file, or insert the rows where a load job may not be or does not pay."""
        if not data.num_rows:
            return
        fields = self._fields_of(table)
        names = {field.name for field in fields}
        if unknown := [name for name in data.column_names if name not in names]:
            raise WarehouseError(f"Table {table} has no column {unknown[0]}; nothing was written.")
        try:
            rows = arranged(storable(data, table, "BigQuery", MOST_DIGITS), fields)
        except pa.ArrowInvalid as error:
            raise bigquery_failures.running(error, self._settings, f"append to {table}") from error
        if self._in_transaction or "." not in table or data.num_rows < LOAD_FROM_ROWS:
            sent = [field for field in fields if field.name in data.column_names]
            statement = insertion(self._native(table), sent)
            for text in texts(rows.select([field.name for field in sent])):
                self._send(statement, [text])
        else:
            self._load(table, rows, fields)

    def create(self, table: str, columns: str, sorted_by: Sequence[str] = ()) -> None:
        """Create a table, clustered by the columns to sort by."""
        clustered = f"\ncluster by {', '.join(f'`{column}`' for column in sorted_by)}" if sorted_by else ""
        self._run(f"create table if not exists {table} ({columns})", (), clustered)

    def columns(self, schema: str) -> dict[str, list[str]]:
        """Columns of each table and view of a dataset, in their order."""
        from google.api_core.exceptions import NotFound

        dataset = f"`{self._connection.client.project}`.`{self._prefix}{schema}`"
        sql = f"select table_name, column_name from {dataset}.INFORMATION_SCHEMA.COLUMNS order by 1, ordinal_position"
        found: dict[str, list[str]] = {}
        try:
            for table, column in (row.values() for row in self._job(sql, [])):
                found.setdefault(table, []).append(column)
        except NotFound:
            return {}
        return found

    def exists(self, table: str) -> bool:
        """Whether `schema.name` is a table or view: asked of the service, not in a job."""
        return self._described(table) is not None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction over several statements, within BigQuery's session."""
        self._begin()
        self._send("begin transaction", [])
        self._in_transaction = True
        try:
            yield
        except BaseException:
            self._in_transaction = False
            self._roll_back()
            raise
        self._in_transaction = False
        self._send("commit transaction", [])

    def clean(self) -> None:
        """Leave the connection as the next session expects it."""
        for table in sorted(self._temporary):
            self._send(f"drop table if exists `{table}`", [])
        self._temporary.clear()

    def _roll_back(self) -> None:
        try:
            self._send("rollback transaction", [])
        except BoomerangError:
            # BigQuery has rolled back by itself, or is out of reach: what the session holds ends with it.
            end_session(self._connection)

    def _begin(self) -> None:
        """Begin BigQuery's session; its id goes with every later statement."""
        if self._connection.session_id is None:
            from google.cloud.bigquery import QueryJobConfig

            try:
                job = self._connection.client.query("select 1", job_config=QueryJobConfig(create_session=True))
                job.result()
            except errors() as error:
                raise bigquery_failures.running(error, self._settings, "begin a session") from error
            self._connection.session_id = job.session_info.session_id if job.session_info else None

    def _run(self, sql: str, params: Sequence[Any], native: str = "") -> "RowIterator":
        """The result of a statement; `native` is BigQuery's own SQL, to stand behind it."""
        statement = dialect.statement(sql, params, "bigquery", self._prefix)
        if statement.definition:
            if self._in_transaction:
                raise RuntimeError(f"Inside a transaction there is no room for: {sql}")
            self._fields.clear()
        if statement.temporary is not None:
            self._begin()
            self._temporary.add(statement.temporary)
        text, values = statement.bound(params)
        return self._send(text + native, values)

    def _send(self, text: str, values: Sequence[Any]) -> "RowIterator":
        try:
            return self._job(text, values)
        except errors() as error:
            raise bigquery_failures.running(error, self._settings, text) from error

    def _job(self, text: str, values: Sequence[Any]) -> "RowIterator":
        from google.cloud.bigquery import ConnectionProperty, QueryJobConfig
        from google.cloud.bigquery.retry import DEFAULT_RETRY

        it, session = self._settings.bigquery, self._connection.session_id
        config = QueryJobConfig(
            query_parameters=[parameter(value) for value in values],
            connection_properties=[ConnectionProperty("session_id", session)] if session else [],
            labels={"application": "boomerang"},
        )
        if it.maximum_bytes_billed is not None:
            config.maximum_bytes_billed = it.maximum_bytes_billed
        if it.job_timeout_seconds is not None:
            config.job_timeout_ms = it.job_timeout_seconds * 1000
        retry = DEFAULT_RETRY.with_timeout(it.network_timeout_seconds)
        # A job that failed in a transaction has ended it: running that job again would write outside of it.
        again: dict[str, Any] = {"job_retry": None} if self._in_transaction else {}
        job = self._connection.client.query(text, job_config=config, retry=retry, **again)
        return job.result(retry=retry, **again)

    def _load(self, table: str, rows: pa.Table, fields: "list[SchemaField]") -> None:
        from google.cloud.bigquery import LoadJobConfig, SourceFormat, WriteDisposition

        file = io.BytesIO()
        pq.write_table(rows, file)
        file.seek(0)
        config = LoadJobConfig(
            source_format=SourceFormat.PARQUET, write_disposition=WriteDisposition.WRITE_APPEND, schema=fields
        )
        client = self._connection.client
        try:
            client.load_table_from_file(file, self._reference(table), job_config=config).result()
        except errors() as error:
            raise bigquery_failures.running(error, self._settings, f"load into {table}") from error

    def _fields_of(self, table: str) -> "list[SchemaField]":
        if table not in self._fields:
            if "." in table:
                described = self._described(table)
                if described is None:
                    raise WarehouseError(f"BigQuery finds no table {self._reference(table)}; nothing was written.")
                self._fields[table] = described
            else:
                self._fields[table] = list(self._send(f"select * from `{table}` where false", []).schema)
        return self._fields[table]

    def _described(self, table: str) -> "list[SchemaField] | None":
        from google.api_core.exceptions import NotFound

        try:
            return list(self._connection.client.get_table(self._reference(table)).schema)
        except NotFound:
            return None
        except errors() as error:
            raise bigquery_failures.running(error, self._settings, f"describe {table}") from error

    def _reference(self, table: str) -> str:
        schema, name = table.split(".")
        return f"{self._connection.client.project}.{self._prefix}{schema}.{name}"

    def _native(self, table: str) -> str:
        schema, _, name = table.rpartition(".")
        return f"`{self._prefix}{schema}`.`{name}`" if schema else f"`{name}`"


def end_session(connection: Connection) -> None:
    """End BigQuery's session, and with it what it holds; nothing happens when there is none or it cannot be reached.

    Asked once: the client would try for ten minutes to reach a service that is gone, while the process wants to end.
    """
    if connection.session_id is None:
        return
    from google.cloud.bigquery import ConnectionProperty, QueryJobConfig

    properties = [ConnectionProperty("session_id", connection.session_id)]
    connection.session_id = None
    with suppress(*errors()):
        config = QueryJobConfig(connection_properties=properties)
        job = connection.client.query(
            "call bq.abort_session()",
            job_config=config,
            retry=None,  # type: ignore[arg-type]  # its annotation forgets what its documentation allows
            job_retry=None,
            timeout=END_PATIENCE_SECONDS,
        )
        job.result(retry=None, job_retry=None, timeout=END_PATIENCE_SECONDS)


def errors() -> tuple[type[Exception], ...]:
    """What Google's client raises when BigQuery refuses or cannot be reached."""
    from google.api_core.exceptions import GoogleAPIError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    return (GoogleAPIError, GoogleAuthError, RequestException)
