"""From the platform's failures to Dagster's: one sentence as the reason of the step, retried only if that may help."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from pipelines.failures import BoomerangError, SourceUnavailable, WarehouseLocked

# What another try can cure without anybody doing anything.
TRANSIENT = (SourceUnavailable, WarehouseLocked)

RETRIES = dg.RetryPolicy(max_retries=2, delay=15, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


def is_transient(error: Exception) -> bool:
    """Whether another try may cure it."""
    return isinstance(error, TRANSIENT)


def as_step_failure(error: BoomerangError, *, transient: bool | None = None) -> dg.Failure:
    """The step failure that shows the sentence of `error`; permanent failures are not retried."""
    return dg.Failure(
        description=str(error),
        metadata={"failure": type(error).__name__, "exit_code": error.exit_code},
        allow_retries=is_transient(error) if transient is None else transient,
    )


@contextmanager
def readable_failures() -> Iterator[None]:
    """Turn a BoomerangError inside the block into a step failure; defects keep their stack trace."""
    try:
        yield
    except BoomerangError as error:
        raise as_step_failure(error) from None
