"""Metafield definitions: created, changed and deleted."""

from __future__ import annotations

import re
from typing import Any

from sandbox.graph.metafield_fields import OWNER_TYPES, definition_doc
from sandbox.graph.session import Session
from sandbox.search.filters import number_of
from sandbox.writeback.payload import UserError, user_error
from sandbox.writeback.validations import problem_of, supported
from sandbox.writeback.values import known, type_names

Args = dict[str, Any]
MAX_PER_OWNER_TYPE = 256
MAX_PINNED = 50
MAX_FILTERABLE = 50
RESERVED = frozenset({"shopify_standard", "protected", "shopify-l10n-fields"})
_UNIQUE_TYPES = frozenset({"id", "number_integer", "single_line_text_field", "url"})
_SNAKE = {
    "adminFilterable": "admin_filterable",
    "analyticsQueryable": "analytics_queryable",
    "cartToOrderCopyable": "cart_to_order_copyable",
    "smartCollectionCondition": "smart_collection_condition",
    "uniqueValues": "unique_values",
}
_KIND_OF_OWNER = {owner: kind for kind, owner in OWNER_TYPES.items()}
WRITE_SCOPES = {
    "COLLECTION": "write_products", "COMPANY": "write_companies", "COMPANY_LOCATION": "write_companies",
    "CUSTOMER": "write_customers",
    "DISCOUNT": "write_discounts", "DRAFTORDER": "write_draft_orders", "LOCATION": "write_locations",
    "ORDER": "write_orders",
    "PRODUCT": "write_products", "PRODUCTVARIANT": "write_products",
}  # fmt: skip


def create(session: Session, args: Args) -> Args:
    """Answer `metafieldDefinitionCreate`."""
    given = args["definition"]
    owner = given["ownerType"]
    authorise(session, "metafieldDefinitionCreate", owner)
    namespace, key = session.app.namespace(given.get("namespace")), given["key"]
    table = session.store.metafields
    errors = [*_naming(namespace, key, given["name"]), *_typing(given), *_access(session, namespace, given)]
    errors += _capabilities(session, owner, given["type"], given.get("capabilities") or {})
    if not errors:
        existing = table.definitions(session.shop, owner)
        if table.definition(session.shop, owner, namespace, key):
            kind = _KIND_OF_OWNER.get(owner, owner.title())
            message = f"Key is in use for {kind} metafields on the '{namespace}' namespace."
            errors.append(user_error(["definition", "key"], message, "TAKEN"))
        elif len(existing) >= MAX_PER_OWNER_TYPE:
            errors.append(
                user_error(
                    ["definition"],
                    f"Limit of {MAX_PER_OWNER_TYPE} definitions per resource type.",
                    "RESOURCE_TYPE_LIMIT_EXCEEDED",
                )
            )
        elif given.get("pin") and sum(1 for row in existing if row.get("pinnedPosition")) >= MAX_PINNED:
            errors.append(
                user_error(["definition"], f"Limit of {MAX_PINNED} pinned definitions.", "PINNED_LIMIT_REACHED")
            )
    if errors:
        return {"createdDefinition": None, "userErrors": errors}
    body = _body(session, given, namespace, key)
    number = table.put_definition(session.shop, owner, namespace, key, body)
    return {"createdDefinition": definition_doc({**body, "id": number}), "userErrors": []}


def update(session: Session, args: Args) -> Args:
    """Answer `metafieldDefinitionUpdate`: name, description, validations, access, pin and capabilities may change."""
    given = args["definition"]
    owner, key = given["ownerType"], given["key"]
    authorise(session, "metafieldDefinitionUpdate", owner)
    namespace = session.app.namespace(given.get("namespace"))
    row = session.store.metafields.definition(session.shop, owner, namespace, key)
    if row is None:
        return {
            "updatedDefinition": None,
            "userErrors": [user_error(["definition"], "Definition not found.", "NOT_FOUND")],
        }
    type_name = row["type"]["name"]
    errors = [*_typing({**given, "type": type_name}), *_access(session, namespace, given)]
    errors += _capabilities(session, owner, type_name, given.get("capabilities") or {}, row)
    if errors:
        return {"updatedDefinition": None, "userErrors": errors}
    merged = {
        "name": row["name"],
        "description": row.get("description"),
        "validations": row["validations"],
        **given,
        "type": type_name,
    }
    body = _body(session, merged, namespace, key, row)
    session.store.metafields.put_definition(session.shop, owner, namespace, key, body)
    return {"updatedDefinition": definition_doc({**body, "id": row["id"]}), "userErrors": []}


