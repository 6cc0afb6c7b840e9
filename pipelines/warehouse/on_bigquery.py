"""BigQuery, reached with a service account's key or with the identity of the machine."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.warehouse import bigquery_failures
from pipelines.warehouse.bigquery_session import BigQuerySession, Connection, end_session, errors
from pipelines.warehouse.engine import PLATFORM_SCHEMAS, Engine
from pipelines.warehouse.pool import Pool
from pipelines.warehouse.session import Session

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.bigquery import Client

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def _close(connection: Connection) -> None:
    end_session(connection)
    connection.client.close()  # type: ignore[no-untyped-call]


_POOL: Pool[Connection] = Pool(_close)
# Projects whose datasets this process has seen.
_PREPARED: set[Hashable] = set()


class OnBigQuery(Engine):
    """Datasets of a project; the platform's are made when it is first opened."""

    name = "bigquery"

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._prefix = settings.bigquery.schema_prefix

    @contextmanager
    def session(self, memory_limit: str | None) -> Iterator[Session]:
        """A client that no other session uses meanwhile; it is kept for the next one."""
        key = self._settings.bigquery.model_dump_json()
        connection = _POOL.take(key) or Connection(self._client())
        session = BigQuerySession(connection, self._settings)
        try:
            if key not in _PREPARED:
                self._prepare(connection.client)
                _PREPARED.add(key)
            yield session
            session.clean()
        except BaseException:
            # Whatever it was in the middle of ends with it.
            _close(connection)
            raise
        _POOL.give(key, connection)

    def landing_dataset(self, source: str) -> str:
        """A dataset of its own."""
        return f"{self._prefix}landing_{source}"

    def landing_destination(self) -> Any:
        """Files are brought to tables of that dataset by load jobs."""
        from pipelines.warehouse import landing_on_bigquery

        return landing_on_bigquery.destination(self._settings.bigquery, self.credentials())

    def landed(self, source: str, table: str, load_id: str) -> str:
        """The landing's table, which holds that load alone: what was there before is forgotten first."""
        return f"landing_{source}.{table}"

    def forget_landed(self, source: str) -> None:
        """Drop the landing's dataset."""
        with self.session(None) as session:
            session.execute(f"drop schema if exists landing_{source} cascade")

    def credentials(self) -> "Credentials":
        """Those of the settings' key file, or of the machine. Raises ConfigurationError when there are none."""
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.oauth2 import service_account

        path = self._settings.bigquery.credentials_path
        try:
            if path is not None:
                read = service_account.Credentials.from_service_account_file
                credentials: Credentials = read(str(path), scopes=SCOPES)  # type: ignore[no-untyped-call]
                return credentials
            credentials, _ = google.auth.default(scopes=SCOPES)
        except (OSError, ValueError, GoogleAuthError) as error:
            raise bigquery_failures.no_credentials(error, self._settings) from None
        return credentials

    def _client(self) -> "Client":
        from google.cloud.bigquery import Client

        it = self._settings.bigquery
        options = {"api_endpoint": it.api_endpoint} if it.api_endpoint else None
        return Client(project=it.project, credentials=self.credentials(), location=it.location, client_options=options)

    def _prepare(self, client: "Client") -> None:
        """Make the datasets that are missing, where the settings say; one that lies elsewhere is named."""
        from google.api_core.exceptions import NotFound
        from google.cloud.bigquery import Dataset
        from google.cloud.bigquery.retry import DEFAULT_RETRY

        location = self._settings.bigquery.location
        retry = DEFAULT_RETRY.with_timeout(self._settings.bigquery.network_timeout_seconds)
        for schema in PLATFORM_SCHEMAS:
            dataset = Dataset(f"{client.project}.{self._prefix}{schema}")
            dataset.location = location
            try:
                try:
                    found = client.get_dataset(dataset.reference, retry=retry)
                except NotFound:
                    found = client.create_dataset(dataset, exists_ok=True, retry=retry)
            except errors() as error:
                raise bigquery_failures.running(error, self._settings, f"make dataset {dataset.dataset_id}") from error
            if found.location and location and found.location.lower() != location.lower():
                raise bigquery_failures.elsewhere(dataset.dataset_id, found.location, self._settings)
