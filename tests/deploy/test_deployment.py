"""What the compose file starts works together: a run asked for in the UI reads a shop and is remembered in Postgres."""

from pathlib import Path

import duckdb
import pytest

from tests.deploy.deployment import Deployment
from tests.deploy.postgres import PASSWORD, Postgres


@pytest.mark.parametrize("service", ["code-location", "webserver", "daemon"])
def test_every_service_says_that_it_is_well(deployment: Deployment, service: str) -> None:
    assert deployment.is_healthy(service)


def test_both_shops_are_read_by_runs_of_their_own(deployment: Deployment, postgres: Postgres) -> None:
    few = [["shopify", table] for table in ("orders", "locations")]
    runs = [deployment.launch("extract", few, dagster__partition=shop) for shop in ("us", "eu")]
    ended = deployment.run_to_its_end(*runs)
    assert [ended[run]["status"] for run in runs] == ["SUCCESS", "SUCCESS"]

    with duckdb.connect(str(deployment.folder / "data" / "boomerang.duckdb"), read_only=True) as warehouse:
        read = warehouse.execute(
            "select shop, count(*) from ops.extraction_windows where state = 'loaded' group by shop order by shop"
        ).fetchall()
    assert [shop for shop, _ in read] == ["eu", "us"]
    assert [windows for _, windows in read] == [2, 2]
    assert postgres.value("select count(*) from runs where status = 'SUCCESS'") == "2"


def test_the_instance_keeps_nothing_in_its_own_folder(deployment: Deployment) -> None:
    kept = {path.name for path in (deployment.folder / "home").rglob("*") if path.is_file()}
    assert kept == {"dagster.yaml", "workspace.yaml"}


def test_no_secret_is_in_what_the_services_print(deployment: Deployment) -> None:
    for log in Path(deployment.folder / "output").iterdir():
        said = log.read_text(encoding="utf-8", errors="replace")
        assert PASSWORD not in said
        assert "sandbox-secret" not in said
