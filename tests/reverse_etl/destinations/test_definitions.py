"""Definitions follow the sync file, as far as it says something."""

from typing import Any

import pytest

from reverse_etl.failures import DefinitionConflict
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold
from tests.sandbox_fixture import US

LISTED = """{ metafieldDefinitions(first: 9, ownerType: CUSTOMER, namespace: "boomerang") {
  nodes { key name validations { name value } capabilities { adminFilterable { enabled } } } } }"""
CREATE = """mutation C($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
  userErrors { message } } }"""


def defined(marketing: Marketing) -> dict[str, Any]:
    nodes = marketing.sandbox.ask(LISTED, shop=US)["metafieldDefinitions"]["nodes"]
    return {node["key"]: node for node in nodes}


def define(marketing: Marketing, **given: Any) -> None:
    known = {"namespace": "boomerang", "key": "vip_tier", "ownerType": "CUSTOMER", "name": "Tier"}
    answer = marketing.sandbox.ask(CREATE, {"d": {**known, "type": "single_line_text_field", **given}}, shop=US)
    assert answer["metafieldDefinitionCreate"]["userErrors"] == []


def test_choices_that_a_definition_lacks_are_added_before_values_are_sent(marketing: Marketing) -> None:
    define(marketing, validations=[{"name": "choices", "value": '["silver", "bronze"]'}])
    report = marketing.deliver({marketing.customers()[0]: gold()})
    assert report.rejected == 0
    tier = defined(marketing)["vip_tier"]
    assert tier["validations"] == [
        {"name": "choices", "value": '["platinum", "gold", "silver", "bronze", "none"]'},
    ]
    assert (tier["name"], tier["capabilities"]["adminFilterable"]["enabled"]) == ("VIP tier", True)


def test_a_definition_that_says_the_same_is_left_alone(marketing: Marketing) -> None:
    marketing.deliver({marketing.customers()[0]: gold()})
    writes = [entry for entry in marketing.sandbox.log() if "metafieldDefinitionUpdate" in (entry.get("roots") or ())]
    marketing.deliver({marketing.customers()[0]: gold(tier="silver")})
    after = [entry for entry in marketing.sandbox.log() if "metafieldDefinitionUpdate" in (entry.get("roots") or ())]
    assert (writes, after) == ([], [])


def test_validations_of_which_the_sync_file_says_nothing_stay(marketing: Marketing) -> None:
    define(marketing, validations=[{"name": "max", "value": "20"}], capabilities={"adminFilterable": {"enabled": True}})
    marketing.write_sync(
        SYNC.replace("validations: {choices: [platinum, gold, silver, bronze, none]}, ", "") + NO_GUARD,
    )
    marketing.deliver({marketing.customers()[0]: gold()})
    assert defined(marketing)["vip_tier"]["validations"] == [{"name": "max", "value": "20"}]


def test_another_type_stops_the_delivery_before_anything_is_written(marketing: Marketing) -> None:
    define(marketing, type="boolean")
    with pytest.raises(DefinitionConflict, match=r"defines metafield boomerang.vip_tier of CUSTOMER as boolean"):
        marketing.deliver({marketing.customers()[0]: gold()})
    assert marketing.carried() == {}
