"""How files reach BigQuery: dlt brings them to tables of a dataset of their own, by load jobs.

Files are uploaded with the job, or read by it from a folder of Cloud Storage. Credentials are handed over complete: dlt
looks for none in files or variables of its own. Import this module late: dlt takes a second.
"""

import warnings
from typing import Any

from dlt.common.configuration.specs import GcpServiceAccountCredentials
from dlt.common.destination import DestinationCapabilitiesContext
from dlt.common.schema import Schema
from dlt.destinations import bigquery
from dlt.destinations.impl.bigquery.bigquery import BigQueryClient
from dlt.destinations.impl.bigquery.configuration import BigQueryClientConfiguration
from dlt.destinations.impl.bigquery.sql_client import BigQuerySqlClient
from google.auth.credentials import Credentials
from google.cloud.bigquery import Client

from pipelines.warehouse_settings import BigQuery


def destination(settings: BigQuery, credentials: Credentials) -> Any:  # dlt's factories have no common public type
    """The destination for these settings, as whoever the credentials are of."""
    given: Any = GcpServiceAccountCredentials()
    given.project_id = settings.project
    given.parse_native_representation(credentials)
    made = _AtEndpoint(credentials=given, location=settings.location or "", project_id=settings.project)
    made.endpoint = settings.api_endpoint
    return made


class _AtEndpoint(bigquery):
    """The destination at an endpoint of one's own (Private Service Connect); dlt knows Google's public one only."""

    endpoint: str | None = None

    @property
    def client_class(self) -> type[BigQueryClient]:
        """The client of a load, with that endpoint."""
        endpoint = self.endpoint

        class JobClient(BigQueryClient):
            def __init__(
                self, schema: Schema, config: BigQueryClientConfiguration, capabilities: DestinationCapabilitiesContext
            ) -> None:
                super().__init__(schema, config, capabilities)
                self.sql_client.__class__ = SqlClient

        class SqlClient(BigQuerySqlClient):
            def open_connection(self) -> Client:
                # dlt reads a handful of its own rows; the client misses its streaming companion even for those.
                warnings.filterwarnings("ignore", message="Cannot create BigQuery Storage client")
                client: Client = super().open_connection()
                if endpoint is not None:
                    client._connection.API_BASE_URL = endpoint
                return client

        return JobClient
