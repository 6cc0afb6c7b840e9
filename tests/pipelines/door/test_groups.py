"""The contract read as lines: every value it names is asked for, and every line has its tables."""

from collections.abc import Iterator

import pytest
from graphql import SelectionSetNode

from pipelines.contracts.odcs import Contract, Table, read_contract
from pipelines.door.groups import entity_layout
from pipelines.failures import ContractError
from pipelines.shopify.bulk_query import EntityQuery, load_entity_queries
from pipelines.shopify.connections import paged_path
from pipelines.shopify.contract import CONTRACT_FILE
from pipelines.shopify.documents import field_named, fields_of

CONTRACT = read_contract(CONTRACT_FILE)
QUERIES = load_entity_queries()


def selected(selection: SelectionSetNode | None, prefix: str = "") -> Iterator[str]:
    """Paths of all values that stand in a line of this selection; connections below it make lines of their own."""
    for field in fields_of(selection):
        name = prefix + (field.alias.value if field.alias else field.name.value)
        if field_named(field.selection_set, "edges") is None:
            yield name
            yield from selected(field.selection_set, f"{name}.")


def lines_of(selection: SelectionSetNode | None) -> Iterator[SelectionSetNode | None]:
    """Selections of the lines that an export of these nodes has: the node's own, and those of connections below."""
    yield selection
    yield from _lines_below(selection)


def _lines_below(selection: SelectionSetNode | None) -> Iterator[SelectionSetNode | None]:
    for field in fields_of(selection):
        edges = field_named(field.selection_set, "edges")
        if edges is None:
            yield from _lines_below(field.selection_set)
        else:
            node = field_named(edges.selection_set, "node")
            yield from lines_of(node.selection_set if node else None)


def root_line(query: EntityQuery) -> SelectionSetNode | None:
    if query.kind == "paged":
        nodes = field_named(paged_path(query)[-1].selection_set, "nodes")
        return nodes.selection_set if nodes else None
    edges = field_named(query.root_field.selection_set, "edges")
    node = field_named(edges.selection_set, "node") if edges else query.root_field
    return node.selection_set if node else None


def wanted(table: Table) -> set[str]:
    """Paths that a table reads of a line."""
    prefix = f"{table.explode}." if table.explode else ""
    paths = set()
    for column in table.columns:
        if column.logic != "position":
            path = column.path.removeprefix("^.") if column.path.startswith("^.") else prefix + column.path
            paths.add(".".join(step for step in path.split(".") if not step.isdigit()))
    return paths - {"__parentId"}


@pytest.mark.parametrize("table", CONTRACT.tables, ids=lambda table: table.name)
def test_every_value_that_the_contract_names_is_selected_by_the_query(table: Table) -> None:
    lines = [set(selected(line)) for line in lines_of(root_line(QUERIES[table.entity]))]
    missing = min((wanted(table) - line for line in lines), key=len)
    assert not missing
    assert any("__typename" in line for line in lines if wanted(table) <= line)


def test_lines_of_lists_are_read_with_the_line_they_stand_in() -> None:
    layout = entity_layout(CONTRACT, "orders")
    assert [(group.main and group.main.name, [t.name for t in group.exploded]) for group in layout.groups] == [
        ("orders", ["order_transactions", "refunds", "fulfillments"]),
        ("order_lines", ["order_line_discounts", "order_line_taxes"]),
    ]


def test_lines_that_only_lead_to_children_are_carriers() -> None:
    (carriers,) = entity_layout(CONTRACT, "returns").carriers
    assert (carriers.parent, carriers.typenames) == ("orders", ("Order",))
    (refunds,) = entity_layout(CONTRACT, "refund_details").carriers
    assert (refunds.parent, refunds.typenames) == ("refunds", ("Refund",))


def test_two_tables_may_not_claim_the_same_lines() -> None:
    tables = [table for table in CONTRACT.tables if table.name in ("locations", "segments")]
    clash = Table.model_validate({**tables[1].model_dump(by_alias=True), "customProperties": tables[0].custom})
    contract: Contract = CONTRACT.model_copy(update={"tables": [tables[0], clash]})
    with pytest.raises(ContractError, match="locations and segments claim the same lines"):
        entity_layout(contract, "locations")
