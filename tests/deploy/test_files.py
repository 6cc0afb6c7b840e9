"""The files of a deployment agree with each other and with the project: what one names, another has."""

import fnmatch
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from orchestration.lib.concurrency import pool
from pipelines.config import Settings
from tests.deploy.deployment import DEPLOY, ROOT, compose, image_command

OVERLAYS = ("compose.snowflake.yaml", "compose.bigquery.yaml")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
VALUES: dict[str, Any] = yaml.safe_load((DEPLOY / "helm" / "values.yaml").read_text(encoding="utf-8"))
INSTANCE: dict[str, Any] = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))


def instructions(name: str) -> list[list[str]]:
    """The arguments of each instruction of that name, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in joined if line.startswith(f"{name} ")]


def copied() -> list[str]:
    """What the Dockerfile takes from the project."""
    own = [words for words in instructions("COPY") if not words[0].startswith("--from")]
    return [source for words in own for source in words[:-1] if not source.startswith("--")]


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: the last pattern that fits decides."""
    ignored = False
    for line in (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        wanted = pattern.removeprefix("!")
        if fnmatch.fnmatch(path, wanted) or path.startswith(f"{wanted}/"):
            ignored = not pattern.startswith("!")
    return ignored


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return dict(found)


def test_everything_that_the_image_copies_is_there_and_let_through() -> None:
    assert [source for source in copied() if not (ROOT / source).exists()] == []
    assert [source for source in copied() if is_ignored(source)] == []


@pytest.mark.parametrize("kept_out", [".env", "data", ".venv", "deploy/secrets/DAGSTER_POSTGRES_PASSWORD", ".git"])
def test_no_secret_and_no_data_can_get_into_the_image(kept_out: str) -> None:
    assert is_ignored(kept_out)


def test_every_package_of_the_project_is_in_the_image() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert packages <= set(copied())


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == [["10001:10001"]]
    assert VALUES["dagster-user-deployments"]["deployments"][0]["podSecurityContext"]["runAsUser"] == 10001


def test_the_image_installs_the_versions_that_are_tested_by_hash() -> None:
    image, tested = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert {name: (version, tested.get(name)) for name, version in image.items() if tested.get(name) != version} == {}
    assert "--require-hashes" in DOCKERFILE
    assert {"dagster-postgres", "dagster-k8s", "dbt-snowflake", "dbt-bigquery"} <= set(image)
    assert not {"pytest", "mypy", "ruff"} & set(image)


def test_every_secret_of_a_service_is_a_file() -> None:
    for name in ("compose.yaml", *OVERLAYS):
        content = compose(name)
        used = {secret for service in content["services"].values() for secret in service.get("secrets", ())}
        assert used == set(content["secrets"])
        assert all(secret["file"].startswith("secrets/") for secret in content["secrets"].values())


def test_no_value_of_a_secret_stands_in_a_file() -> None:
    for path in DEPLOY.rglob("*.yaml"):
        for variable in re.findall(
            r"^\s*(\w*(?:SECRET|PASSWORD|TOKEN|PRIVATE_KEY)\w*): *(\S+)", path.read_text(), re.M
        ):
            assert variable[1].startswith(("{", "/run/secrets/", "false")), variable


def test_every_service_has_a_health_check_and_waits_for_what_it_needs() -> None:
    services = compose()["services"]
    assert [name for name, service in services.items() if "healthcheck" not in service] == []
    needs = {name: set(service.get("depends_on", ())) for name, service in services.items()}
    assert needs == {
        "postgres": set(),
        "code-location": {"postgres"},
        "webserver": {"code-location"},
        "daemon": {"code-location"},
    }
    conditions = {need["condition"] for service in services.values() for need in service.get("depends_on", {}).values()}
    assert conditions == {"service_healthy"}


def test_named_volumes_and_networks_are_declared() -> None:
    content = compose()
    for service in content["services"].values():
        assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= set(content["volumes"])
        assert set(service["networks"]) <= set(content["networks"])


def test_the_ui_is_published_to_this_machine_only() -> None:
    ports = [port for service in compose()["services"].values() for port in service.get("ports", ())]
    assert [port.split(":")[0] for port in ports] == ["127.0.0.1"]


def test_webserver_and_daemon_find_the_code_location_where_it_listens() -> None:
    environment = dict(pair.split("=", 1) for words in instructions("ENV") for pair in words)
    command = image_command()
    assert environment["CODE_LOCATION_HOST"] in compose()["services"]
    assert environment["CODE_LOCATION_PORT"] == command[command.index("--port") + 1]
    assert command[command.index("--module-name") + 1] == "orchestration.definitions"


def test_kubernetes_and_compose_limit_the_same() -> None:
    own, chart = INSTANCE["concurrency"], VALUES["concurrency"]
    assert chart["runs"]["tagConcurrencyLimits"] == own["runs"]["tag_concurrency_limits"]
    assert chart["pools"] == {"granularity": own["pools"]["granularity"], "defaultLimit": own["pools"]["default_limit"]}
    assert chart["enabled"]


def test_the_pools_that_the_files_speak_of_are_those_of_the_platform(settings: Settings) -> None:
    said = (DEPLOY / "dagster.yaml").read_text(encoding="utf-8")
    rooms = ("extraction", "models", "delivery")
    in_the_cloud = settings.model_copy(update={"warehouse": "bigquery"})
    assert {pool(settings, room) for room in rooms} == {"duckdb"}
    assert [pool(in_the_cloud, room) for room in rooms] == [None, "models", "delivery"]
    assert all(f'"{name}"' in said for name in ("duckdb", "models", "delivery"))


def test_secrets_as_files_become_variables_and_given_ones_win(tmp_path: Path) -> None:
    for name in ("BOOMERANG_A", "BOOMERANG_B", "DAGSTER_C", "OTHER"):
        (tmp_path / name).write_text(f"file of {name}\n", encoding="utf-8")
    show = "import json, os; print(json.dumps({n: v for n, v in os.environ.items() if n[:2] in ('BO', 'DA', 'OT')}))"
    done = subprocess.run(
        [str(DEPLOY / "with-secrets"), "python3", "-c", show],
        env={"SECRETS_DIR": str(tmp_path), "BOOMERANG_B": "given", "PATH": "/usr/bin:/bin:/usr/local/bin"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout) == {
        "BOOMERANG_A": "file of BOOMERANG_A",
        "BOOMERANG_B": "given",
        "DAGSTER_C": "file of DAGSTER_C",
    }
