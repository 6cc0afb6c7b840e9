"""A small world with its back office."""

from tests.sandbox.backoffice_fixture import office, shown  # noqa: F401
from tests.sandbox_fixture import sandbox_world  # noqa: F401
