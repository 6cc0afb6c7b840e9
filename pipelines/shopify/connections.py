"""The connections that a query by ids selects in each node, and the follow-up queries that read their further pages."""

from dataclasses import dataclass
from functools import cached_property

from graphql import (
    FieldNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionSetNode,
    parse,
    print_ast,
)

from pipelines.failures import InvalidQuery
from pipelines.shopify.bulk_query import EntityQuery
from pipelines.shopify.documents import (
    changed,
    field_named,
    fields_of,
    integer,
    operation_of,
    selection_of,
    variable,
    with_arguments,
)

# Follow-up pages are read for one node alone, so they may be as large as Shopify allows.
FOLLOW_UP_PAGE = 250


@dataclass(frozen=True)
class NestedConnection:
    """A connection selected in the nodes of `type_name`, as `nodes` with `pageInfo { hasNextPage endCursor }`."""

    type_name: str
    field: FieldNode

    @property
    def key(self) -> str:
        """Under which name it stands in a node."""
        return (self.field.alias or self.field.name).value

    @cached_property
    def follow_up(self) -> str:
        """A query for its next page: `$id` is the node, `$after` the end of the page before."""
        page = with_arguments(self.field, first=integer(FOLLOW_UP_PAGE), after=variable("after"))
        on_type = InlineFragmentNode(
            type_condition=NamedTypeNode(name=NameNode(value=self.type_name)),
            directives=(),
            selection_set=SelectionSetNode(selections=(page,)),
        )
        document = parse("query FollowUp($id: ID!, $after: String!) { node(id: $id) { id } }", no_location=True)
        operation = operation_of(document)
        if operation is None:
            raise ValueError("the literal above holds one operation")
        node = next(fields_of(operation.selection_set))
        node = changed(node, selection_set=SelectionSetNode(selections=(on_type,)))
        return print_ast(changed(operation, selection_set=SelectionSetNode(selections=(node,))))


def node_type(query: EntityQuery) -> str:
    """The type of the nodes, from the one inline fragment `... on Type` below `nodes(ids: $ids)`."""
    return _fragment(query)[0]


def nested_connections(query: EntityQuery) -> tuple[NestedConnection, ...]:
    """All connections directly below the nodes.

    Raises InvalidQuery for one without pageInfo, whose further pages would be lost silently, and for a connection in a
    connection, which cannot be followed.
    """
    type_name, selections = _fragment(query)
    found = []
    for field in fields_of(selections):
        nodes = field_named(field.selection_set, "nodes")
        if nodes is None:
            continue
        page_info = field_named(field.selection_set, "pageInfo")
        wanted = {"hasNextPage", "endCursor"}
        if page_info is None or not wanted <= {item.name.value for item in fields_of(page_info.selection_set)}:
            raise InvalidQuery(
                f"The query {query.path} must select pageInfo {{ hasNextPage endCursor }} in {field.name.value}; "
                f"without it further pages are lost."
            )
        if any(field_named(item.selection_set, "nodes") for item in fields_of(nodes.selection_set)):
            raise InvalidQuery(f"The query {query.path} nests a connection in {field.name.value}; read it on its own.")
        found.append(NestedConnection(type_name, field))
    return tuple(found)


def _fragment(query: EntityQuery) -> tuple[str, SelectionSetNode]:
    selections = query.root_field.selection_set or selection_of("{ id }")
    fragments = [item for item in selections.selections if isinstance(item, InlineFragmentNode)]
    if query.kind != "ids" or len(fragments) != 1 or fragments[0].type_condition is None:
        raise InvalidQuery(f"The query {query.path} must select one `... on Type` below nodes(ids: $ids); correct it.")
    return fragments[0].type_condition.name.value, fragments[0].selection_set
