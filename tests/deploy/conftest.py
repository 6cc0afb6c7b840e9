"""A deployment of the sandbox's two shops, started once for all tests that look at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.deploy.deployment import Deployment, running_deployment
from tests.deploy.postgres import Postgres, running_postgres
from tests.orchestration.conftest import settings  # noqa: F401
from tests.sandbox_fixture import EU, QUICK, SMALL, US, sandbox_world  # noqa: F401


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server for Dagster's history."""
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def deployment(
    tmp_path_factory: pytest.TempPathFactory,
    postgres: Postgres,
    sandbox_world: Path,  # noqa: F811
) -> Iterator[Deployment]:
    """Everything of deploy/compose.yaml, with the embedded warehouse."""
    folder = tmp_path_factory.mktemp("deployment")
    with Sandbox(sandbox_world, SMALL, QUICK).serving() as world:
        config = folder / "boomerang.toml"
        sections = [
            f'[shops.{name}]\ndomain = "{domain}"\nbase_url = "{world.origin}/shops/{domain}"\n'
            'client_id = "sandbox-client"\n'
            for name, domain in {"us": US, "eu": EU}.items()
        ]
        config.write_text("\n".join(sections), encoding="utf-8")
        secrets = {f"BOOMERANG_SHOPS__{name}__CLIENT_SECRET": "sandbox-secret" for name in ("US", "EU")}
        with running_deployment(folder / "volumes", postgres, config, secrets) as running:
            yield running
