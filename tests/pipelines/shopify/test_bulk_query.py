from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, strip_ignored_characters

from pipelines.config import MerchantMetafield
from pipelines.failures import InvalidQuery
from pipelines.shopify.bulk_query import MAX_BULK_QUERY_BYTES, load_entity_queries, load_entity_query
from pipelines.shopify.documents import field_named

PRODUCTS = """
query Products($query: String) {
  products(query: $query, sortKey: UPDATED_AT) {
    edges { node { id variants { edges { node { id } } } } }
  }
}
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.graphql"
    path.write_text(text, encoding="utf-8")
    return path


def root_arguments(text: str) -> dict[str, str]:
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert not operation.variable_definitions
    field = operation.selection_set.selections[0]
    return {argument.name.value: argument.value.value for argument in field.arguments}  # type: ignore[attr-defined]


def test_the_operation_says_how_an_entity_is_read() -> None:
    queries = load_entity_queries()
    assert (queries["orders"].kind, queries["orders"].root, queries["orders"].is_incremental) == (
        "bulk",
        "orders",
        True,
    )
    assert (queries["inventory"].kind, queries["inventory"].is_incremental) == ("bulk", False)
    assert (queries["shop"].kind, queries["shop"].root) == ("single", "shop")
    assert (queries["refund_details"].kind, queries["refund_details"].root) == ("ids", "nodes")


@pytest.mark.parametrize(
    "search", ["updated_at:>='2026-01-01T00:00:00Z'", 'a "quoted" \\ word', "two\nlines", "naïve ☕"]
)
def test_a_search_filter_is_written_into_the_text(tmp_path: Path, search: str) -> None:
    query = load_entity_query(written(tmp_path, "products", PRODUCTS))
    assert root_arguments(query.bulk_text(search)) == {"query": search, "sortKey": "UPDATED_AT"}


def test_without_a_filter_the_argument_is_left_out(tmp_path: Path) -> None:
    query = load_entity_query(written(tmp_path, "products", PRODUCTS))
    assert root_arguments(query.bulk_text()) == {"sortKey": "UPDATED_AT"}


def test_the_sweep_reads_only_the_ids_of_everything(tmp_path: Path) -> None:
    text = load_entity_query(written(tmp_path, "products", PRODUCTS)).ids_text()
    assert " ".join(text.split()) == (
        "query Products { products(sortKey: UPDATED_AT) { edges { node { __typename id } } } }"
    )


def test_metafields_of_the_merchant_are_selected_where_their_owner_is(tmp_path: Path) -> None:
    metafields = [
        MerchantMetafield(owner="products", namespace="custom", key="season"),
        MerchantMetafield(owner="variants", namespace="$app:fit", key="leg-length"),
        MerchantMetafield(owner="customers", namespace="custom", key="other"),
    ]
    text = strip_ignored_characters(load_entity_query(written(tmp_path, "products", PRODUCTS), metafields).bulk_text())
    assert '{id metafield_app_fit_leg_length:metafield(namespace:"$app:fit" key:"leg-length"){value}}' in text
    assert 'metafield_custom_season:metafield(namespace:"custom" key:"season"){value}}}}' in text
    assert "other" not in text


def test_another_entity_with_the_same_root_gets_no_metafields(tmp_path: Path) -> None:
    metafields = [MerchantMetafield(owner="orders", namespace="custom", key="note")]
    assert "metafield_" not in load_entity_queries(metafields)["returns"].bulk_text()
    assert "metafield_custom_note" in load_entity_queries(metafields)["orders"].bulk_text()


def test_loading_does_not_change_what_was_loaded_before(tmp_path: Path) -> None:
    path = written(tmp_path, "products", PRODUCTS)
    plain = load_entity_query(path)
    before = plain.bulk_text("a")
    load_entity_query(path, [MerchantMetafield(owner="variants", namespace="custom", key="x")])
    plain.bulk_text()
    assert plain.bulk_text("a") == before
    assert field_named(plain.root_field.selection_set, "edges") is not None


def test_fragments_are_kept(tmp_path: Path) -> None:
    text = "query Q($query: String) { orders(query: $query) { edges { node { ...F } } } } fragment F on Order { id }"
    assert "fragment F on Order" in load_entity_query(written(tmp_path, "orders", text)).bulk_text()


def test_a_long_text_is_packed_and_a_too_long_one_refused(tmp_path: Path) -> None:
    def products(fields: int) -> Path:
        names = " ".join(f"field_number_{number}: title" for number in range(fields))
        return written(tmp_path, "products", PRODUCTS.replace("node { id variants", f"node {{ id {names} variants"))

    packed = load_entity_query(products(2_300)).bulk_text("x")
    assert len(packed) <= MAX_BULK_QUERY_BYTES
    assert "\n" not in packed
    with pytest.raises(InvalidQuery, match="bulk query of products has more than the 65,535 bytes"):
        load_entity_query(products(4_000)).bulk_text("x")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("query Q { orders {", "not valid GraphQL at line 1"),
        ("query A { a } query B { b }", "one operation with one root field"),
        ("query A { a b }", "one operation with one root field"),
    ],
)
def test_a_file_that_is_no_query_ends_in_a_sentence_with_its_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InvalidQuery, match=f"products.graphql.*{words}"):
        load_entity_query(written(tmp_path, "products", text))


def test_a_filter_on_an_entity_that_takes_none_is_refused() -> None:
    with pytest.raises(InvalidQuery, match="inventory can only be read whole"):
        load_entity_queries()["inventory"].bulk_text("updated_at:>'x'")


def test_an_entity_without_a_root_connection_is_not_read_in_bulk() -> None:
    with pytest.raises(InvalidQuery, match="shop cannot be read in bulk"):
        load_entity_queries()["shop"].bulk_text()
