"""Guards stop a plan before anything is written, and say how to go on."""

from decimal import Decimal

import pytest

from pipelines.failures import GuardStopped
from reverse_etl.guard import Figures, guard_stops, require_passed
from reverse_etl.sync_file import GuardLimits
from tests.reverse_etl.marketing import SYNC, Marketing, gold

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
