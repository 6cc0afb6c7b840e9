"""Definitions follow the sync file, as far as it says something."""

from typing import Any

import pytest

from reverse_etl.failures import DefinitionConflict
from reverse_etl.verify import verify_sync
from tests.reverse_etl.marketing import NO_GUARD, SYNC, Marketing, gold
from tests.sandbox_fixture import US

LISTED = """{ metafieldDefinitions(first: 9, ownerType: CUSTOMER, namespace: "boomerang") {
  nodes { key name validations { name value } capabilities { adminFilterable { enabled } }
  access { storefront } } } }"""
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


OF_THE_APP = "$app:scores"


def of_the_app(access: str) -> str:
    """The sync with its probability in a namespace of the app."""
    field = f"namespace: {OF_THE_APP}, key: p_alive, access: {access}"
    return SYNC.replace("namespace: boomerang, key: p_alive", field) + NO_GUARD


def test_a_namespace_of_the_app_is_written_compared_and_verified_under_its_short_name(marketing: Marketing) -> None:
    marketing.write_sync(of_the_app("{admin: MERCHANT_READ}"))
    customer = marketing.customers()[0]
    assert marketing.deliver({customer: gold()}).rejected == 0
    metafields = marketing.sandbox.state(US)["customers"][str(customer)]["metafields"]
    (resolved,) = [name for name in metafields if name.endswith(".p_alive")]
    assert resolved.startswith("app--")
    assert marketing.plan().is_empty
    found = verify_sync(marketing.settings, "customers", "us", folder=marketing.folder)
    assert (found.in_place, found.drift) == (found.acknowledged, [])


def test_access_follows_the_sync_file_and_what_it_does_not_say_stays(marketing: Marketing) -> None:
    customer = marketing.customers()[0]
    define(marketing, access={"storefront": "PUBLIC_READ"})
    marketing.deliver({customer: gold()})
    assert defined(marketing)["vip_tier"]["access"]["storefront"] == "PUBLIC_READ"
    marketing.write_sync(SYNC.replace("filterable: true", "filterable: true, access: {storefront: NONE}") + NO_GUARD)
    marketing.deliver({customer: gold(tier="silver")})
    assert defined(marketing)["vip_tier"]["access"]["storefront"] == "NONE"
