"""Runs in this process: what they tell when they succeed, when they fail, and when two of them want the same file."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from orchestration.lib.connection_assets import WAS_READ
from orchestration.lib.failures import readable_failures
from orchestration.lib.instance import open_instance
from orchestration.runs import RunFailed, run_job
from pipelines.config import Settings
from pipelines.failures import SourceUnavailable, WarehouseError
from pipelines.progress import SilentProgress
from pipelines.warehouse import Warehouse

CHECKOUT = Path(__file__).parents[2]


def location(*assets: dg.AssetsDefinition) -> dg.Definitions:
    return dg.Definitions(assets=list(assets), jobs=[dg.define_asset_job("refresh", selection="*")])


@dg.asset(check_specs=[dg.AssetCheckSpec("is_small", asset="orders"), dg.AssetCheckSpec("is_new", asset="orders")])
def orders() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(check_name="is_small", passed=True)
    yield dg.AssetCheckResult(check_name="is_new", passed=False, severity=dg.AssetCheckSeverity.WARN)


def test_a_run_tells_its_assets_checks_and_times(settings: Settings) -> None:
    summary = run_job(settings, location(orders), "refresh", SilentProgress())
    assert summary.assets == ("orders",)
    assert (summary.checks.passed, summary.checks.warned, summary.checks.failed) == (1, 1, 0)
    assert summary.checks.named == ("orders: is_new",)
    assert list(summary.seconds) == ["orders"]


@dg.asset(check_specs=[dg.AssetCheckSpec(WAS_READ, asset="items"), dg.AssetCheckSpec("is_complete", asset="items")])
def items() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(check_name=WAS_READ, passed=False, description="netsuite: The token was refused.")
    yield dg.AssetCheckResult(check_name="is_complete", passed=False)


@dg.asset(check_specs=[dg.AssetCheckSpec(WAS_READ, asset="invoices")])
def invoices() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    yield dg.MaterializeResult()
    yield dg.AssetCheckResult(check_name=WAS_READ, passed=False, description="netsuite: The token was refused.")


def test_a_system_that_was_not_read_is_named_once_whatever_the_number_of_its_tables(settings: Settings) -> None:
    checks = run_job(settings, location(items, invoices), "refresh", SilentProgress()).checks
    assert checks.unread == ("netsuite: The token was refused.",)
    assert checks.named == ("items: is_complete",)
    assert checks.failed == 3


def test_a_run_stays_in_the_instance_for_the_ui(settings: Settings) -> None:
    summary = run_job(settings, location(orders), "refresh", SilentProgress())
    with open_instance(settings) as instance:
        run = instance.get_run_by_id(summary.run_id)
    assert run is not None
    assert run.job_name == "refresh"


def failing_with(error: Exception) -> dg.Definitions:
    @dg.asset
    def broken() -> None:
        with readable_failures():
            raise error

    return location(broken)


def test_a_failed_run_ends_in_the_sentence_of_the_platform(settings: Settings) -> None:
    definitions = failing_with(WarehouseError("The warehouse file x is not a database; restore it."))
    with pytest.raises(
        RunFailed, match=r"refresh stopped at broken: The warehouse file x is not a database; restore it\."
    ):
        run_job(settings, definitions, "refresh", SilentProgress())


def test_a_failure_that_retries_did_not_cure_ends_in_its_sentence_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.lib.failures.RETRY_AFTER_SECONDS", 0.01)
    definitions = failing_with(SourceUnavailable("Shop us did not answer; try again later."))
    with pytest.raises(RunFailed, match=r"stopped at broken: Shop us did not answer; try again later\."):
        run_job(settings, definitions, "refresh", SilentProgress())


def test_a_defect_is_named_as_it_is(settings: Settings) -> None:
    with pytest.raises(RunFailed, match="stopped at broken: ZeroDivisionError: by zero"):
        run_job(settings, failing_with(ZeroDivisionError("by zero")), "refresh", SilentProgress())


def test_two_runs_at_once_take_turns_at_the_warehouse(settings: Settings) -> None:
    command = [sys.executable, "-m", "tests.orchestration.one_run"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(
            lambda name: subprocess.run(
                [*command, name], env=environment, capture_output=True, text=True, timeout=120, check=False
            ),
            ("first", "second"),
        )
        for done in both:
            assert done.returncode == 0, done.stderr[-2_000:]
    with Warehouse(settings).session() as session:
        held = session.rows("select run, step, b, e from ops.held order by b")
    assert len(held) == 4
    assert {run for run, *_ in held} == {"first", "second"}
    assert all(earlier[3] <= later[2] for earlier, later in pairwise(held))
