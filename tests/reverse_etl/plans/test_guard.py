"""Guards stop a plan before anything is written, and say how to go on."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from pipelines.failures import GuardStopped
from reverse_etl.plans.guard import Figures, guard_stops, require_passed
from reverse_etl.plans.model_state import ModelState, store_model_states
from reverse_etl.sync_format.sync_file import GuardLimits
from tests.reverse_etl.marketing import MODEL, SYNC, Marketing, gold

LIMITS = GuardLimits()


def figures(**changes: object) -> Figures:
    return Figures(
        **{**{"shop": "us", "audience": 100, "delivered": 100, "changed": 0, "removed": 0, "rows": 5}, **changes}
    )  # type: ignore[arg-type]


def test_an_ordinary_plan_passes() -> None:
    assert guard_stops(LIMITS, figures(changed=30, removed=5, audience=150)) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"changed": 31},
            "max_changed_share: 31 records of shop us would change, 31.0 % of the 100 delivered before, the limit",
        ),
        (
            {"removed": 6},
            "max_removed_share: 6 records of shop us would lose values, 6.0 % of the 100 delivered before, the limit",
        ),
        ({"audience": 151}, "max_audience_change: the audience of shop us goes from 100 to 151 records (51.0 %)"),
        ({"audience": 0}, "min_audience: the model holds 0 records for shop us, the least allowed is 1"),
    ],
)
def test_each_guard_names_itself_the_figure_and_the_limit(changes: dict[str, int], said: str) -> None:
    assert said in guard_stops(LIMITS, figures(**changes))[0]


@pytest.mark.parametrize("what", ["created", "changed", "removed"])
def test_a_count_stops_whatever_share_of_the_audience_it_is(what: str) -> None:
    limits = GuardLimits(**{f"max_{what}": 3})
    assert guard_stops(limits, figures(**{what: 3})) == []
    assert guard_stops(limits, figures(**{what: 4}))[0].startswith(f"max_{what}: 4 records of shop us would ")


def test_a_share_of_nulls_stops_when_a_limit_is_set() -> None:
    found = guard_stops(GuardLimits(max_null_share=0.2), figures(null_shares={"p_alive": 0.25}))
    assert found == ["max_null_share: 25.0 % of shop us's records have no p_alive, the limit is 20.0 %"]


def test_the_first_delivery_has_nothing_to_overwrite_and_passes() -> None:
    assert guard_stops(LIMITS, figures(delivered=0, audience=1_000_000, rows=5_000_000)) == []


def test_an_empty_plan_passes_whatever_the_audience() -> None:
    assert guard_stops(LIMITS, figures(audience=0, rows=0)) == []


def test_the_sentence_says_how_to_go_on() -> None:
    with pytest.raises(GuardStopped) as stopped:
        require_passed("p-1", "customers", guard_stops(LIMITS, figures(changed=50)))
    assert str(stopped.value).startswith(
        "Nothing was written: plan p-1 of sync 'customers' was stopped by guard max_changed"
    )
    assert "boomerang apply p-1 --allow-large-change" in str(stopped.value)


def acknowledge_everything(marketing: Marketing) -> None:
    """As if the last plan had been applied."""
    with marketing.warehouse.session() as session:
        session.execute("delete from ops.delivery_values where true")
        session.execute(
            """
            insert into ops.delivery_values (shop, object, record_id, attribute, value)
            select shop, object, record_id, attribute, value_after
            from ops.delivery_plan_rows where value_after is not null
            """
        )


@pytest.fixture
def delivered(offline: Marketing) -> Marketing:
    """Ten silver customers, delivered, under the default guards."""
    offline.write_sync(SYNC)
    offline.want({number: gold(tier="silver") for number in range(1, 11)})
    assert offline.plan().guard_stops == []
    acknowledge_everything(offline)
    return offline


def test_values_that_drift_by_design_are_not_counted(delivered: Marketing) -> None:
    delivered.want({number: gold(tier="silver", p_alive="0.4999") for number in range(1, 11)})
    plan = delivered.plan()
    assert (plan.rows, plan.guard_stops) == (10, [])


def test_a_wave_of_new_tiers_stops(delivered: Marketing) -> None:
    delivered.want({number: gold(tier="bronze" if number < 5 else "silver") for number in range(1, 11)})
    assert "max_changed_share: 4 records" in delivered.plan().guard_stops[0]


def test_tags_given_to_known_customers_count_as_a_change(delivered: Marketing) -> None:
    with delivered.warehouse.session() as session:  # the tier itself has been delivered, its tags have not
        session.execute("update ops.delivery_values set value = 'gold' where attribute like '%vip_tier'")
    delivered.want({number: gold() for number in range(1, 11)})
    assert "max_changed_share: 10 records" in delivered.plan().guard_stops[0]


def test_customers_without_a_value_before_count_as_created(offline: Marketing) -> None:
    offline.write_sync(SYNC + "guard: {max_created_share: 0.1}\n")
    offline.want({number: gold(tier="silver") for number in range(1, 11)})
    offline.plan()
    acknowledge_everything(offline)
    offline.want({number: gold(tier="silver") for number in range(1, 13)})
    assert (
        "max_created_share: 2 records of shop us would get their first values, 20.0 %" in offline.plan().guard_stops[0]
    )


def test_values_that_turn_null_count_as_removed(delivered: Marketing) -> None:
    wanted = {number: gold(tier="silver") for number in range(1, 11)}
    wanted[3] = {"vip_tier": "silver", "expected_value_365d_amount": Decimal("100.50")}
    delivered.want(wanted)
    assert "max_removed_share: 1 records" in delivered.plan().guard_stops[0]


def test_an_emptied_model_stops_by_three_guards(delivered: Marketing) -> None:
    delivered.want({})
    assert [stop.split(":")[0] for stop in delivered.plan().guard_stops] == [
        "min_audience",
        "max_removed_share",
        "max_audience_change",
    ]


def test_an_audience_far_from_the_mean_of_its_last_runs_stops(offline: Marketing) -> None:
    limits = GuardLimits(max_audience_deviation=0.2)
    assert guard_stops(limits, figures(audience=119, mean_audience=100.0)) == []
    assert guard_stops(limits, figures(audience=121, mean_audience=None)) == []
    assert guard_stops(limits, figures(audience=121, mean_audience=100.0)) == [
        "max_audience_deviation: the audience of shop us is 121 records, 21.0 % away from the mean of its last runs "
        "(100), the limit is 20.0 %"
    ]


def test_the_mean_is_that_of_what_was_delivered_or_found_nothing_to_do(offline: Marketing) -> None:
    offline.write_sync(SYNC + "guard: {max_audience_deviation: 0.2}\n")
    for records in (10, 14):
        offline.want({number: gold(tier="silver") for number in range(1, records + 1)})
        offline.plan()
        acknowledge_everything(offline)
    offline.plan()  # found nothing to do: counts with its 14
    with offline.warehouse.session() as session:
        session.execute("update ops.delivery_plans set state = 'applied' where figures like '%\"audience\": 10,%'")
    offline.want({number: gold(tier="silver") for number in range(1, 17)})
    stop = offline.plan().guard_stops[0]  # 12 is the mean: what is only planned does not count
    assert "16 records, 33.3 % away from the mean of its last runs (12)" in stop


SHIFTING = SYNC + "guard: {max_changed_share: 1.0, max_shift: 0.25}\n"


def test_a_shift_of_values_stops_and_names_what_moved_most(delivered: Marketing) -> None:
    delivered.write_sync(SHIFTING)
    delivered.want({number: gold(tier="bronze" if number < 3 else "silver") for number in range(1, 11)})
    assert delivered.plan().guard_stops == []
    delivered.want({number: gold(tier="bronze" if number < 4 else "silver") for number in range(1, 11)})
    assert delivered.plan().guard_stops == [
        "max_shift: the values of metafield:boomerang.vip_tier shift by 30.0 % in shop us "
        "(most of all bronze, from 0.0 % to 30.0 %), the limit is 25.0 %"
    ]


def test_values_that_change_places_are_no_shift_and_numbers_shift_by_ranges(offline: Marketing) -> None:
    delivered = offline
    delivered.write_sync(SHIFTING)
    spread = {number: gold(f"0.{number:02}", f"{number}0.00", tier="silver") for number in range(1, 41)}
    delivered.want(spread)
    delivered.plan()
    acknowledge_everything(delivered)
    numbers = list(spread)
    turned = {number: spread[other] for number, other in zip(numbers, reversed(numbers), strict=True)}
    delivered.want(turned)  # everybody changes, and the shares stay
    assert (delivered.plan().rows, delivered.plan().guard_stops) == (80, [])
    delivered.want({number: {**values, "p_alive": Decimal("0.99")} for number, values in spread.items()})
    stop = delivered.plan().guard_stops[0]
    assert "metafield:boomerang.p_alive shift by 90.0 %" in stop
    assert "most of all 0.37 and more, from 10.0 % to 100.0 %" in stop
    assert len(delivered.plan().guard_stops) == 1


def test_a_model_that_is_old_or_of_unknown_age_stops(offline: Marketing) -> None:
    offline.write_sync(SYNC + "guard: {max_model_age_hours: 24}\n")
    offline.want({1: gold()})
    assert "nobody knows when model syncs.sync_shopify__customers was built" in offline.plan().guard_stops[0]
    old = datetime.now(UTC) - timedelta(hours=25)
    store_model_states(offline.settings, {MODEL: ModelState(old)})
    assert "was built 25.0 hours ago, the limit is 24 hours; build it with `boom" in offline.plan().guard_stops[0]
    store_model_states(offline.settings, {MODEL: ModelState(datetime.now(UTC))})
    assert offline.plan().guard_stops == []


def test_a_failed_test_upstream_of_the_model_stops_unless_the_sync_says_otherwise(offline: Marketing) -> None:
    offline.want({1: gold()})
    store_model_states(offline.settings, {MODEL: ModelState(None, ("not_null_fct_orders_order_id", "unique_x"))})
    offline.write_sync(SYNC)
    stop = offline.plan().guard_stops[0]
    assert stop.startswith("blocking_checks: 2 dbt tests failed on model syncs.sync_shopify__customers or what")
    assert "(not_null_fct_orders_order_id and 1 more)" in stop
    offline.write_sync(SYNC + "guard: {blocking_checks: false}\n")
    assert offline.plan().guard_stops == []
