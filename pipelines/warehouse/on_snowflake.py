"""Snowflake, reached with a key pair through its own client."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.warehouse import snowflake_failures
from pipelines.warehouse.cloud_engine import CloudEngine
from pipelines.warehouse.engine import OPS_SCHEMA, PLATFORM_SCHEMAS, cause_of
from pipelines.warehouse.pool import Pool
from pipelines.warehouse.snowflake_key import key_bytes
from pipelines.warehouse.snowflake_session import SnowflakeSession

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def _close(connection: "SnowflakeConnection") -> None:
    from snowflake.connector.errors import Error

    with suppress(Error, OSError):
        connection.close()


_POOL: "Pool[SnowflakeConnection]" = Pool(_close)


class OnSnowflake(CloudEngine):
    """A database of an account; the platform's schemas are made when it is first opened."""

    name = "snowflake"
    # A transaction of a handful of statements takes seconds, and keeps a virtual warehouse awake.
    seconds_between_writes = 15.0

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        super().__init__(settings, settings.snowflake)

    @contextmanager
    def session(self, memory_limit: str | None = None) -> Iterator[SnowflakeSession]:
        """A connection that no other session uses meanwhile; it is kept open for the next one."""
        key = self._settings.snowflake.model_dump_json()
        connection = _POOL.take(key) or self._open()
        session = SnowflakeSession(connection, self._settings)
        try:
            yield session
            session.clean()
        except BaseException:
            # Whatever it was in the middle of ends with it.
            _close(connection)
            raise
        if session.broken:
            _close(connection)
        else:
            _POOL.give(key, connection)

    def landing_destination(self) -> Any:
        """Files are put to a stage and copied into tables of that schema."""
        from pipelines.warehouse import landing_on_snowflake

        return landing_on_snowflake.destination(self._settings.snowflake)

    def prepare_landing(self, source: str) -> None:
        """Make the schema: transient, so that rows which landed are gone with it and are not kept for days."""
        schema = self.landing_dataset(source).upper()
        with self.session() as session:
            session.run(f'create transient schema if not exists "{schema}" data_retention_time_in_days = 0')

    def _said(self, error: BaseException) -> BoomerangError | None:
        from snowflake.connector.errors import Error

        found = cause_of(error, Error)
        return None if found is None else snowflake_failures.running(found, self._settings, "land files")

    def _open(self) -> "SnowflakeConnection":
        with warnings.catch_warnings():
            # The client's copy of requests warns about versions of packages it does not use.
            warnings.simplefilter("ignore")
            import snowflake.connector
        from snowflake.connector.errors import Error

        it = self._settings.snowflake
        session_parameters: dict[str, Any] = {
            "TIMEZONE": "UTC",
            "QUERY_TAG": it.query_tag,
            # What a bare `timestamp` is; an account may have set it otherwise.
            "TIMESTAMP_TYPE_MAPPING": "TIMESTAMP_NTZ",
            # How days and clocks are cast to text, likewise: as the other engines do.
            "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
            "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF6",
        }
        if it.statement_timeout_seconds is not None:
            session_parameters["STATEMENT_TIMEOUT_IN_SECONDS"] = it.statement_timeout_seconds
        address = {name: getattr(it, name) for name in ("host", "port") if getattr(it, name) is not None}
        try:
            connection = snowflake.connector.connect(
                account=it.account,
                user=it.user,
                authenticator="SNOWFLAKE_JWT",
                private_key=key_bytes(it),
                role=it.role,
                warehouse=it.warehouse,
                database=it.database,
                protocol=it.protocol,
                **address,
                paramstyle="qmark",
                session_parameters=session_parameters,
                login_timeout=it.login_timeout_seconds,
                network_timeout=it.network_timeout_seconds,
                arrow_number_to_decimal=True,
                # It would ask the metadata services of three clouds where it runs, to tell Snowflake.
                platform_detection_timeout_seconds=0,
            )
        except Error as error:
            raise snowflake_failures.connecting(error, self._settings) from error
        try:
            self._prepare(connection)
        except BaseException:
            _close(connection)
            raise
        return connection

    def _prepare(self, connection: "SnowflakeConnection") -> None:
        """Choose warehouse and database, make the schemas, and stand in one of them: temporary tables need a schema."""
        from snowflake.connector.errors import Error

        it = self._settings.snowflake
        with connection.cursor() as cursor:
            for what in ("warehouse", "database"):
                # A login with a wrong one succeeds, and leaves the session without.
                try:
                    cursor.execute(f'use {what} "{getattr(it, what).upper()}"')
                except Error as error:
                    raise snowflake_failures.choosing(error, self._settings, what) from error
            wanted = [(self._prefix + schema).upper() for schema in PLATFORM_SCHEMAS]
            try:
                cursor.execute("select schema_name from information_schema.schemata")
                there = {name for (name,) in cursor.fetchall()}
                for schema in wanted:
                    if schema not in there:
                        cursor.execute(f'create schema if not exists "{schema}"')
                cursor.execute(f'use schema "{(self._prefix + OPS_SCHEMA).upper()}"')
            except Error as error:
                raise snowflake_failures.running(error, self._settings, "create schema if not exists ops") from error
