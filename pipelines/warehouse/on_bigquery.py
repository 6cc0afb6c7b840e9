"""BigQuery, reached with a service account's key or with the identity of the machine."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.warehouse import bigquery_failures
from pipelines.warehouse.bigquery_session import BigQuerySession, Connection, end_session, errors
from pipelines.warehouse.cloud_engine import CloudEngine
from pipelines.warehouse.engine import PLATFORM_SCHEMAS, cause_of
from pipelines.warehouse.pool import Pool

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud.bigquery import Client

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)


def _close(connection: Connection) -> None:
    end_session(connection)
    connection.client.close()  # type: ignore[no-untyped-call]


_POOL: Pool[Connection] = Pool(_close)
LANDED_EXPIRES_MS = 24 * 60 * 60 * 1000
# Projects whose datasets this process has seen.
_PREPARED: set[Hashable] = set()


class OnBigQuery(CloudEngine):
    """Datasets of a project; the platform's are made when it is first opened."""

    name = "bigquery"
    # A transaction of a handful of statements takes ten seconds and more, and a table takes few changes at a time.
    seconds_between_writes = 30.0

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        super().__init__(settings, settings.bigquery, self.credentials)

    @contextmanager
    def session(self, memory_limit: str | None = None) -> Iterator[BigQuerySession]:
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

    def landing_destination(self) -> Any:
        """Files are brought to tables of that dataset by load jobs."""
        from pipelines.warehouse import landing_on_bigquery

        return landing_on_bigquery.destination(self._settings.bigquery, self.credentials())

    def prepare_landing(self, source: str) -> None:
        """Make the dataset: what a killed run leaves in it expires by itself."""
        from google.cloud.bigquery import Dataset

        with self.session() as session:
            client = session.client
            dataset = Dataset(f"{client.project}.{self.landing_dataset(source)}")
            dataset.location = self._settings.bigquery.location
            dataset.default_table_expiration_ms = LANDED_EXPIRES_MS
            try:
                client.create_dataset(dataset, exists_ok=True)
            except errors() as error:
                raise bigquery_failures.running(error, self._settings, f"make dataset {dataset.dataset_id}") from error

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

    def _said(self, error: BaseException) -> BoomerangError | None:
        from google.api_core.exceptions import GoogleAPIError

        found = cause_of(error, GoogleAPIError)
        return None if found is None else bigquery_failures.running(found, self._settings, "load files")

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
