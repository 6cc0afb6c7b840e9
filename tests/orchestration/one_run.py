"""One refresh of a small code location, as a process of its own: `python -m tests.orchestration.one_run NAME`.

Holds the DuckDB file open for a while in each of two steps, and writes down when it did.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import dagster as dg

from orchestration.runs import run_job
from pipelines.config import Settings, load_settings
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse

HELD_SECONDS = 1.0


def small_location(settings: Settings, name: str) -> dg.Definitions:
    """Two steps that both open the warehouse for writing."""

    def hold(step: str) -> None:
        with Warehouse(settings, lock_patience_seconds=0.5).session() as session:
            begin = datetime.now(UTC)
            session.execute(
                "create table if not exists ops.held (run varchar, step varchar, b timestamptz, e timestamptz)"
            )
            time.sleep(HELD_SECONDS)
            session.execute("insert into ops.held values (?, ?, ?, ?)", (name, step, begin, datetime.now(UTC)))

    @dg.multi_asset(specs=[dg.AssetSpec("raw")], pool="duckdb")
    def raw() -> Iterator[dg.MaterializeResult[None]]:
        hold("raw")
        yield dg.MaterializeResult(asset_key="raw")

    @dg.asset(deps=["raw"], pool="duckdb")
    def mart() -> None:
        hold("mart")

    job = dg.define_asset_job("refresh", selection="*")
    return dg.Definitions(assets=[raw, mart], jobs=[job], executor=dg.in_process_executor)


if __name__ == "__main__":
    here = load_settings()
    definitions = small_location(here, sys.argv[1])
    # `progress` is a resource of every job of the platform; this one has no use for it.
    summary = run_job(here, dg.Definitions.merge(definitions), "refresh", SilentProgress())
    sys.stdout.write(f"{summary.run_id} {len(summary.assets)}\n")
