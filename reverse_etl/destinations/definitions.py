"""Metafield definitions: a name and type for the marketer, validations, and use in segments; ensured before values."""

from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.failures import DefinitionConflict
from reverse_etl.sync_file import MetafieldField

LIST_DOCUMENT = """
query Definitions($namespace: String!, $owner: MetafieldOwnerType!, $after: String) {
  metafieldDefinitions(first: 100, after: $after, namespace: $namespace, ownerType: $owner) {
    nodes { key type { name } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
CREATE_DOCUMENT = """
mutation CreateDefinition($definition: MetafieldDefinitionInput!) {
  metafieldDefinitionCreate(definition: $definition) {
    createdDefinition { id }
    userErrors { field message code }
  }
}
"""
TAKEN = "TAKEN"


async def ensure_definitions(api: Api, shop: str, owner_type: str, fields: list[MetafieldField]) -> None:
    """Create the definitions that are missing; leave those alone that are there with the same type.

    Raises DefinitionConflict when a key is defined with another type, or Shopify refuses a definition.
    """
    for namespace in dict.fromkeys(field.namespace for field in fields):
        types = await _types(api, owner_type, namespace)
        for field in (field for field in fields if field.namespace == namespace):
            if field.key not in types and await _create(api, shop, owner_type, field) == TAKEN:
                # Somebody created it between the two requests.
                types = await _types(api, owner_type, namespace)
            if (found := types.get(field.key, field.type)) != field.type:
                raise DefinitionConflict(
                    f"Shop {shop} defines metafield {namespace}.{field.key} of {owner_type} as {found}, but the sync "
                    f"writes {field.type}; nothing was written. Give it another key in the sync file, or delete that "
                    f"definition in the Shopify admin if nobody uses it."
                )


async def _types(api: Api, owner_type: str, namespace: str) -> dict[str, str]:
    types: dict[str, str] = {}
    after: str | None = None
    while True:
        variables = {"namespace": namespace, "owner": owner_type, "after": after}
        page = (await api.execute(LIST_DOCUMENT, variables, operation="metafieldDefinitions")).data[
            "metafieldDefinitions"
        ]
        types |= {node["key"]: node["type"]["name"] for node in page["nodes"]}
        if not page["pageInfo"]["hasNextPage"]:
            return types
        after = page["pageInfo"]["endCursor"]


async def _create(api: Api, shop: str, owner_type: str, field: MetafieldField) -> str | None:
    """None when created, TAKEN when it exists."""
    definition: dict[str, Any] = {
        "name": field.name,
        "namespace": field.namespace,
        "key": field.key,
        "type": field.type,
        "ownerType": owner_type,
        "description": field.description,
        "validations": field.validation_entries(),
    }
    if field.filterable:
        definition["capabilities"] = {"adminFilterable": {"enabled": True}}
    reply = await api.execute(CREATE_DOCUMENT, {"definition": definition}, operation="metafieldDefinitionCreate")
    errors = reply.data["metafieldDefinitionCreate"]["userErrors"]
    if not errors:
        return None
    if any(error["code"] == TAKEN for error in errors):
        return TAKEN
    raise DefinitionConflict(
        f"Shop {shop} refused the definition of metafield {field.namespace}.{field.key}: {errors[0]['message']} "
        f"({errors[0]['code']}); nothing was written. Correct the sync file."
    )
