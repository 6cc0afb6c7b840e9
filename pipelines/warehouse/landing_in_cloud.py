"""A folder of a cloud store through which files pass to a warehouse that reads them from there.

It is written to as whoever this machine is to the cloud (instance role, workload identity, AWS_*, AZURE_*); dlt looks
for no credentials in files or variables of its own. What was passed on is removed with the rest of the landing.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pipelines.failures import BoomerangError, ConfigurationError, WarehouseError, first_line

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

# By scheme: the package that speaks it, and the extra that installs it.
_PACKAGES = {"s3": ("s3fs", "s3"), "gs": ("gcsfs", "gcs"), "az": ("adlfs", "azure"), "abfss": ("adlfs", "azure")}


def staging(url: str, google: "Callable[[], Credentials] | None" = None) -> Any:  # dlt's factories have no common type
    """The folder as dlt's destination. Raises ConfigurationError when its client or its credentials are missing."""
    import dlt

    return dlt.destinations.filesystem(bucket_url=url, credentials=_credentials(url, google))


def forget(url: str, dataset: str, google: "Callable[[], Credentials] | None" = None) -> None:
    """Remove the files of a dataset; nothing happens when there are none."""
    from dlt.common.storages import FilesystemConfiguration, fsspec_from_config

    given: Any = FilesystemConfiguration(bucket_url=url, credentials=_credentials(url, google))
    files, folder = fsspec_from_config(given.resolve() or given)
    path = f"{folder.rstrip('/')}/{dataset}"
    try:
        if files.exists(path):
            files.rm(path, recursive=True)
    except OSError as error:
        raise refused(url, error) from error


def refused(url: str, error: BaseException) -> WarehouseError:
    """The folder cannot be written to."""
    return WarehouseError(
        f"The folder {url} took no files ({first_line(error)}); check that it exists and that this machine may write "
        f"and delete there, or correct landing_url, then run again; nothing was loaded."
    )


def _credentials(url: str, google: "Callable[[], Credentials] | None") -> Any:
    from dlt.common.configuration import specs

    scheme = urlsplit(url).scheme
    package, extra = _PACKAGES[scheme]
    if find_spec(package) is None:
        raise ConfigurationError(
            f"Files cannot be brought to {url}: its client is not installed here; install it with "
            f"`pip install 'boomerang[{extra}]'`."
        )
    given: Any
    if scheme == "s3":
        given = specs.AwsCredentials()
    elif scheme == "gs":
        given = specs.GcpServiceAccountCredentials()
        if google is not None:
            given.parse_native_representation(google())
            return given
    else:
        given = specs.AzureCredentials()
        given.azure_storage_account_name = (urlsplit(url).hostname or "").split(".")[0]
    given.on_partial()
    if not given.is_resolved():
        raise _nobody(url)
    return given


def _nobody(url: str) -> BoomerangError:
    return ConfigurationError(
        f"Files cannot be brought to {url}: this machine is nobody to that cloud; give it a role or an identity there, "
        f"or the cloud's own environment variables."
    )
