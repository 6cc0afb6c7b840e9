"""One merchant's cycle against a sandbox of its own, run by the command line as a person would."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import duckdb

from orchestration.demo_systems import system_sections, system_variables
from orchestration.demo_world import shop_variables, shops_of
from orchestration.sandbox_process import Sandbox, running_sandbox
from pipelines.config import Settings, load_settings
from pipelines.warehouse import Warehouse

ROOT = Path(__file__).parents[2]
# What differs between two runs of the same thing: when it was done, and in which window.
VOLATILE = ("_window_id", "extracted_at", "fitted_at", "built_at", "_dlt_load_id", "_dlt_id")
# The process has one environment, and settings are read from it.
ENVIRONMENT = threading.RLock()
COMPARED_SCHEMAS = ("raw_shopify", "marts", "syncs", "scores")


@dataclass(frozen=True)
class Merchant:
    """A folder with settings and data, and the sandbox that holds its shops.

    `elsewhere` are the variables of a warehouse that is not the DuckDB file of the folder.
    """

    folder: Path
    sandbox: Sandbox
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def warehouse(self) -> Path:
        """The DuckDB file, unless the warehouse is elsewhere."""
        return self.folder / "data" / "boomerang.duckdb"

    def environment(self) -> dict[str, str]:
        """The process environment with this merchant's settings and nobody else's."""
        with ENVIRONMENT:
            inherited = {name: value for name, value in os.environ.items() if not name.startswith("BOOMERANG_")}
        own = {
            "BOOMERANG_CONFIG": str(self.folder / "boomerang.toml"),
            "BOOMERANG_DATA_DIR": str(self.folder / "data"),
            # Part of the sandbox's world happens within its last minute, and a test does not wait for an index.
            "BOOMERANG_EXTRACTION__SETTLE_MINUTES": "0",
        }
        reached = {**shop_variables(self.sandbox), **system_variables(self.sandbox.ready)}
        return {**inherited, **own, **self.elsewhere, **reached}

    def settings(self) -> Settings:
        """The settings that the command line reads; several merchants may ask at once."""
        with ENVIRONMENT, mock.patch.dict(os.environ, self.environment(), clear=True):
            return load_settings()

    def run(self, *command: str, die_at: tuple[str, int] = ("none", 0)) -> subprocess.CompletedProcess[str]:
        """Run `boomerang <command>`; with `die_at` (kind, nth) kill it at that moment."""
        counts = self.folder / "counts.json"
        arguments = [sys.executable, "-m", "tests.end_to_end.dying", str(counts), die_at[0], str(die_at[1]), *command]
        # A session of its own, so that the kill takes what the command started and not the test.
        return subprocess.run(
            arguments,
            env=self.environment(),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
            start_new_session=True,
        )

    def run_well(self, *command: str) -> str:
        """Run `boomerang <command>`, which must succeed, and return what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, f"boomerang {' '.join(command)}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def counts(self) -> dict[str, int]:
        """What the last finished command sent and wrote."""
        found: dict[str, int] = json.loads((self.folder / "counts.json").read_text(encoding="utf-8"))
        return found

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse, whichever it is; in DuckDB's SQL."""
        if self.elsewhere:
            with Warehouse(self.settings()).session() as session:
                return session.rows(sql)
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table that matters, without the columns that say when and how it was loaded, in a fixed order."""
        found = {}
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            for schema, table in connection.execute(
                "select table_schema, table_name from information_schema.tables "
                # a view, of which a table of its own holds what the shop says
                "where (table_type = 'BASE TABLE' or table_name = 'fct_orders') "
                f"and table_schema in {COMPARED_SCHEMAS} and table_name not like '\\_dlt%' escape '\\' "
                "and table_name not like '%\\_\\_changed\\_days' escape '\\' order by all"
            ).fetchall():
                relation = connection.table(f'"{schema}"."{table}"')
                columns = ", ".join(f'"{name}"' for name in relation.columns if not name.endswith(VOLATILE))
                found[f"{schema}.{table}"] = relation.project(columns).order("all").fetchall()
        return found

    def managed(self) -> dict[str, dict[str, Any]]:
        """What Shopify holds of ours: metafields and tags of each customer that has any, by shop and customer id."""
        shops = self.sandbox.meta("state")["shops"]
        return {name: managed_values(shops[domain]) for name, domain in shops_of(self.sandbox).items()}


def managed_values(shop: dict[str, Any]) -> dict[str, Any]:
    """Our part of the state of one shop of the sandbox: {customer id: {"metafields": {key: value}, "tags": [...]}}."""
    found = {}
    for customer, held in shop["customers"].items():
        fields = {
            name.removeprefix("boomerang."): field["value"]
            for name, field in held["metafields"].items()
            if name.startswith("boomerang.")
        }
        tags = sorted(tag for tag in held["tags"] if tag.startswith("boomerang:"))
        if fields or tags:
            found[customer] = {"metafields": fields, "tags": tags}
    return found


@contextmanager
def merchant(
    folder: Path, *options: str, elsewhere: Mapping[str, str] | None = None, world: Path | None = None
) -> Iterator[Merchant]:
    """A merchant with an empty data folder and a running sandbox with `options`.

    `elsewhere` is the warehouse when it is not a file of the folder; `world` is the folder of a sandbox to start from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if world is not None:
        shutil.copytree(world, folder / "sandbox")
    with running_sandbox(folder / "sandbox", *options) as sandbox:
        sections = [f'[shops.{name}]\ndomain = "{domain}"\n' for name, domain in shops_of(sandbox).items()]
        sections.append(system_sections(sandbox.ready))
        (folder / "boomerang.toml").write_text("\n".join(sections), encoding="utf-8")
        yield Merchant(folder, sandbox, elsewhere or {})
