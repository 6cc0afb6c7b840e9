"""What holds for every test: a clean environment, and no way out of this machine."""

import os
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

from tests.portability import statements_are_portable as statements_are_portable

OURS = ("BOOMERANG_", "DBT_", "DAGSTER_")
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # names that are allowed, nothing is bound here


class NetworkRefused(RuntimeError):
    """A test tried to leave this machine."""


def _refuse_the_outside(event: str, arguments: tuple[Any, ...]) -> None:
    """Audit hook of the interpreter: sees every connection, whichever library makes it."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""  # a path: a socket on this machine
    elif event == "socket.getaddrinfo":
        host = arguments[0] or ""
    else:
        return
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name and not name.startswith(LOOPBACK):
        raise NetworkRefused(f"A test may reach this machine only, not {name}.")


def pytest_configure() -> None:
    """Guard the network for the whole run."""
    sys.addaudithook(_refuse_the_outside)


@pytest.fixture(autouse=True)
def clean_environment() -> Iterator[None]:
    """No setting of the person who runs the tests takes part in them, and none that a test makes outlives it."""
    with mock.patch.dict(os.environ):
        for name in [name for name in os.environ if name.startswith(OURS)]:
            del os.environ[name]
        yield