def delete(session: Session, args: Args) -> Args:
    """Answer `metafieldDefinitionDelete`, with the values when asked."""
    table = session.store.metafields
    identifier = args.get("identifier")
    if identifier:
        namespace = session.app.namespace(identifier.get("namespace"))
        row = table.definition(session.shop, identifier["ownerType"], namespace, identifier["key"])
    else:
        wanted = number_of(args.get("id") or "0")
        row = next((r for r in table.definitions(session.shop) if r["id"] == wanted), None)
    if row is None:
        return {"deletedDefinitionId": None, "userErrors": [user_error(["id"], "Definition not found.", "NOT_FOUND")]}
    authorise(session, "metafieldDefinitionDelete", row["ownerType"])
    if args.get("deleteAllAssociatedMetafields"):
        kind = _KIND_OF_OWNER.get(row["ownerType"], "")
        for value in list(table.all(session.shop)):
            if (value["namespace"], value["key"]) == (row["namespace"], row["key"]) and f"/{kind}/" in value["owner"]:
                table.delete(session.shop, value["owner"], value["namespace"], value["key"])
    table.delete_definition(session.shop, row["ownerType"], row["namespace"], row["key"])
    return {"deletedDefinitionId": f"gid://shopify/MetafieldDefinition/{row['id']}", "userErrors": []}


def authorise(session: Session, field: str, owner_type: str) -> None:
    """Raise AccessDenied unless the app may write objects of this kind."""
    if owner_type in WRITE_SCOPES:
        session.require_scopes(field, WRITE_SCOPES[owner_type])


def naming_problems(namespace: str, key: str) -> list[tuple[str, str, str]]:
    """Return what is wrong with a namespace and a key, as (field, message, code)."""
    found = []
    for field, text, low, high in (("namespace", namespace, 3, 255), ("key", key, 2, 64)):
        label = field.capitalize()
        if len(text) < low:
            found.append((field, f"{label} is too short (minimum is {low} characters)", "TOO_SHORT"))
        elif len(text) > high:
            found.append((field, f"{label} is too long (maximum is {high} characters)", "TOO_LONG"))
        elif not re.fullmatch(r"[\w-]+", text):
            allowed = "Only alphanumeric characters, hyphens and underscores are allowed."
            message = f"{label} contains one or more invalid characters. {allowed}"
            found.append((field, message, "INVALID"))
    return found


def _naming(namespace: str, key: str, name: str) -> list[UserError]:
    errors = [
        user_error(["definition", field], message, "INVALID_CHARACTER" if code == "INVALID" else code)
        for field, message, code in naming_problems(namespace, key)
    ]
    if namespace in RESERVED:
        errors.append(
            user_error(["definition", "namespace"], f"Namespace {namespace} is reserved.", "RESERVED_NAMESPACE_KEY")
        )
    if not name.strip():
        errors.append(user_error(["definition", "name"], "Name can't be blank", "BLANK"))
    elif len(name) > 255:
        errors.append(user_error(["definition", "name"], "Name is too long (maximum is 255 characters)", "TOO_LONG"))
    return errors


def _typing(given: Args) -> list[UserError]:
    if not known(given["type"]):
        message = f"Type name {given['type']} is not a valid type. Valid types are: {', '.join(type_names())}."
        return [user_error(["definition", "type"], message, "INCLUSION")]
    errors = []
    for rule in given.get("validations") or []:
        problem = problem_of(given["type"], rule["name"], rule["value"])
        if problem:
            errors.append(user_error(["definition", "validations"], problem, "INVALID_OPTION"))
    return errors


