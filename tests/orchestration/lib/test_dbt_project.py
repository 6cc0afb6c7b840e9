"""The dbt that the platform runs."""

from dagster_dbt import DbtCliResource

from orchestration.lib import dbt_project
from pipelines.config import Settings


def test_the_version_that_is_known_without_asking_dbt_is_the_one_that_it_tells(settings: Settings) -> None:
    known = dbt_project.resource(settings)
    asked = DbtCliResource(project_dir=known.project_dir, dbt_executable=known.dbt_executable)
    assert known._cli_version == asked._cli_version
