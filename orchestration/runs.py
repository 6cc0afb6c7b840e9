"""Run a job in this process, on the instance of the data folder, and tell what it did."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import dagster as dg

from orchestration.lib.connection_assets import WAS_READ
from orchestration.lib.instance import dagster_home, open_instance
from orchestration.lib.liveness import alive, bury_dead_runs
from orchestration.lib.shops import all_shops
from pipelines.config import Settings
from pipelines.failures import BoomerangError, SourceError
from pipelines.progress import Progress

INTERRUPTED = "DagsterExecutionInterruptedError"


class RunFailed(BoomerangError):
    """A run ended with a failed step; the sentence is that step's."""


class NotAllRead(SourceError):
    """A run went to its end without a system that could not be read; the sentence is that system's."""


@dataclass(frozen=True)
class CheckCount:
    """Asset checks of a run by outcome; `named` holds those that did not pass, as 'asset: check'.

    `unread` says of each system that could not be read why, and what to do: once, whatever the number of its tables.
    """

    passed: int = 0
    warned: int = 0
    failed: int = 0
    named: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunSummary:
    """What a run made. Times are seconds by step, in the order of the run."""

    job: str
    run_id: str
    seconds: Mapping[str, float]
    assets: tuple[str, ...]
    checks: CheckCount
    dbt_models: int = 0
    checks_by_step: Mapping[str, CheckCount] = field(default_factory=dict)


def run_job(settings: Settings, definitions: dg.Definitions, job: str, progress: Progress) -> RunSummary:
    """Run `job` over all shops. Raises RunFailed with the sentence of the first failed step."""
    home = dagster_home(settings)
    with open_instance(settings) as instance, alive(home) as mark:
        bury_dead_runs(instance, home)
        result = definitions.resolve_job_def(job).execute_in_process(
            instance=instance,
            resources={"progress": progress},
            tags={**all_shops(settings), **mark},
            raise_on_error=False,
        )
        if not result.success:
            if _was_interrupted(result):
                raise KeyboardInterrupt
            raise RunFailed(_first_failure(job, result))
        return _summary(job, result, instance)


def _summary(job: str, result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> RunSummary:
    statistics = [step for step in instance.get_run_step_stats(result.run_id) if step.start_time and step.end_time]
    seconds = {
        step.step_key: round((step.end_time or 0.0) - (step.start_time or 0.0), 2)
        for step in sorted(statistics, key=lambda step: step.start_time or 0.0)
    }
    materialized = [event for event in result.all_events if event.is_step_materialization and event.asset_key]
    assets = dict.fromkeys(event.asset_key.to_user_string() for event in materialized if event.asset_key)
    return RunSummary(
        job=job,
        run_id=result.run_id,
        seconds=seconds,
        assets=tuple(assets),
        checks=_checks(result),
        dbt_models=sum(1 for event in materialized if (event.step_key or "").startswith("dbt")),
        checks_by_step={step: _checks(result, step) for step in seconds},
    )


def _checks(result: dg.ExecuteInProcessResult, step: str | None = None) -> CheckCount:
    outcomes: Counter[str] = Counter()
    named, unread = [], dict[str, None]()
    for event in result.all_events:
        if event.event_type != dg.DagsterEventType.ASSET_CHECK_EVALUATION or step not in (None, event.step_key):
            continue
        evaluation = event.asset_check_evaluation_data
        failed = evaluation.severity == dg.AssetCheckSeverity.ERROR
        outcomes["passed" if evaluation.passed else "failed" if failed else "warned"] += 1
        if not evaluation.passed and evaluation.check_name == WAS_READ:
            unread[evaluation.description or evaluation.asset_key.to_user_string()] = None
        elif not evaluation.passed:
            named.append(f"{evaluation.asset_key.to_user_string()}: {evaluation.check_name}")
    return CheckCount(outcomes["passed"], outcomes["warned"], outcomes["failed"], tuple(named), tuple(unread))


def _was_interrupted(result: dg.ExecuteInProcessResult) -> bool:
    """Whether a step ended because somebody pressed Ctrl-C, which Dagster takes for a failure of the step."""
    failures = [event.step_failure_data.error for event in result.all_events if event.is_step_failure]
    return any(error is not None and error.cls_name == INTERRUPTED for error in failures)


def _first_failure(job: str, result: dg.ExecuteInProcessResult) -> str:
    """The sentence of the first failed step: a platform failure's own words, or the innermost error of a defect."""
    for event in result.all_events:
        if event.event_type != dg.DagsterEventType.STEP_FAILURE:
            continue
        failure = event.step_failure_data
        if failure.user_failure_data and failure.user_failure_data.description:
            return (
                f"Run {result.run_id[:8]} of {job} stopped at {event.step_key}: {failure.user_failure_data.description}"
            )
        error = failure.error
        while error and error.cause:
            error = error.cause
        reason = error.message.strip() if error else "no reason was recorded"
        return f"Run {result.run_id[:8]} of {job} stopped at {event.step_key}: {reason}"
    return f"Run {result.run_id[:8]} of {job} failed before its first step; see it in `boomerang ui`."
