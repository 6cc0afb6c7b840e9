"""The connections that a query selects in each node, and the follow-up queries that read their further pages."""

from dataclasses import dataclass
from functools import cached_property

from graphql import (
    FieldNode,
    InlineFragmentNode,
    NamedTypeNode,
    NameNode,
    SelectionSetNode,
    VariableNode,
    parse,
    print_ast,
)

from pipelines.failures import InvalidQuery
from pipelines.shopify.bulk_query import PAGE_VARIABLE, EntityQuery
from pipelines.shopify.documents import (
    changed,
    field_named,
    fields_of,
    integer,
    operation_of,
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
    """All connections directly below the nodes of a query by ids or by pages.

    Raises InvalidQuery for one without pageInfo, whose further pages would be lost silently, and for a connection in a
    connection, which cannot be followed.
    """
    if query.kind == "paged" and not _fragments(_nodes_of(query)):
        return ()
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
    fragments = _fragments(_nodes_of(query) if query.kind == "paged" else query.root_field.selection_set)
    if query.kind not in ("ids", "paged") or len(fragments) != 1 or fragments[0].type_condition is None:
        raise InvalidQuery(f"The query {query.path} must select one `... on Type` in its nodes; correct it.")
    return fragments[0].type_condition.name.value, fragments[0].selection_set


def _fragments(selections: SelectionSetNode | None) -> list[InlineFragmentNode]:
    return [item for item in (selections.selections if selections else ()) if isinstance(item, InlineFragmentNode)]


def paged_path(query: EntityQuery) -> tuple[FieldNode, ...]:
    """The fields from the root of a query by pages to the connection that is paged, both included.

    Raises InvalidQuery when no field takes `$after` or the connection lacks its nodes or what leads to further pages.
    """
    path = _way_to_pages(query.root_field)
    if path:
        below = path[-1].selection_set
        page_info = field_named(below, "pageInfo")
        wanted = {"hasNextPage", "endCursor"}
        if (
            field_named(below, "nodes")
            and page_info
            and wanted <= {f.name.value for f in fields_of(page_info.selection_set)}
        ):
            return path
    raise InvalidQuery(
        f"The query {query.path} must select nodes and pageInfo {{ hasNextPage endCursor }} in a connection that takes "
        f"after: $after; correct it."
    )


def _way_to_pages(field: FieldNode) -> tuple[FieldNode, ...]:
    if any(isinstance(a.value, VariableNode) and a.value.name.value == PAGE_VARIABLE for a in field.arguments):
        return (field,)
    for below in fields_of(field.selection_set):
        rest = _way_to_pages(below)
        if rest:
            return (field, *rest)
    return ()


def _nodes_of(query: EntityQuery) -> SelectionSetNode | None:
    nodes = field_named(paged_path(query)[-1].selection_set, "nodes")
    return nodes.selection_set if nodes else None
