"""dbt builds the project for a warehouse that is not there, and every statement it would send is written down.

`python -m tests.dbt_project.dialects.recorder snowflake|bigquery <columns.json> <out.json>`: a process of its own,
because dbt keeps adapters for the life of a process. The adapter's last step, which sends a statement and reads the
reply, is replaced; everything in front of it is dbt's: materializations, hooks, merges, data tests, seeds.

Twice: a first build, where no table exists, and an increment, where all do, with the columns that DuckDB gave them.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import agate
import sqlglot
from dbt.adapters.contracts.connection import AdapterResponse
from dbt.cli.main import dbtRunner
from dbt_common.events.contextvars import get_node_info

PROJECT = Path(__file__).parents[3] / "dbt_project"
STATES = ("first build", "increment")
# Looks like what macros/portable/types.sql makes of an instant.
AN_INSTANT = "2026-11-20 06:00:00+00"
ANSWERS: dict[str, Any] = {"failures": 0, "should_warn": False, "should_error": False, "shop": "us"}


class Recorder:
    """Stands where the warehouse would be."""

    def __init__(self, dialect: str, columns: dict[str, dict[str, str]], kinds: dict[str, str]) -> None:
        """`columns`: by `schema.name`, to DuckDB type. `kinds`: table or view by name of a relation."""
        self.dialect = dialect
        self.columns = columns
        self.kinds = kinds
        self.state = STATES[0]
        self.statements: list[dict[str, str]] = []

    def execute(self, adapter: Any, sql: str, *_: Any, fetch: bool = False, **__: Any) -> tuple[Any, agate.Table]:
        """Write a statement down; what asks for rows gets one that lets dbt go on."""
        node = str(get_node_info().get("node_name", ""))
        self.statements.append({"state": self.state, "node": node, "sql": sql})
        return AdapterResponse("OK"), self._reply(sql) if fetch else agate.Table([])

    def relation(self, adapter: Any, database: str, schema: str, identifier: str, **_: Any) -> Any:
        """No relation exists in the first build; afterwards each is what its materialization made of it."""
        known = identifier.lower() in self.kinds
        if self.state == STATES[0] or not known:
            return None
        kind = self.kinds[identifier.lower()]
        return adapter.Relation.create(database=database, schema=schema, identifier=identifier, type=kind)

    def columns_of(self, adapter: Any, relation: Any) -> list[Any]:
        """Columns of a model, also of the temporary relation of its increment."""
        name = str(relation.identifier).lower().split("__dbt_tmp")[0]
        found = next((columns for key, columns in self.columns.items() if key.split(".")[1] == name), {})
        folded = [column.upper() if self.dialect == "snowflake" else column for column in found]
        return [adapter.Column(column, "string") for column in folded]

    def described(self, adapter: Any, sql: str) -> list[Any]:
        """Both sides of an enforced contract have the same columns: DuckDB's build has compared them."""
        self.execute(adapter, sql)
        return [adapter.Column("same", "on both sides")]

    def _reply(self, sql: str) -> agate.Table:
        parsed = sqlglot.parse_one(sql, read=self.dialect)
        names = [str(name).lower() for name in getattr(parsed, "named_selects", [])]
        row = [ANSWERS.get(name, AN_INSTANT) for name in names]
        # Names without quotes come back in upper case from Snowflake, and as they were written from BigQuery. What dbt
        # itself asks for is read by position, or told in lower case by its adapter.
        if self.dialect == "snowflake" and "failures" not in names:
            names = [name.upper() for name in names]
        kinds = {bool: agate.Boolean, int: agate.Number, str: agate.Text}
        return agate.Table(
            [row] if row else [], names or ["nothing"], [kinds[type(v)]() for v in row] or [agate.Text()]
        )


def _kinds(manifest: Any) -> dict[str, str]:
    nodes = [node for node in manifest.nodes.values() if node.resource_type.value in ("model", "seed")]
    return {node.name: "view" if node.config.materialized == "view" else "table" for node in nodes}


def _adapter(dialect: str) -> Any:
    if dialect == "snowflake":
        from dbt.adapters.snowflake import SnowflakeAdapter

        return SnowflakeAdapter
    from dbt.adapters.bigquery import BigQueryAdapter, connections

    # Closing a connection opens it first.
    connections.create_bigquery_client = mock.MagicMock()
    return BigQueryAdapter


def _patches(adapter: Any, recorder: Recorder) -> dict[str, Callable[..., Any]]:
    """Every method of an adapter that would reach for the network."""
    patches: dict[str, Callable[..., Any]] = {
        "execute": lambda self, *a, **k: recorder.execute(self, *a, **k),
        "get_relation": lambda self, *a, **k: recorder.relation(self, *a, **k),
        "get_columns_in_relation": lambda self, relation: recorder.columns_of(self, relation),
        "get_column_schema_from_query": lambda self, sql, *a: recorder.described(self, sql),
        "list_schemas": lambda self, database: [],
        "list_relations_without_caching": lambda self, *a, **k: [],
        "create_schema": lambda self, *a, **k: None,
        "drop_relation": lambda self, *a, **k: None,
        "expand_target_column_types": lambda self, *a, **k: None,
        "commit_if_has_connection": lambda self: None,
        "add_query": lambda self, sql, *a, **k: recorder.execute(self, sql.replace("%s", "null")),
        "load_dataframe": lambda self, *a, **k: None,
        "is_replaceable": lambda self, *a, **k: True,
    }
    return {name: patch for name, patch in patches.items() if hasattr(adapter, name)}


def record(dialect: str, columns: dict[str, dict[str, str]], work: Path) -> list[dict[str, str]]:
    """All statements of both builds; raises RuntimeError with dbt's words when a build does not get to its end."""
    folders = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(work / "target")]
    quiet = [
        "--no-use-colors",
        "--log-level",
        "none",
        "--log-path",
        str(work / "logs"),
        "--no-send-anonymous-usage-stats",
    ]
    manifest = dbtRunner().invoke([*quiet, "parse", "--no-partial-parse", "--target", dialect, *folders]).result
    adapter = _adapter(dialect)
    recorder = Recorder(dialect, columns, _kinds(manifest))
    for state in STATES:
        recorder.state = state
        with mock.patch.multiple(adapter, **_patches(adapter, recorder)):
            arguments = ["build", "--exclude-resource-type", "unit_test", "--no-populate-cache", "--target", dialect]
            done = dbtRunner(manifest=manifest).invoke([*quiet, *arguments, *folders, "--threads", "1"])
        failed = [result for result in (done.result or []) if result.status not in ("success", "pass")]
        if done.exception or failed:
            words = " | ".join(f"{result.node.name}: {result.message}" for result in failed[:3])
            raise RuntimeError(f"{dialect}, {state}: {done.exception or words}")
    return recorder.statements


if __name__ == "__main__":
    warehouse, known, out = sys.argv[1:]
    given = json.loads(Path(known).read_text(encoding="utf-8"))
    Path(out).write_text(json.dumps(record(warehouse, given, Path(out).parent)), encoding="utf-8")
