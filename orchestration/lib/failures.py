"""From the platform's failures to Dagster's: one sentence as the reason of the step, retried only if that may help.

Dagster's retry policy would try everything again, defects included; here the failure itself decides.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.failures import BoomerangError, SourceUnavailable, WarehouseLocked

# What another try can cure without anybody doing anything.
TRANSIENT = (SourceUnavailable, WarehouseLocked)
MAX_RETRIES = 2
RETRY_AFTER_SECONDS = 20.0


def is_transient(error: Exception) -> bool:
    """Whether another try may cure it."""
    return isinstance(error, TRANSIENT)


def as_step_failure(error: BoomerangError, *, transient: bool | None = None) -> dg.Failure | dg.RetryRequested:
    """What a step raises for `error`: its sentence, or the wish to be run again in a while."""
    failure = dg.Failure(
        description=str(error),
        metadata={"failure": type(error).__name__, "exit_code": error.exit_code},
        allow_retries=False,
    )
    if not (is_transient(error) if transient is None else transient):
        return failure
    retry = dg.RetryRequested(max_retries=MAX_RETRIES, seconds_to_wait=RETRY_AFTER_SECONDS)
    retry.__cause__ = failure
    return retry


@contextmanager
def readable_failures() -> Iterator[None]:
    """Turn a BoomerangError inside the block into a step failure; defects keep their stack trace."""
    try:
        yield
    except BoomerangError as error:
        failure = as_step_failure(error)
        raise failure from failure.__cause__
