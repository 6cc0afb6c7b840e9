"""API versions: which the sandbox knows, which one serves a request, and their schemas."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_schema

SCHEMAS = Path(__file__).parent.parent / "schema"
SUPPORTED = tuple(sorted(path.stem for path in SCHEMAS.glob("20??-??.graphql")))
_HANDLE = re.compile(r"20\d\d-(01|04|07|10)")


class UnknownVersion(Exception):
    """The path names something that is no version, or one that is not published yet."""


def served_version(asked: str) -> str:
    """Return the version that answers a request: an old one falls forward to the oldest supported.

    Raises UnknownVersion for what is neither a published quarter nor `unstable`.
    """
    if asked in SUPPORTED:
        return asked
    if asked == "unstable":
        return SUPPORTED[-1]
    if _HANDLE.fullmatch(asked) and asked < SUPPORTED[0]:
        return SUPPORTED[0]
    raise UnknownVersion(asked)


@cache
def schema_of(version: str) -> GraphQLSchema:
    """Return the schema slice of a supported version."""
    return build_schema((SCHEMAS / f"{version}.graphql").read_text(encoding="utf-8"), assume_valid=True)


@cache
def access_of(version: str) -> dict[str, frozenset[str]]:
    """Return the scopes, any of which opens a `Type` or `Type.field`."""
    content: dict[str, Any] = json.loads((SCHEMAS / f"{version}.access.json").read_text(encoding="utf-8"))
    return {name: frozenset(scopes) for name, scopes in content.items()}


def published() -> list[dict[str, Any]]:
    """Return the `ApiVersion` documents of `publicApiVersions`."""
    names = {"01": "January", "04": "April", "07": "July", "10": "October"}
    versions = [
        {"__typename": "ApiVersion", "handle": v, "supported": True, "displayName": f"{v} ({names[v[5:]]})"}
        for v in SUPPORTED
    ]
    versions[-1]["displayName"] = f"{SUPPORTED[-1]} (Latest)"
    unstable = {"__typename": "ApiVersion", "handle": "unstable", "supported": False, "displayName": "unstable"}
    return [*versions, unstable]
