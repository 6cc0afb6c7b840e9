"""The plan is the difference between wanted and acknowledged, and nothing else."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.failures import DeliveryError
from reverse_etl.failures import UnknownPlan
from reverse_etl.plans.plan_store import latest_plan, load_plan
from tests.reverse_etl.marketing import MODEL, NO_GUARD, SYNC, Customer, Marketing, gold

TIERS = ["platinum", "gold", "silver", None]
customers: st.SearchStrategy[Customer] = st.fixed_dictionaries(
    {
        "vip_tier": st.sampled_from(TIERS),
        "p_alive": st.none() | st.sampled_from([Decimal("0"), Decimal("0.25"), Decimal("1")]),
        "expected_value_365d_amount": st.none() | st.sampled_from([Decimal("0"), Decimal("99.90")]),
    }
)
models = st.dictionaries(st.integers(1, 20), customers, max_size=16)
Values = dict[tuple[int, str], str]


def wanted_values(model: dict[int, Customer]) -> Values:
    """What the records of a model should carry, said once more in plain Python."""
    values: Values = {}
    for number, customer in model.items():
        if customer["vip_tier"]:
            values[number, "metafield:boomerang.vip_tier"] = customer["vip_tier"]
        if customer["vip_tier"] in ("platinum", "gold"):
            tag = f"boomerang:vip-{customer['vip_tier']}"
            values[number, f"tag:{tag}"] = tag
        if customer["p_alive"] is not None:
            values[number, "metafield:boomerang.p_alive"] = str(float(customer["p_alive"]))
        if customer["expected_value_365d_amount"] is not None:
            text = f'{{"amount":"{customer["expected_value_365d_amount"]:.2f}","currency_code":"USD"}}'
            values[number, "metafield:boomerang.expected_value_365d"] = text
    return values


def acknowledge(marketing: Marketing, values: Values) -> None:
    with marketing.warehouse.session() as session:
        session.execute("delete from ops.delivery_values where true")
        for (record, attribute), value in values.items():
            session.execute(
                """
                insert into ops.delivery_values (shop, object, record_id, attribute, value)
                values ('us', 'customer', ?, ?, ?)
                """,
                (record, attribute, value),
            )


def applied(marketing: Marketing, plan_id: str, before: Values) -> Values:
    """The values after a plan; every row must start from what is there."""
    after = dict(before)
    sql = "select record_id, attribute, action, value_before, value_after from ops.delivery_plan_rows where plan_id = ?"
    for record, attribute, action, value_before, value_after in marketing.rows(sql, plan_id):
        assert after.get((record, attribute)) == value_before != value_after
        if action in ("set", "tag_add"):
            after[record, attribute] = value_after
        else:
            del after[record, attribute]
    return after


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=models, after=models)
def test_applying_the_difference_to_the_acknowledged_gives_the_wanted(
    offline: Marketing, before: dict[int, Customer], after: dict[int, Customer]
) -> None:
    acknowledge(offline, wanted_values(before))
    offline.want(after)
    plan = offline.plan()
    assert applied(offline, plan.plan_id, wanted_values(before)) == wanted_values(after)
    assert plan.rows == len(set(wanted_values(before).items()) ^ set(wanted_values(after).items())) - len(
        [key for key, value in wanted_values(before).items() if wanted_values(after).get(key, value) != value]
    )


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=models, after=models)
def test_update_mode_leaves_those_alone_that_left_the_model(
    offline: Marketing, before: dict[int, Customer], after: dict[int, Customer]
) -> None:
    offline.write_sync(SYNC.replace("mode: mirror", "mode: update") + NO_GUARD)
    acknowledge(offline, wanted_values(before))
    offline.want(after)
    kept = {key: value for key, value in wanted_values(before).items() if key[0] not in after}
    assert applied(offline, offline.plan().plan_id, wanted_values(before)) == wanted_values(after) | kept


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=models, after=models)
def test_add_only_mode_never_changes_or_removes(
    offline: Marketing, before: dict[int, Customer], after: dict[int, Customer]
) -> None:
    offline.write_sync(SYNC.replace("mode: mirror", "mode: add_only") + NO_GUARD)
    acknowledge(offline, wanted_values(before))
    offline.want(after)
    assert applied(offline, offline.plan().plan_id, wanted_values(before)) == wanted_values(after) | wanted_values(
        before
    )


def test_absent_keep_leaves_the_last_value_standing(offline: Marketing) -> None:
    offline.write_sync(SYNC.replace("name: P alive", "name: P alive, absent: keep") + NO_GUARD)
    acknowledge(offline, {(1, "metafield:boomerang.p_alive"): "0.5", (2, "metafield:boomerang.p_alive"): "0.5"})
    offline.want({1: {"vip_tier": "silver"}})
    counts = {(count.attribute, count.cause): count.rows for count in offline.plan().counts}
    # The value of a record that left the model is cleared all the same: that is what mirror means.
    assert counts == {("metafield:boomerang.vip_tier", "new"): 1, ("metafield:boomerang.p_alive", "left"): 1}


def test_absent_null_out_writes_the_empty_value_once_and_a_record_that_left_is_cleared(offline: Marketing) -> None:
    of_text = "column: vip_tier, namespace: boomerang, key: tiers, absent: null_out, type: list.single_line_text_field"
    offline.write_sync(
        SYNC.replace("column: p_alive, namespace: boomerang, key: p_alive, type: number_decimal", of_text)
    )
    acknowledge(offline, {(2, "metafield:boomerang.tiers"): "[]", (3, "metafield:boomerang.tiers"): "[]"})
    offline.want({1: {}, 2: {}})
    offline.plan()
    sql = "select record_id, action, value_before, value_after from ops.delivery_plan_rows order by plan_row"
    assert offline.rows(sql) == [(1, "set", None, "[]"), (3, "delete", "[]", None)]


def test_rows_stand_in_the_order_of_sending(offline: Marketing) -> None:
    acknowledge(
        offline, {(1, "tag:boomerang:vip-gold"): "boomerang:vip-gold", (9, "metafield:boomerang.p_alive"): "1.0"}
    )
    offline.want({2: gold(), 1: gold(tier="platinum")})
    sql = "select action, record_id from ops.delivery_plan_rows order by plan_row"
    offline.plan()
    assert offline.rows(sql) == [
        *[("set", 1)] * 3,
        *[("set", 2)] * 3,
        ("delete", 9),
        ("tag_add", 1),
        ("tag_add", 2),
        ("tag_remove", 1),
    ]


def test_tags_outside_the_prefix_are_not_ours_to_remove(offline: Marketing) -> None:
    acknowledge(offline, {(1, "tag:boomerang-old"): "boomerang-old", (1, "tag:boomerangs:x"): "boomerangs:x"})
    offline.want({})
    assert offline.plan().is_empty


def test_an_unchanged_model_plans_nothing(offline: Marketing) -> None:
    offline.want({1: gold()})
    acknowledge(offline, wanted_values({1: gold()}))
    assert offline.plan().is_empty


def test_shops_are_planned_apart_and_together(offline: Marketing) -> None:
    offline.want({1: gold()}, others=[{"shop": "eu", "customer_id": 1, "vip_tier": "silver"}])
    assert offline.plan("us").audience == {"us": 1}
    both = offline.plan(None)
    assert (both.shops, both.audience, both.rows) == (["eu", "us"], {"eu": 1, "us": 1}, 5)


def test_a_plan_can_be_read_again_with_samples_before_and_after(offline: Marketing) -> None:
    acknowledge(offline, {(1, "metafield:boomerang.vip_tier"): "silver"})
    offline.want({1: {"vip_tier": "bronze"}})
    plan = offline.plan()
    sample = plan.samples[0]
    assert (sample.record_id, sample.value_before, sample.value_after) == (1, "silver", "bronze")
    assert load_plan(offline.settings, plan.plan_id) == plan == latest_plan(offline.settings, "customers")


def test_an_unknown_plan_is_refused(offline: Marketing) -> None:
    with pytest.raises(UnknownPlan, match="no plan 'p-1'; make one with `boomerang plan`"):
        load_plan(offline.settings, "p-1")


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("drop table syncs.sync_shopify__customers", "not in the warehouse; build the models first"),
        ("alter table syncs.sync_shopify__customers drop column p_alive", "needs column p_alive of model"),
        (
            "alter table syncs.sync_shopify__customers alter p_alive type varchar",
            r"Column p_alive of model .* is of type string, and metafield boomerang.p_alive \(number_decimal\) of sync "
            "'customers' needs a number; nothing was planned. Cast it in the model",
        ),
        ("alter table syncs.sync_shopify__customers alter customer_id type varchar", "the key of sync .* a whole num"),
        ("alter table syncs.sync_shopify__customers alter vip_tier type boolean using true", "needs text"),
        (
            "insert into syncs.sync_shopify__customers by name select 'us' as shop, 1 as customer_id",
            "1 rows with a missing or rep",
        ),
        (
            "insert into syncs.sync_shopify__customers by name select 'us' as shop",
            "1 rows with a missing or repeated customer_id",
        ),
    ],
)
def test_a_model_that_cannot_serve_the_sync_is_refused(offline: Marketing, sql: str, said: str) -> None:
    offline.want({1: gold()})
    with offline.warehouse.session() as session:
        session.execute(sql)
    with pytest.raises(DeliveryError, match=said):
        offline.plan()
    assert offline.rows("select count(*) from ops.delivery_plan_rows") == [(0,)]


def test_a_column_of_consent_that_is_no_boolean_is_refused(offline: Marketing) -> None:
    offline.write_sync(SYNC.replace("mode: mirror", "mode: mirror\nconsent: {column: churn_band}"))
    with pytest.raises(DeliveryError, match=r"Column churn_band .* is of type string, and consent .* needs a boolean"):
        offline.plan()


def test_shop_without_customers_before_a_large_one_hides_nothing(offline: Marketing) -> None:
    with offline.warehouse.session() as session:
        session.execute(
            f"""
            insert into {MODEL} (shop, customer_id, vip_tier, p_alive, currency)
            select 'us', range, 'gold', 0.5, 'USD' from range(90000)
            """
        )
    for _ in range(2):
        plan = offline.plan(shop=None)
        assert plan.rows == 270_000
        assert plan.rows == sum(count.rows for count in plan.counts)
