"""The door for what is peculiar to an entity: inventory levels, parents elsewhere, the merchant's metafields."""

from pathlib import Path

import pytest

from pipelines.config import MerchantMetafield, Settings
from tests.pipelines.shopify.exports import letters, order, read, settings_in, through_the_door


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def test_the_id_of_an_inventory_level_is_read_past_its_query_string(settings: Settings) -> None:
    item = {
        "__typename": "InventoryItem",
        "id": "gid://shopify/InventoryItem/500",
        "tracked": True,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "unitCost": None,
    }
    level = {
        "__typename": "InventoryLevel",
        "id": "gid://shopify/InventoryLevel/123?inventory_item_id=500",
        "isActive": True,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "location": {"id": "gid://shopify/Location/9"},
        "quantities": [{"name": "available", "quantity": 4}, {"name": "on_hand", "quantity": 4}],
        "__parentId": "gid://shopify/InventoryItem/500",
    }
    wrong = {
        **level,
        "location": {"id": "gid://shopify/Location/10"},
        "quantities": [{"name": "on_hand", "quantity": 5}],
    }
    good = through_the_door(settings, [item, level], entity="inventory")
    (row,) = read(good.files["inventory_levels"])
    assert (row["inventory_level_id"], row["inventory_item_id"], row["location_id"]) == (123, 500, 9)
    assert (row["available_quantity"], row["on_hand_quantity"], row["damaged_quantity"]) == (4, 4, None)
    bad = through_the_door(settings, [item, level, wrong], entity="inventory")
    ((_, key, rule, _),) = letters(bad)
    assert (key, rule) == ("500,10", "on_hand_is_the_sum_of_its_states")
    (kept,) = read(bad.files["inventory_levels"])
    assert (kept["inventory_level_id"], kept["available_quantity"]) == (123, 4)


def test_lines_that_only_name_parents_are_counted_apart(settings: Settings) -> None:
    carrier = {"__typename": "Order", "id": "gid://shopify/Order/1", "updatedAt": "2026-02-01T00:00:00Z"}
    returned = {
        "__typename": "Return",
        "id": "gid://shopify/Return/5",
        "name": "#1-R1",
        "status": "OPEN",
        "createdAt": "2026-02-01T00:00:00Z",
        "totalQuantity": 1,
        "__parentId": "gid://shopify/Order/1",
    }
    for extra in ([], [{**carrier, "id": None}]):
        admitted = through_the_door(settings, [carrier, returned, *extra], entity="returns")
        assert (admitted.parent_lines, admitted.rejected_lines) == (1, len(extra))
        assert [row["parent_key"] for row in read(admitted.parents["orders"])] == [1]
        assert admitted.tables["returns"].accepted == 1


def test_the_merchants_metafields_become_typed_columns(tmp_path: Path) -> None:
    wanted = [
        MerchantMetafield(owner="orders", namespace="custom", key="gift-wrap", type="boolean"),
        MerchantMetafield(owner="orders", namespace="custom", key="weight", type="decimal"),
    ]
    settings = settings_in(tmp_path, metafields=wanted)
    first = order(1, metafield_custom_gift_wrap={"value": "true"}, metafield_custom_weight={"value": "1.123456789"})
    admitted = through_the_door(settings, [first, order(2, metafield_custom_gift_wrap=None)])
    found = {row["order_id"]: row for row in read(admitted.files["orders"])}
    assert found[1]["metafield_custom_gift_wrap"] is True
    assert str(found[1]["metafield_custom_weight"]) == "1.123456789"
    assert found[2]["metafield_custom_gift_wrap"] is None
    bad = through_the_door(settings, [order(1, metafield_custom_weight={"value": "heavy"})])
    assert letters(bad)[0][2] == "metafield_custom_weight_type"
