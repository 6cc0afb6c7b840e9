"""The code location as a whole: keys, groups, jobs, and a graph that reads from source to metafield without a gap."""

import dagster as dg

from pipelines.config import Settings
from pipelines.shopify.contract import shopify_contract

DELIVERED = dg.AssetKey(["delivered", "shopify", "customers"])


def ancestors(definitions: dg.Definitions, key: dg.AssetKey) -> set[str]:
    graph = definitions.resolve_asset_graph()
    return {found.to_user_string() for found in dg.AssetSelection.assets(key).upstream().resolve(graph)}


def test_the_graph_reads_from_source_to_metafield_without_a_gap(definitions: dg.Definitions) -> None:
    upstream = ancestors(definitions, DELIVERED)
    path = ["shopify/orders", "stg_shopify__orders", "int_customers__purchase_history", "scores/model_fits"]
    assert [step for step in [*path, "sync_shopify__customers"] if step not in upstream] == []


def test_every_link_of_the_chain_is_made_here(definitions: dg.Definitions) -> None:
    specs = {spec.key for spec in definitions.resolve_all_asset_specs()}
    graph = definitions.resolve_asset_graph()
    strangers = [key.to_user_string() for key in specs if not graph.get(key).is_materializable]
    assert strangers == [], "assets that nothing makes: a dbt source without a raw asset, or a misspelt dependency"


def test_every_table_of_the_contract_is_a_raw_asset_by_shop(project: tuple[Settings, dg.Definitions]) -> None:
    settings, definitions = project
    graph = definitions.resolve_asset_graph()
    for table in shopify_contract(settings).tables:
        node = graph.get(dg.AssetKey(["shopify", table.name]))
        assert node.group_name == "shopify"
        assert node.partitions_def is not None
        assert node.partitions_def.get_partition_keys() == ["eu", "us"]


def test_groups_are_sources_domains_and_destinations(definitions: dg.Definitions) -> None:
    groups = {spec.group_name for spec in definitions.resolve_all_asset_specs()}
    assert {"shopify", "customers", "orders", "sales", "scores", "to_shopify", "analysts"} <= groups
    assert "default" not in groups


def test_every_asset_says_what_it_is_and_how_old_it_may_be(definitions: dg.Definitions) -> None:
    specs = definitions.resolve_all_asset_specs()
    assert [spec.key.to_user_string() for spec in specs if not spec.description] == []
    assert [spec.key.to_user_string() for spec in specs if not spec.freshness_policy] == []


def test_a_refresh_invokes_dbt_twice_and_writes_nothing_to_shopify(definitions: dg.Definitions) -> None:
    nodes = [node.name for node in definitions.resolve_job_def("refresh").nodes]
    assert sorted(name for name in nodes if name.startswith("dbt")) == ["dbt", "dbt_2"]
    assert [name for name in nodes if name.startswith("delivered")] == []


def test_a_delivery_tests_the_wanted_values_before_it_writes(definitions: dg.Definitions) -> None:
    job = definitions.resolve_job_def("deliver")
    kinds = ("customers", "orders", "products")
    assert {key.to_user_string() for key in job.asset_layer.executable_asset_keys} == {
        *(f"sync_shopify__{kind}" for kind in kinds),
        *(f"delivered/shopify/{kind}" for kind in kinds),
    }
    checks = definitions.resolve_asset_graph().get_check_keys_for_assets({dg.AssetKey("sync_shopify__customers")})
    assert len(checks) >= 3


def test_raw_tables_block_what_follows_when_they_are_incomplete(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    orders = dg.AssetKey(["shopify", "orders"])
    blocking = {key.name: graph.get(key).blocking for key in graph.get_check_keys_for_assets({orders})}
    assert blocking["is_complete"]
    assert not blocking["contract_holds"]
    assert not blocking["every_shop_is_fresh"]


def test_delivery_waits_for_blocking_checks(definitions: dg.Definitions) -> None:
    condition = definitions.resolve_asset_graph().get(DELIVERED).automation_condition
    assert condition is not None
    assert condition.get_label() == "wanted_changed_and_is_trusted"


def test_nothing_reaches_a_store_before_somebody_turns_it_on(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    assert {schedule.name for schedule in repository.schedule_defs} == {"refresh_hourly", "deliver_daily"}
    assert all(schedule.default_status == dg.DefaultScheduleStatus.STOPPED for schedule in repository.schedule_defs)
    assert [sensor.name for sensor in repository.sensor_defs] == ["deliver_when_trusted"]
    assert all(sensor.default_status == dg.DefaultSensorStatus.STOPPED for sensor in repository.sensor_defs)


def test_the_hourly_schedule_covers_every_shop_in_one_run(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("refresh_hourly")
    with dg.build_schedule_context() as context:
        tick = schedule.evaluate_tick(context)
    assert tick.run_requests is not None
    tags = tick.run_requests[0].tags
    assert (tags["dagster/asset_partition_range_start"], tags["dagster/asset_partition_range_end"]) == ("eu", "us")


def test_every_op_that_opens_duckdb_takes_its_turn(definitions: dg.Definitions) -> None:
    for job in ("refresh", "deliver"):
        pools = {node.name: node.definition.pools for node in definitions.resolve_job_def(job).nodes}
        assert [name for name, pool in pools.items() if set(pool) != {"duckdb"}] == []
