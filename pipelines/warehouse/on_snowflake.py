"""Snowflake, reached with a key pair through its own client."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.warehouse import snowflake_failures
from pipelines.warehouse.engine import OPS_SCHEMA, PLATFORM_SCHEMAS, Engine, cause_of
from pipelines.warehouse.pool import Pool
from pipelines.warehouse.session import Session
from pipelines.warehouse.snowflake_key import key_bytes
from pipelines.warehouse.snowflake_session import SnowflakeSession

if TYPE_CHECKING:
    from snowflake.connector import SnowflakeConnection


def _close(connection: "SnowflakeConnection") -> None:
    from snowflake.connector.errors import Error

    with suppress(Error, OSError):
        connection.close()


_POOL: "Pool[SnowflakeConnection]" = Pool(_close)


class OnSnowflake(Engine):
    """A database of an account; the platform's schemas are made when it is first opened."""

    name = "snowflake"
    # A transaction of a handful of statements takes seconds, and keeps a virtual warehouse awake.
    seconds_between_writes = 15.0

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._prefix = settings.snowflake.schema_prefix

    @contextmanager
    def session(self, memory_limit: str | None) -> Iterator[Session]:
        """A connection that no other session uses meanwhile; it is kept open for the next one."""
        with self._session() as session:
            yield session

    @contextmanager
    def _session(self) -> Iterator[SnowflakeSession]:
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

    def landing_dataset(self, source: str) -> str:
        """A schema of its own."""
        return f"{self._prefix}landing_{source}"

    def landing_destination(self) -> Any:
        """Files are put to a stage and copied into tables of that schema."""
        from pipelines.warehouse import landing_on_snowflake

        return landing_on_snowflake.destination(self._settings.snowflake)

    def landing_staging(self) -> Any:
        """The folder that the external stage reads, when there is one."""
        from pipelines.warehouse import landing_in_cloud

        url = self._settings.snowflake.landing_url
        return None if url is None else landing_in_cloud.staging(url)

    def prepare_landing(self, source: str) -> None:
        """Make the schema: transient, so that rows which landed are gone with it and are not kept for days."""
        schema = f"{self._prefix}landing_{source}".upper()
        with self._session() as session:
            session.run(f'create transient schema if not exists "{schema}" data_retention_time_in_days = 0')

    def landing_failure(self, error: BaseException) -> BoomerangError | None:
        """What Snowflake said, or the folder in front of it."""
        from snowflake.connector.errors import Error

        from pipelines.warehouse import landing_in_cloud

        found = cause_of(error, Error)
        if found is not None:
            return snowflake_failures.running(found, self._settings, "land files")
        url, refusal = self._settings.snowflake.landing_url, cause_of(error, OSError)
        return None if url is None or refusal is None else landing_in_cloud.refused(url, refusal)

    def landed(self, source: str, table: str, load_id: str) -> str:
        """The landing's table, which holds that load alone: what was there before is forgotten first."""
        return f"landing_{source}.{table}"

    def forget_landed(self, source: str) -> None:
        """Drop the landing's schema."""
        with self.session(None) as session:
            session.execute(f"drop schema if exists landing_{source} cascade")
        if (url := self._settings.snowflake.landing_url) is not None:
            from pipelines.warehouse import landing_in_cloud

            landing_in_cloud.forget(url, self.landing_dataset(source))

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
