"""Failures that a person can act on.

A `BoomerangError` carries one or two sentences: what failed, where (shop, entity, file, line, window), and what to do
next. The command line prints the sentence without a stack trace and exits with a non-zero code; the orchestrator shows
it as the reason of the failed step. Anything that is not a `BoomerangError` is a defect and keeps its stack trace.
"""


class BoomerangError(Exception):
    """Base of all failures with a sentence for the reader. `exit_code` is what the command line exits with."""

    exit_code = 1


class ConfigurationError(BoomerangError):
    """A setting is wrong or missing; the sentence names it."""

    exit_code = 2


class ContractError(BoomerangError):
    """A source contract file is not a valid contract; the sentence names file, object and property."""

    exit_code = 2


class WarehouseError(BoomerangError):
    """The warehouse refused a statement or cannot be reached."""


class WarehouseLocked(WarehouseError):
    """Another process holds the DuckDB file for writing."""


class WarehouseConflict(WarehouseError):
    """Another transaction writes the same rows or tables; nothing of this one is written, and it may be tried again."""


class SourceError(BoomerangError):
    """A source refused or broke an extraction. Nothing was loaded and no cursor moved."""


class AuthenticationFailed(SourceError):
    """The credentials were refused (HTTP 401, or the token grant failed)."""


class AccessDenied(SourceError):
    """The app lacks an access scope or approval for protected data."""


class InvalidQuery(SourceError):
    """The API rejected the query itself: a defect of the query file or of the asked API version."""


class VersionMismatch(SourceError):
    """The API answered with another version than the one that was asked for."""


class SourceUnavailable(SourceError):
    """The source did not answer, or kept failing after all retries."""


class BulkOperationFailed(SourceError):
    """A bulk operation ended without a usable result."""


class IncompleteExtraction(SourceError):
    """What arrived does not add up to what the source said there is."""


class DeliveryError(BoomerangError):
    """A write-back could not be planned or applied."""


class GuardStopped(DeliveryError):
    """A guard stopped a plan before anything was written."""

    exit_code = 3


def first_line(error: BaseException) -> str:
    """What an error of somebody else's says, to be quoted in a sentence: one line without a full stop."""
    return str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__


def shortened(statement: str) -> str:
    """A statement to be named in a sentence: one line of at most 80 characters."""
    text = " ".join(statement.split())
    return text if len(text) <= 80 else text[:77] + "..."