def _access(session: Session, namespace: str, given: Args) -> list[UserError]:
    admin = (given.get("access") or {}).get("admin")
    if admin and not namespace.startswith(f"app--{session.app.number}"):
        message = 'Setting this access control is not permitted. It must be one of ["public_read_write"].'
        return [user_error(["definition", "access", "admin"], message, "ADMIN_ACCESS_INPUT_NOT_ALLOWED")]
    return []


def _capabilities(
    session: Session, owner: str, type_name: str, given: Args, before: Args | None = None
) -> list[UserError]:
    errors = []
    for name, setting in given.items():
        if not (setting or {}).get("enabled"):
            continue
        if not _eligible(name, owner, type_name):
            message = f"The capability {_SNAKE[name]} is not valid for this definition."
            errors.append(user_error(["definition", "capabilities"], message, "INVALID_CAPABILITY"))
        elif name == "adminFilterable" and not (before and before["capabilities"][name]["enabled"]):
            others = session.store.metafields.definitions(session.shop, owner)
            if sum(1 for row in others if row["capabilities"][name]["enabled"]) >= MAX_FILTERABLE:
                message = f"Limit of {MAX_FILTERABLE} definitions that are used as admin filters."
                errors.append(user_error(["definition"], message, "OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS"))
    return errors


def _eligible(capability: str, owner: str, type_name: str) -> bool:
    if capability == "smartCollectionCondition":
        return owner in ("PRODUCT", "PRODUCTVARIANT")
    if capability == "uniqueValues":
        return type_name in _UNIQUE_TYPES
    if capability == "cartToOrderCopyable":
        return owner == "ORDER"
    return True


def _body(session: Session, given: Args, namespace: str, key: str, before: Args | None = None) -> Args:
    type_name, owner = given["type"], given["ownerType"]
    kinds = supported(type_name)
    capabilities: Args = dict((before or {}).get("capabilities") or {})
    for name in _SNAKE:
        old = capabilities.get(name, {}).get("enabled", False)
        enabled = ((given.get("capabilities") or {}).get(name) or {}).get("enabled", old)
        capabilities[name] = {"enabled": bool(enabled), "eligible": _eligible(name, owner, type_name)}
    filterable = capabilities["adminFilterable"]
    filterable["status"] = "FILTERABLE" if filterable["enabled"] else "NOT_FILTERABLE"
    access = {"admin": "PUBLIC_READ_WRITE", "storefront": "NONE", "customerAccount": "NONE"}
    access |= (before or {}).get("access") or {}
    access |= {name: value for name, value in (given.get("access") or {}).items() if value}
    pinned = given.get("pin")
    position = (before or {}).get("pinnedPosition")
    if pinned is not None:
        position = (position or _next_position(session, owner)) if pinned else None
    return {
        "name": given["name"], "namespace": namespace, "key": key, "description": given.get("description"),
        "ownerType": owner,
        "type": {
            "name": type_name, "category": _category(type_name), "supportsDefinitionMigrations": False,
            "supportedValidations": [{"name": name, "type": kind} for name, kind in kinds.items()],
        },
        "validations": [
            {"name": rule["name"], "type": kinds[rule["name"]], "value": rule["value"]}
            for rule in given.get("validations") or []
        ],
        "access": access, "capabilities": capabilities, "pinnedPosition": position, "validationStatus": "ALL_VALID",
        "useAsCollectionCondition": False, "constraints": None,
        "createdAt": (before or {}).get("createdAt") or session.now(), "updatedAt": session.now(),
    }  # fmt: skip


def _next_position(session: Session, owner: str) -> int:
    rows = session.store.metafields.definitions(session.shop, owner)
    return max((row.get("pinnedPosition") or 0 for row in rows), default=0) + 1


def _category(type_name: str) -> str:
    inner = type_name.removeprefix("list.")
    for category, words in (
        ("NUMBER", ("number", "rating")), ("DATE_TIME", ("date",)), ("TRUE_FALSE", ("boolean",)), ("TEXT",
        ("text", "id")),
        ("MEASUREMENT", ("dimension", "weight", "volume")), ("REFERENCE", ("reference",)), ("MONEY", ("money",)),
        ("URL", ("url",)),
    ):  # fmt: skip
        if any(inner.startswith(word) or inner.endswith(word) or word in inner for word in words):
            return category
    return "JSON" if inner == "json" else "OTHER"
