"""Groups and descriptions come from folders and YAML, never from a list of model names."""

import pytest

from orchestration.lib.dbt_translator import description_of, group_of, is_mart


def node(*folders: str, resource_type: str = "model", **more: object) -> dict[str, object]:
    return {"resource_type": resource_type, "fqn": ["boomerang", *folders, "a_model"], "config": {}, "meta": {}, **more}


@pytest.mark.parametrize(
    ("folders", "group"),
    [
        (("staging", "shopify"), "shopify"),
        (("intermediate", "customers"), "customers"),
        (("marts", "sales"), "sales"),
        (("syncs", "shopify"), "to_shopify"),
        (("marts",), "marts"),
        ((), "dbt"),
    ],
)
def test_the_folder_of_a_model_is_its_group(folders: tuple[str, ...], group: str) -> None:
    assert group_of(node(*folders)) == group


def test_a_source_is_grouped_by_its_name_and_a_seed_is_reference() -> None:
    assert group_of(node(resource_type="source", source_name="shopify")) == "shopify"
    assert group_of(node("seeds", resource_type="seed")) == "reference"


def test_the_description_ends_with_the_grain() -> None:
    model = node(description="Orders.", config={"meta": {"grain": ["shop", "order_id"]}})
    assert description_of(model) == "Orders.\n\nGrain: shop, order_id"
    assert description_of(node(description="Orders.", meta={"grain": "one row per order"})) == (
        "Orders.\n\nGrain: one row per order"
    )
    assert description_of(node(description="Orders.")) == "Orders."


def test_only_models_under_marts_are_marts() -> None:
    assert is_mart(node("marts", "sales"))
    assert not is_mart(node("staging", "shopify"))
    assert not is_mart(node("marts", "sales", resource_type="test"))
