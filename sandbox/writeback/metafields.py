"""Metafield values: `metafieldsSet`, atomic and with a three-way compareDigest, and `metafieldsDelete`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.graph.metafield_fields import OWNER_TYPES, metafield_doc
from sandbox.graph.session import Session
from sandbox.storage.metafields import digest
from sandbox.writeback.definitions import authorise, naming_problems
from sandbox.writeback.payload import UserError, user_error
from sandbox.writeback.touch import touch
from sandbox.writeback.validations import check
from sandbox.writeback.values import InvalidValue, known, normalise, type_names

Args = dict[str, Any]
MAX_INPUTS = 25
_UNTOUCHED = object()


@dataclass(frozen=True)
class Write:
    """One value that passed every check."""

    owner: str
    namespace: str
    key: str
    type_name: str
    value: str
    changes: bool


class _Lookups:
    """What the entries of one call ask for again and again: owners and definitions, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._owners: dict[str, bool] = {}
        self._definitions: dict[tuple[str, str, str], Args | None] = {}

    def owner_exists(self, gid: str) -> bool:
        """Tell whether an object is there."""
        if gid not in self._owners:
            self._owners[gid] = self._session.store.root_of(self._session.shop, gid) is not None
        return self._owners[gid]

    def definition(self, owner_type: str, namespace: str, key: str) -> Args | None:
        """Return the definition of a namespace and key, None when there is none."""
        name = (owner_type, namespace, key)
        if name not in self._definitions:
            self._definitions[name] = self._session.store.metafields.definition(self._session.shop, *name)
        return self._definitions[name]


def set_values(session: Session, args: Args) -> Args:
    """Answer `metafieldsSet`: all entries are written, or none."""
    entries: list[Args] = args["metafields"]
    if len(entries) > MAX_INPUTS:
        message = f"Exceeded the maximum metafields input limit of {MAX_INPUTS}."
        error = user_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO", elementIndex=None)
        return {"metafields": None, "userErrors": [error]}
    for owner_type in sorted({OWNER_TYPES.get(_kind(entry["ownerId"]), "") for entry in entries}):
        authorise(session, "metafieldsSet", owner_type)
    with session.store.transaction():
        writes: list[Write] = []
        errors: list[UserError] = []
        lookups = _Lookups(session)
        for index, entry in enumerate(entries):
            found = _check(session, lookups, index, entry)
            if isinstance(found, Write):
                writes.append(found)
            else:
                errors.extend(found)
        if errors:
            return {"metafields": [], "userErrors": errors}
        now = session.now()
        rows = [
            session.store.metafields.set(session.shop, w.owner, w.namespace, w.key, w.type_name, w.value, now)
            for w in writes
        ]
        for owner in dict.fromkeys(w.owner for w in writes if w.changes):
            touch(session, owner)
    return {"metafields": [metafield_doc(row) for row in rows], "userErrors": []}


def delete_values(session: Session, args: Args) -> Args:
    """Answer `metafieldsDelete`: an entry that did not exist comes back as null."""
    deleted: list[Args | None] = []
    for entry in args["metafields"]:
        authorise(session, "metafieldsDelete", OWNER_TYPES.get(_kind(entry["ownerId"]), ""))
    with session.store.transaction():
        for entry in args["metafields"]:
            namespace = session.app.namespace(entry["namespace"])
            gone = session.store.metafields.delete(session.shop, entry["ownerId"], namespace, entry["key"])
            deleted.append({**entry, "namespace": namespace} if gone else None)
            if gone:
                touch(session, entry["ownerId"])
    return {"deletedMetafields": deleted, "userErrors": []}


def _kind(gid: str) -> str:
    return gid.split("/")[3] if gid.count("/") >= 4 else ""


def _check(session: Session, lookups: _Lookups, index: int, entry: Args) -> Write | list[UserError]:
    def refuse(field: str, message: str, code: str, element: int | None = None) -> list[UserError]:
        return [user_error(["metafields", str(index), field], message, code, elementIndex=element)]

    owner, key = entry["ownerId"], entry["key"]
    injected = session.shopify.faults.user_error(session.shop, owner)
    if injected:
        return refuse(injected.get("field", "value"), injected["message"], injected["code"])
    kind = _kind(owner)
    if kind not in OWNER_TYPES or not lookups.owner_exists(owner):
        return refuse("ownerId", "Owner does not exist.", "INVALID")
    namespace = session.app.namespace(entry.get("namespace"))
    if namespace.startswith("app--") and not namespace.startswith(f"app--{session.app.number}"):
        return refuse(
            "namespace",
            "Access to this namespace and key on Metafields for this resource type is not allowed.",
            "APP_NOT_AUTHORIZED",
        )
    naming = naming_problems(namespace, key)
    if naming:
        return [error for problem in naming for error in refuse(*problem)]
    table = session.store.metafields
    definition = lookups.definition(OWNER_TYPES[kind], namespace, key)
    type_name = entry.get("type") or (definition["type"]["name"] if definition else None)
    if type_name is None:
        return refuse("type", "Type can't be blank", "BLANK")
    if not known(type_name):
        return refuse(
            "type",
            f"Type name {type_name} is not a valid type. Valid types are: {', '.join(type_names())}.",
            "INCLUSION",
        )
    if definition and definition["type"]["name"] != type_name:
        message = f"Type must be consistent with the definition's type: {definition['type']['name']}."
        return refuse("type", message, "INVALID_TYPE")
    try:
        stored = normalise(type_name, entry["value"])
        if definition:
            check(type_name, definition["validations"], stored)
            _check_unique(session, definition, owner, namespace, key, stored)
    except InvalidValue as problem:
        return refuse("value", problem.message, problem.code, problem.element)
    row = table.get(session.shop, owner, namespace, key)
    same = row is not None and row["digest"] == digest(type_name, stored)
    given = entry.get("compareDigest", _UNTOUCHED)
    if not same and given is not _UNTOUCHED:
        if row is None and given is not None:
            return refuse("compareDigest", "Invalid `compareDigest` value.", "INVALID_COMPARE_DIGEST")
        if row is not None and given != row["digest"]:
            message = (
                "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
            )
            return refuse("compareDigest", message, "STALE_OBJECT")
    return Write(owner, namespace, key, type_name, stored, changes=not same)


def _check_unique(session: Session, definition: Args, owner: str, namespace: str, key: str, stored: str) -> None:
    if not definition["capabilities"]["uniqueValues"]["enabled"]:
        return
    for row in session.store.metafields.all(session.shop):
        if (row["namespace"], row["key"], row["value"]) == (namespace, key, stored) and row["owner"] != owner:
            raise InvalidValue("Value is already assigned to another metafield. Choose a different value.", "TAKEN")
