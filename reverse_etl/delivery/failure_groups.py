"""Concurrent work fails as a group of exceptions; a person wants the one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.failures import BoomerangError


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise the first BoomerangError of a group by itself; anything else in a group is a defect and stays."""
    try:
        yield
    except* BoomerangError as group:
        raise _leaf(group) from None


def _leaf(group: BaseExceptionGroup[BoomerangError]) -> BoomerangError:
    first = group.exceptions[0]
    return _leaf(first) if isinstance(first, BaseExceptionGroup) else first
