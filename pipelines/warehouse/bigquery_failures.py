"""What BigQuery and Google's client say when something is wrong, in one sentence for a person."""

import re
from typing import Any

from pipelines.config import Settings
from pipelines.failures import ConfigurationError, WarehouseConflict, WarehouseError, shortened

_LIMITS = ("quotaExceeded", "rateLimitExceeded", "billingTierLimitExceeded", "resourcesExceeded", "responseTooLarge")
_UNREACHABLE = (
    "ConnectionError",
    "TransportError",
    "ReadTimeout",
    "Timeout",
    "RetryError",
    "ServiceUnavailable",
    "BadGateway",
    "GatewayTimeout",
)
_VALUES = re.compile(
    r"(invalid (numeric|bignumeric|int64|timestamp|date|value)|bad (int64|double|numeric|bool) value|out of range|"
    r"could not convert|overflow|parse .* as|cannot be represented)",
    re.IGNORECASE,
)


def no_credentials(error: Exception, settings: Settings) -> ConfigurationError:
    """Why nobody is known as whom BigQuery is to be asked."""
    path = settings.bigquery.credentials_path
    if path is not None:
        why = error.strerror if isinstance(error, OSError) else "it is no key of a service account"
        return ConfigurationError(
            f"Google's credentials {path} cannot be read ({why}): correct bigquery.credentials_path "
            f"(BOOMERANG_BIGQUERY__CREDENTIALS_PATH)."
        )
    return ConfigurationError(
        "There are no Google credentials on this machine: set BOOMERANG_BIGQUERY__CREDENTIALS_PATH to a service "
        "account's key, run where workload identity gives some, or `gcloud auth application-default login`."
    )


def elsewhere(dataset: str, found: str, settings: Settings) -> ConfigurationError:
    """A dataset lies in another place than the settings say."""
    return ConfigurationError(
        f"BigQuery's dataset {settings.bigquery.project}.{dataset} lies in {found}, not in "
        f"{settings.bigquery.location}: set bigquery.location (BOOMERANG_BIGQUERY__LOCATION) to {found}, or choose a "
        f"bigquery.schema_prefix for datasets of their own."
    )


def running(error: Exception, settings: Settings, statement: str) -> ConfigurationError | WarehouseError:
    """Why a statement or a job did not run. What its transaction had written is undone."""
    it, said, doing = settings.bigquery, _words(error), shortened(statement)
    reason, kind = _reason(error), type(error).__name__
    low = said.lower()
    if kind in ("RefreshError", "DefaultCredentialsError", "OAuthError", "Unauthorized"):
        whose = it.credentials_path or "of this machine"
        return ConfigurationError(
            f"Google refused the credentials {whose} ({said}): the account or its key may be deleted or disabled; make "
            f"a new key, or correct bigquery.credentials_path."
        )
    if reason == "bytesBilledLimitExceeded" or "limit for bytes billed" in low:
        return WarehouseError(
            f"BigQuery cancelled a statement that would read more than bigquery.maximum_bytes_billed allows ({doing}): "
            f"{said}; raise BOOMERANG_BIGQUERY__MAXIMUM_BYTES_BILLED, then run again."
        )
    if ("timed out" in low and kind not in _UNREACHABLE) or reason in ("stopped", "timeout") or "was cancelled" in low:
        return WarehouseError(
            f"BigQuery cancelled a statement ({doing}): {said}; raise bigquery.job_timeout_seconds "
            f"(BOOMERANG_BIGQUERY__JOB_TIMEOUT_SECONDS), then run again."
        )
    if reason in _LIMITS or kind == "TooManyRequests":
        return WarehouseError(
            f"BigQuery's quota of project {it.project} is used up ({said}); raise it or wait for the next day, then "
            f"run again."
        )
    if "concurrent update" in low or "aborted" in low:
        return WarehouseConflict(
            f"Another run writes the rows that this one was to write ({doing}); nothing of it is written, run again."
        )
    if reason == "billingNotEnabled":
        return WarehouseError(f"Project {it.project} may not be written to ({said}); enable billing, then run again.")
    if kind == "Forbidden" or reason == "accessDenied":
        return ConfigurationError(
            f"BigQuery does not allow this to the account of the credentials, or there is no project {it.project} "
            f"({said}): grant it BigQuery Job User and Data Editor, or correct bigquery.project."
        )
    if kind == "NotFound":
        return _not_found(said, settings, doing)
    if kind == "ArrowInvalid" or _VALUES.search(said):
        return WarehouseError(f"BigQuery cannot hold a value in the column's type ({doing}): {said}.")
    if "Error while reading data" in said or doing.startswith("load"):
        return WarehouseError(f"BigQuery refused a file ({doing}): {said}; nothing of it is loaded.")
    if kind in _UNREACHABLE:
        where = it.api_endpoint or "Google's endpoint"
        return WarehouseError(f"BigQuery cannot be reached at {where} ({said}); check the network, then run again.")
    return WarehouseError(f"BigQuery refused a statement ({doing}): {said}.")


def _not_found(said: str, settings: Settings, doing: str) -> ConfigurationError | WarehouseError:
    it = settings.bigquery
    if re.search(r"not found: project", said, re.IGNORECASE):
        return ConfigurationError(
            f"There is no project {it.project} in BigQuery, or the account of the credentials may not see it: correct "
            f"bigquery.project (BOOMERANG_BIGQUERY__PROJECT)."
        )
    if re.search(r"not found: dataset", said, re.IGNORECASE):
        return ConfigurationError(
            f"BigQuery has no such dataset in {it.location} ({said}): build the models first; if it exists elsewhere, "
            f"set bigquery.location (BOOMERANG_BIGQUERY__LOCATION) to where it was made."
        )
    return WarehouseError(f"BigQuery finds no such table in project {it.project} ({doing}): {said}.")


def _reason(error: Exception) -> str | None:
    errors: list[Any] = list(getattr(error, "errors", None) or [])
    for entry in errors:
        if isinstance(entry, dict) and entry.get("reason"):
            return str(entry["reason"])
    found = re.search(r"reason: (\w+)", str(error))
    return found.group(1) if found else None


def _words(error: Exception) -> str:
    """What was said, on one line, without the address that was asked and the ids behind."""
    text = str(getattr(error, "message", None) or error)
    text = text.split("\n\nLocation:")[0].split("; reason:")[0]
    text = re.sub(r"^(GET|POST|PUT|PATCH|DELETE) https?://\S+: ", "", text.strip())
    return " ".join(text.split())[:400].rstrip(".")
