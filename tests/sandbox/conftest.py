"""Every test here talks to a sandbox of its own over HTTP."""

from tests.sandbox.backoffice_fixture import office, office_world, shown  # noqa: F401
from tests.sandbox_fixture import sandbox, sandbox_world  # noqa: F401
