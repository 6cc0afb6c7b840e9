"""Metafield definitions: name and type for the merchant, validations, access, use in filters; ensured before values.

A definition belongs to an owner type: the same namespace and key may mean one thing on customers and another on orders.
"""

import json
from dataclasses import dataclass
from typing import Any

from reverse_etl.destinations.base import Api
from reverse_etl.failures import DefinitionConflict
from reverse_etl.sync_format.sync_file import MetafieldField

LIST_DOCUMENT = """
query Definitions($namespace: String!, $owner: MetafieldOwnerType!, $after: String) {
  metafieldDefinitions(first: 100, after: $after, namespace: $namespace, ownerType: $owner) {
    nodes { key type { name } validations { name value } capabilities { adminFilterable { enabled } }
      access { admin storefront customerAccount } }
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
UPDATE_DOCUMENT = """
mutation UpdateDefinition($definition: MetafieldDefinitionUpdateInput!) {
  metafieldDefinitionUpdate(definition: $definition) {
    updatedDefinition { id }
    userErrors { field message code }
  }
}
"""
TAKEN = "TAKEN"


@dataclass(frozen=True)
class _Defined:
    """A definition as it stands in the shop."""

    type: str
    validations: dict[str, Any]
    filterable: bool
    access: dict[str, Any]

    def lacks(self, field: MetafieldField) -> bool:
        """Whether it may refuse values of the sync, a filter on them, or somebody who is to see them.

        What the sync leaves open may be anything.
        """
        wanted = _meaning(field.validation_entries())
        if (wanted and wanted != self.validations) or (field.filterable and not self.filterable):
            return True
        return any(self.access.get(name) != value for name, value in field.access.entries().items())


async def ensure_definitions(api: Api, shop: str, owner_type: str, fields: list[MetafieldField]) -> None:
    """Create the definitions that are missing; bring validations, access and use in filters up to the sync file.

    Raises DefinitionConflict when a key is defined with another type, or Shopify refuses a definition.
    """
    for namespace in dict.fromkeys(field.namespace for field in fields):
        defined = await _defined(api, owner_type, namespace)
        for field in (field for field in fields if field.namespace == namespace):
            if field.key not in defined and await _create(api, shop, owner_type, field) == TAKEN:
                # Somebody created it between the two requests.
                defined = await _defined(api, owner_type, namespace)
            found = defined.get(field.key)
            if found is not None and found.type != field.type:
                raise DefinitionConflict(
                    f"Shop {shop} defines metafield {namespace}.{field.key} of {owner_type} as {found.type}, but the "
                    f"sync writes {field.type}; nothing was written. Give it another key in the sync file, or delete "
                    f"that definition in the Shopify admin if nobody uses it."
                )
            if found is not None and found.lacks(field):
                await _update(api, shop, owner_type, field)


async def _defined(api: Api, owner_type: str, namespace: str) -> dict[str, _Defined]:
    found: dict[str, _Defined] = {}
    after: str | None = None
    while True:
        variables = {"namespace": namespace, "owner": owner_type, "after": after}
        page = (await api.execute(LIST_DOCUMENT, variables, operation="metafieldDefinitions")).data[
            "metafieldDefinitions"
        ]
        for node in page["nodes"]:
            filterable = bool(node["capabilities"]["adminFilterable"]["enabled"])
            found[node["key"]] = _Defined(
                node["type"]["name"], _meaning(node["validations"]), filterable, node["access"]
            )
        if not page["pageInfo"]["hasNextPage"]:
            return found
        after = page["pageInfo"]["endCursor"]


async def _create(api: Api, shop: str, owner_type: str, field: MetafieldField) -> str | None:
    """None when created, TAKEN when it exists."""
    definition = {**_described(owner_type, field), "type": field.type, "validations": field.validation_entries()}
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


async def _update(api: Api, shop: str, owner_type: str, field: MetafieldField) -> None:
    definition = _described(owner_type, field)
    if field.validations:
        definition["validations"] = field.validation_entries()
    reply = await api.execute(UPDATE_DOCUMENT, {"definition": definition}, operation="metafieldDefinitionUpdate")
    if errors := reply.data["metafieldDefinitionUpdate"]["userErrors"]:
        raise DefinitionConflict(
            f"Shop {shop} defines metafield {field.namespace}.{field.key} otherwise than the sync file, and refused to "
            f"change it: {errors[0]['message']} ({errors[0]['code']}); nothing was written. Correct the sync file, or "
            f"the definition in the Shopify admin."
        )


def _described(owner_type: str, field: MetafieldField) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": field.name,
        "namespace": field.namespace,
        "key": field.key,
        "ownerType": owner_type,
        "description": field.description,
    }
    if field.filterable:
        described["capabilities"] = {"adminFilterable": {"enabled": True}}
    if access := field.access.entries():
        described["access"] = access
    return described


def _meaning(entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Validations by name, whatever white space their JSON has."""
    return {entry["name"]: _parsed(entry["value"]) for entry in entries}


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
