"""Turns a query file into what is sent: a bulk query takes no variables, so the search filter is written into its text.

An entity is one file in `queries/` and one entry in the contract. Its operation says how it is read:

* a root connection, `orders { edges { node { ... } } }`: by a bulk operation; with `$query`, by windows;
* a root object, `shop { ... }`: asked for directly;
* `$ids`: by id, through `nodes(ids: $ids)`;
* `$after`: page by page, a connection that bulk operations do not reach; with `$query`, by windows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSyntaxError,
    NameNode,
    SelectionSetNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

from pipelines.config import MerchantMetafield
from pipelines.failures import InvalidQuery
from pipelines.shopify.documents import (
    changed,
    field_named,
    fields_of,
    operation_of,
    selection_of,
    string,
    with_arguments,
    with_fields,
    with_operation,
)

QUERIES = Path(__file__).parent / "queries"
MAX_BULK_QUERY_BYTES = 65_535
SEARCH_VARIABLE = "query"
IDS_VARIABLE = "ids"
PAGE_VARIABLE = "after"
# Where the nodes of an owner of metafields are: the entity, and the connections that lead to them from its root.
METAFIELD_OWNERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "orders": ("orders", ()),
    "customers": ("customers", ()),
    "products": ("products", ()),
    "variants": ("products", ("variants",)),
}

EntityKind = Literal["bulk", "single", "ids", "paged"]


@dataclass(frozen=True)
class EntityQuery:
    """The query of one entity. `root` is its root field; `is_incremental` tells whether it can be read by windows."""

    entity: str
    path: Path
    kind: EntityKind
    is_incremental: bool
    document: DocumentNode
    root_field: FieldNode

    @property
    def root(self) -> str:
        """Name of the root field."""
        return self.root_field.name.value

    @property
    def text(self) -> str:
        """The document with its variables: what is sent for all kinds but 'bulk'."""
        return print_ast(self.document)

    def bulk_text(self, search: str | None = None) -> str:
        """The bulk query with this search filter, or over everything.

        Raises InvalidQuery for a filter on an entity that takes none, and for a text longer than Shopify accepts.
        """
        if search is not None and not self.is_incremental:
            raise InvalidQuery(f"The query {self.path} has no variable $query: {self.entity} can only be read whole.")
        return self._inlined(self.root_field, search)

    def ids_text(self) -> str:
        """A bulk query over everything that reads only `__typename` and `id` of the roots: the sweep for deletions."""
        bare = changed(self.root_field, selection_set=selection_of("{ edges { node { __typename id } } }"))
        return self._inlined(bare, None)

    def _inlined(self, root: FieldNode, search: str | None) -> str:
        operation = operation_of(self.document)
        if self.kind != "bulk" or operation is None:
            raise InvalidQuery(f"The query {self.path} has no root connection: {self.entity} cannot be read in bulk.")
        if self.is_incremental:
            root = with_arguments(root, **{SEARCH_VARIABLE: None if search is None else string(search)})
        inlined = changed(operation, variable_definitions=(), selection_set=SelectionSetNode(selections=(root,)))
        text = print_ast(with_operation(self.document, inlined))
        if len(text.encode()) > MAX_BULK_QUERY_BYTES:
            text = strip_ignored_characters(text)
        if len(text.encode()) > MAX_BULK_QUERY_BYTES:
            raise InvalidQuery(
                f"The bulk query of {self.entity} has more than the {MAX_BULK_QUERY_BYTES:,} bytes that Shopify takes; "
                f"select fewer fields in {self.path} or name fewer metafields in the settings."
            )
        return text


def load_entity_query(path: Path, metafields: Sequence[MerchantMetafield] = ()) -> EntityQuery:
    """Read one query file, with the merchant's own metafields selected where their owner's nodes are.

    A metafield arrives in its owner's line as `<column>: {value}`, or null. Raises InvalidQuery with the file's name.
    """
    try:
        document = parse(path.read_text(encoding="utf-8"), no_location=True)
    except GraphQLSyntaxError as error:
        line = error.locations[0].line if error.locations else 1
        raise InvalidQuery(
            f"The query {path} is not valid GraphQL at line {line} ({error.message}); correct it."
        ) from None
    operation = operation_of(document)
    roots = list(fields_of(operation.selection_set)) if operation else []
    if operation is None or len(roots) != 1:
        raise InvalidQuery(f"The query {path} must hold one operation with one root field; correct it.")
    root = roots[0]
    for metafield in metafields:
        entity, connections = METAFIELD_OWNERS[metafield.owner]
        if entity == path.stem:
            root = _with_metafield(root, connections, metafield, path)
    variables = {definition.variable.name.value for definition in operation.variable_definitions}
    is_connection = field_named(root.selection_set, "edges") is not None
    selection = changed(operation, selection_set=SelectionSetNode(selections=(root,)))
    return EntityQuery(
        entity=path.stem,
        path=path,
        kind=_kind(variables, is_connection),
        is_incremental=SEARCH_VARIABLE in variables,
        document=with_operation(document, selection),
        root_field=root,
    )


def _kind(variables: set[str], is_connection: bool) -> EntityKind:
    if IDS_VARIABLE in variables:
        return "ids"
    if PAGE_VARIABLE in variables:
        return "paged"
    return "bulk" if is_connection else "single"


def load_entity_queries(metafields: Sequence[MerchantMetafield] = (), folder: Path = QUERIES) -> dict[str, EntityQuery]:
    """All query files of a folder by entity, in the order of their names."""
    return {path.stem: load_entity_query(path, metafields) for path in sorted(folder.glob("*.graphql"))}


def _with_metafield(
    connection: FieldNode, path_to_owner: tuple[str, ...], metafield: MerchantMetafield, path: Path
) -> FieldNode:
    """The connection with the metafield selected in its nodes, or in those of a connection below them."""
    edges = field_named(connection.selection_set, "edges")
    node = field_named(edges.selection_set, "node") if edges else None
    if edges is None or node is None:
        raise InvalidQuery(f"The query {path} has no nodes of {metafield.owner} to read metafields of; correct it.")
    if not path_to_owner:
        # Singular metafields are inline objects; the plural would be one more of the five connections allowed.
        read = FieldNode(
            alias=NameNode(value=metafield.column),
            name=NameNode(value="metafield"),
            arguments=(),
            directives=(),
            selection_set=selection_of("{ value }"),
        )
        grown = with_fields(
            node, with_arguments(read, namespace=string(metafield.namespace), key=string(metafield.key))
        )
    else:
        below = field_named(node.selection_set, path_to_owner[0])
        if below is None:
            raise InvalidQuery(f"The query {path} does not select {path_to_owner[0]}; correct it.")
        grown = _exchanged(node, below, _with_metafield(below, path_to_owner[1:], metafield, path))
    return _exchanged(connection, edges, _exchanged(edges, node, grown))


def _exchanged(parent: FieldNode, old: FieldNode, new: FieldNode) -> FieldNode:
    selections = parent.selection_set.selections if parent.selection_set else ()
    return changed(
        parent,
        selection_set=SelectionSetNode(selections=tuple(new if item is old else item for item in selections)),
    )
