"""What Snowflake and BigQuery have in common as warehouses: files land in tables of a schema of their own."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pipelines.config import Settings
from pipelines.failures import BoomerangError
from pipelines.warehouse.engine import Engine, cause_of
from pipelines.warehouse_settings import BigQuery, Snowflake

if TYPE_CHECKING:
    from google.auth.credentials import Credentials


class CloudEngine(Engine):
    """A service in a cloud; files may pass through a folder of a cloud store on their way to it."""

    def __init__(
        self, settings: Settings, section: Snowflake | BigQuery, google: "Callable[[], Credentials] | None" = None
    ) -> None:
        """Nothing is opened yet. `google` gives the identity that a folder of Google's cloud is to be asked as."""
        self._settings = settings
        self._prefix = section.schema_prefix
        self._landing_url = section.landing_url
        self._google = google

    def landing_dataset(self, source: str) -> str:
        """A schema, or dataset, of its own."""
        return f"{self._prefix}landing_{source}"

    def landing_staging(self) -> Any:
        """The folder that an external stage or load jobs read, when there is one."""
        from pipelines.warehouse import landing_in_cloud

        return None if self._landing_url is None else landing_in_cloud.staging(self._landing_url, self._google)

    def landed(self, source: str, table: str, load_id: str) -> str:
        """The landing's table, which holds that load alone: what was there before is forgotten first."""
        return f"landing_{source}.{table}"

    def forget_landed(self, source: str) -> None:
        """Drop the landing's schema, and what the folder holds for it."""
        with self.session(None) as session:
            session.execute(f"drop schema if exists landing_{source} cascade")
        if self._landing_url is not None:
            from pipelines.warehouse import landing_in_cloud

            landing_in_cloud.forget(self._landing_url, self.landing_dataset(source), self._google)

    def landing_failure(self, error: BaseException) -> BoomerangError | None:
        """What the service said, or the folder in front of it."""
        said = self._said(error)
        if said is not None:
            return said
        from pipelines.warehouse import landing_in_cloud

        refusal = cause_of(error, OSError)
        if self._landing_url is None or refusal is None:
            return None
        return landing_in_cloud.refused(self._landing_url, refusal)

    @abstractmethod
    def _said(self, error: BaseException) -> BoomerangError | None:
        """The refusal of the service that a failed landing is about, in a sentence; None when it is about another."""
