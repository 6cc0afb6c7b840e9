"""Sync files: a valid one loads, each mistake ends in a sentence with file, line and field."""

from pathlib import Path

import pytest

from reverse_etl.failures import SourceOfTruthError, SyncFileError
from reverse_etl.sync_format.sync_yaml import load_sync, sync_names
from tests.reverse_etl.marketing import SYNC


def write(folder: Path, text: str, name: str = "customers") -> Path:
    (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(SyncFileError) as failure:
        load_sync("customers", write(folder, text))
    return str(failure.value)


def test_every_shipped_sync_is_valid() -> None:
    assert "customers" in sync_names()
    for name in sync_names():
        assert load_sync(name).sync.name == name


def test_tags_are_made_of_prefix_template_and_listed_values(tmp_path: Path) -> None:
    sync = load_sync("customers", write(tmp_path, SYNC)).sync
    assert sync.tags is not None
    assert [tag for _, _, tag in sync.tags.choices()] == ["boomerang:vip-platinum", "boomerang:vip-gold"]


def test_an_unknown_field_is_named_with_its_line(tmp_path: Path) -> None:
    text = SYNC.replace("mode: mirror", "modus: mirror")
    assert refusal(tmp_path, text) == "customers.yml, line 6, field modus: this field is not known; check the spelling."


def test_a_missing_field_is_named_at_the_entry_that_lacks_it(tmp_path: Path) -> None:
    text = SYNC.replace(", key: p_alive, type", ", type")
    assert refusal(tmp_path, text) == "customers.yml, line 10, field metafields[1].key: this field is missing; add it."


def test_a_wrong_type_name_is_named_with_what_was_given(tmp_path: Path) -> None:
    message = refusal(tmp_path, SYNC.replace("type: number_decimal", "type: decimal"))
    assert message.startswith("customers.yml, line 10, field metafields[1].type: Input should be 'boolean'")
    assert message.endswith("(given: 'decimal').")


def test_text_that_is_not_yaml_is_named_with_its_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, "name: customers\nmetafields: [\n").startswith("customers.yml, line 3: this is not YAML")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("currency_column: currency, ", "", "currency_column belongs to type money, and money needs it"),
        ("type: money", "type: money, filterable: true", "type money cannot be filterable"),
        ("namespace: boomerang, key: p_alive", "namespace: shopify_standard, key: p_alive", "reserved by Shopify"),
        ("key: p_alive", "key: vip_tier", "metafield:boomerang.vip_tier is written twice"),
        ('tag: "vip-{value}"', "tag: vip", "must contain {value}"),
        ("values: [platinum, gold]", 'values: ["platinum,gold"]', "tags.owned[0].values[0]"),
        ('prefix: "boomerang:"', "prefix: boomerang", "field tags.prefix"),
        ("type: number_decimal", "type: rating", "rating needs the numbers scale_min and scale_max"),
        ("type: number_decimal", "type: weight", "unit belongs to dimension, weight and volume"),
        ("type: number_decimal", 'type: weight, unit: "g\'"', "metafields[1].unit"),
        ("[platinum, gold, silver, bronze, none]", "platinum", "validations.choices must be a list"),
        (
            "choices: [platinum",
            "chioces: [platinum",
            "validations.chioces is not known for type single_line_text_field",
        ),
        ("type: number_decimal", "type: money, absent: null_out", "currency_column belongs to type money"),
        ("drifts: true}\n  - ", "absent: null_out}\n  - ", "type number_decimal has no empty value in Shopify"),
        ("drifts: true}\n  - ", "access: {admin: MERCHANT_READ}}\n  - ", "access.admin belongs to a namespace of the"),
        ("drifts: true}\n  - ", "access: {storefront: ALL}}\n  - ", "metafields[1].access.storefront"),
        ("object: customer", "object: cart", "field object: Input should be 'customer', 'product' or 'order'"),
    ],
)
def test_what_shopify_would_refuse_is_refused_here(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in SYNC
    assert said in refusal(tmp_path, SYNC.replace(before, after))


def test_the_name_inside_must_be_the_name_of_the_file(tmp_path: Path) -> None:
    assert "line 2, field name: 'people'" in refusal(tmp_path, SYNC.replace("name: customers", "name: people", 1))


def test_an_unknown_sync_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(SyncFileError, match=r"no sync 'orders' .* known syncs: customers"):
        load_sync("orders", write(tmp_path, SYNC))


def test_two_syncs_never_own_the_same_value(tmp_path: Path) -> None:
    write(tmp_path, SYNC)
    write(tmp_path, SYNC.replace("name: customers", "name: again", 1), "again")
    with pytest.raises(SyncFileError, match=r"customers.yml and again.yml both own metafield:boomerang"):
        load_sync("customers", tmp_path)


@pytest.mark.parametrize(
    ("column", "said"),
    [("email", r"its truth \(customer\) lies in shopify"), ("shoe_size", "does not say whose truth it is")],
)
def test_a_field_whose_truth_is_elsewhere_is_never_written(tmp_path: Path, column: str, said: str) -> None:
    write(tmp_path, SYNC.replace("column: p_alive", f"column: {column}"))
    with pytest.raises(SourceOfTruthError, match=said):
        load_sync("customers", tmp_path)


def test_a_namespace_of_the_app_may_say_what_staff_may_do(tmp_path: Path) -> None:
    field = "namespace: $app:scores, key: p_alive, access: {admin: MERCHANT_READ, customer_account: NONE}"
    text = SYNC.replace("namespace: boomerang, key: p_alive", field)
    loaded = load_sync("customers", write(tmp_path, text)).sync.metafields[1]
    assert loaded.attribute == "metafield:$app:scores.p_alive"
    assert loaded.access.entries() == {"admin": "MERCHANT_READ", "customerAccount": "NONE"}


def test_more_tags_than_a_record_may_carry_are_refused(tmp_path: Path) -> None:
    many = "".join(f'    - {{column: vip_tier, tag: "{number}-{{value}}", values: [gold]}}\n' for number in range(250))
    assert "one record could be given 251 tags" in refusal(tmp_path, SYNC + many)


def test_a_tag_of_256_characters_is_refused(tmp_path: Path) -> None:
    text = SYNC.replace("vip-{value}", "v" * 239 + "-{value}").replace("[platinum, gold]", "[silver]")
    assert "is longer than 255 characters" in refusal(tmp_path, text)
    assert load_sync("customers", write(tmp_path, text.replace("[silver]", "[gold]"))).sync.tags is not None
