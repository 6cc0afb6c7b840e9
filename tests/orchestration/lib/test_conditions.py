"""Delivery by automation, judged by behaviour: it goes when the wanted values are new and trusted, and only then."""

from collections.abc import Iterator

import dagster as dg

from orchestration.lib.conditions import wanted_changed_and_is_trusted


def location(*, passes: bool) -> dg.Definitions:
    @dg.asset(check_specs=[dg.AssetCheckSpec("is_right", asset="wanted", blocking=True)])
    def wanted() -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        yield dg.MaterializeResult()
        yield dg.AssetCheckResult(check_name="is_right", passed=passes)

    @dg.asset(deps=[wanted], automation_condition=wanted_changed_and_is_trusted())
    def delivered() -> None: ...

    return dg.Definitions(assets=[wanted, delivered])


def make_wanted(definitions: dg.Definitions, instance: dg.DagsterInstance) -> None:
    job = definitions.resolve_implicit_global_asset_job_def()
    job.execute_in_process(instance=instance, asset_selection=[dg.AssetKey("wanted")], raise_on_error=False)


def requested(*, passes: bool, made: bool = True) -> int:
    """Deliveries that the condition asks for after the wanted values were made (or were not)."""
    definitions = location(passes=passes)
    with dg.DagsterInstance.ephemeral() as instance:
        first = dg.evaluate_automation_conditions(defs=definitions, instance=instance)
        if made:
            make_wanted(definitions, instance)
        return dg.evaluate_automation_conditions(
            defs=definitions, instance=instance, cursor=first.cursor
        ).total_requested


def test_new_wanted_values_that_passed_their_checks_are_delivered() -> None:
    assert requested(passes=True) == 1


def test_wanted_values_that_failed_a_blocking_check_are_not_delivered() -> None:
    assert requested(passes=False) == 0


def test_nothing_new_is_not_delivered() -> None:
    assert requested(passes=True, made=False) == 0
