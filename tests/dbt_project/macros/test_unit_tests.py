"""dbt's own unit tests, which test_increments runs on DuckDB, pass on the other warehouses, too."""

from pathlib import Path

import pytest

from pipelines.config import Settings
from pipelines.warehouse import Warehouse
from tests.dbt_project.macros.dbt_command import dbt
from tests.dbt_project.raw_tables import all_tables

# Warnings of the clients about versions of their own parts.
pytestmark = [
    pytest.mark.filterwarnings("ignore::Warning:snowflake.connector.*", "ignore::ResourceWarning"),
    pytest.mark.long,
]


def run(settings: Settings, work: Path, *arguments: str) -> str:
    """What dbt says; the test fails with it when dbt does."""
    written = {"DBT_TARGET_PATH": str(work / "target"), "DBT_LOG_PATH": str(work / "logs"), "DBT_THREADS": "4"}
    return dbt(settings, "--no-use-colors", *arguments, **written)


@pytest.mark.parametrize("warehouse_engine", ["snowflake", "bigquery"], indirect=True)
def test_unit_tests_of_dbt_pass(warehouse_settings: Settings, tmp_path: Path) -> None:
    with Warehouse(warehouse_settings).session() as session:
        for name, columns in all_tables().items():
            if not session.exists(name):
                session.execute(f"create table {name} ({', '.join(f'{c} {kind}' for c, kind in columns.items())})")
    # A unit test asks the tables it stands in for about their columns.
    run(warehouse_settings, tmp_path, "build", "--empty", "--exclude-resource-type", "unit_test", "test")
    said = run(warehouse_settings, tmp_path, "test", "--select", "resource_type:unit_test")
    assert "ERROR=0" in said
    assert "PASS=0" not in said
