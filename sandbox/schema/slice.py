"""Cuts the committed slices out of the published Admin API schema.

Run by hand, once per API version:

    python -m sandbox.schema.slice 2026-10 path/to/admin_2026-10.json.gz

The input is the introspection result that the npm package `@shopify/dev-mcp` carries as
`dist/data/admin_<version>.json.gz`. Written next to this file: `<version>.graphql`, type signatures without any
description, and `<version>.access.json`, the access scopes that types and fields ask for.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.schema.selection import MUTATIONS, QUERIES, TYPES

ROOTS = {"QueryRoot": QUERIES, "Mutation": MUTATIONS}
BUILT_IN_SCALARS = frozenset({"String", "Int", "Float", "Boolean", "ID"})
BUILT_IN_DIRECTIVES = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf"})


def read_official(path: Path) -> dict[str, Any]:
    """Return the content of an official schema file: `data` (introspection) and `offline_scopes`."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


def type_text(reference: dict[str, Any]) -> str:
    """Return a type reference of an introspection result in SDL, such as `[String!]!`."""
    if reference["kind"] == "NON_NULL":
        return type_text(reference["ofType"]) + "!"
    if reference["kind"] == "LIST":
        return f"[{type_text(reference['ofType'])}]"
    return str(reference["name"])


def named(reference: dict[str, Any]) -> str:
    """Return the name of the type inside lists and non-null wrappers."""
    while reference.get("ofType"):
        reference = reference["ofType"]
    return str(reference["name"])


class Slicer:
    """Chooses types and fields of one version and prints them."""

    def __init__(self, introspection: dict[str, Any]) -> None:
        """Take `__schema` of an introspection result."""
        self.schema = introspection["__schema"]
        self.types: dict[str, Any] = {t["name"]: t for t in self.schema["types"]}
        self.payloads = {named(f["type"]) for f in self.types["Mutation"]["fields"] if f["name"] in MUTATIONS}
        self.errors = {
            named(f["type"])
            for payload in self.payloads
            for f in self.types[payload]["fields"]
            if f["name"] == "userErrors"
        }
        self.kept: set[str] = set()

    def composite(self, name: str) -> bool:
        """Tell whether an object, interface or union belongs to the slice."""
        if name in TYPES or name in ROOTS or name in self.payloads or name in self.errors:
            return True
        if name.endswith("Connection") or name.endswith("Edge"):
            field = "node" if name.endswith("Edge") else "nodes"
            for candidate in self.types[name]["fields"] or []:
                if candidate["name"] == field:
                    return named(candidate["type"]) in TYPES
        return False

    def fields(self, owner: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the fields of a type that the slice keeps."""
        wanted = ROOTS.get(owner["name"])
        result = []
        for field in owner["fields"]:
            target = self.types[named(field["type"])]
            leaf = target["kind"] in ("SCALAR", "ENUM")
            if (wanted is None or field["name"] in wanted) and (leaf or self.composite(target["name"])):
                result.append(field)
        return result

    def collect(self) -> list[str]:
        """Return the names of all kept types: those asked for and whatever their fields and arguments need."""
        todo = [*ROOTS, *(name for name in TYPES if name in self.types)]
        while todo:
            name = todo.pop()
            if name in self.kept or name in BUILT_IN_SCALARS:
                continue
            self.kept.add(name)
            kind = self.types[name]
            if kind["kind"] in ("OBJECT", "INTERFACE"):
                for field in self.fields(kind):
                    todo.append(named(field["type"]))
                    todo.extend(named(argument["type"]) for argument in field["args"])
            elif kind["kind"] == "INPUT_OBJECT":
                todo.extend(named(field["type"]) for field in kind["inputFields"])
        return sorted(self.kept)

    def sdl(self) -> Iterator[str]:
        """Yield the lines of the slice."""
        names = self.collect()
        yield "schema { query: QueryRoot mutation: Mutation }"
        for directive in self.schema["directives"]:
            if directive["name"] not in BUILT_IN_DIRECTIVES:
                arguments = ", ".join(f"{a['name']}: {type_text(a['type'])}" for a in directive["args"])
                yield f"directive @{directive['name']}({arguments}) on {' | '.join(directive['locations'])}"
        for name in names:
            yield from self.one(self.types[name])

    def one(self, kind: dict[str, Any]) -> Iterator[str]:
        """Yield the lines of one type."""
        name = kind["name"]
        if kind["kind"] == "SCALAR":
            yield f"scalar {name}"
        elif kind["kind"] == "ENUM":
            yield f"enum {name} {{"
            for value in kind["enumValues"]:
                yield f"  {value['name']}{deprecated(value)}"
            yield "}"
        elif kind["kind"] == "UNION":
            members = [m["name"] for m in kind["possibleTypes"] if m["name"] in self.kept]
            yield f"union {name} = {' | '.join(members)}"
        elif kind["kind"] == "INPUT_OBJECT":
            yield f"input {name}{' @oneOf' if kind.get('isOneOf') else ''} {{"
            for field in kind["inputFields"]:
                yield f"  {argument_text(field)}"
            yield "}"
        else:
            keyword = "type" if kind["kind"] == "OBJECT" else "interface"
            interfaces = [i["name"] for i in kind.get("interfaces") or [] if i["name"] in self.kept]
            implements = f" implements {' & '.join(interfaces)}" if interfaces else ""
            yield f"{keyword} {name}{implements} {{"
            for field in self.fields(kind):
                arguments = ", ".join(argument_text(argument) for argument in field["args"])
                arguments = f"({arguments})" if arguments else ""
                yield f"  {field['name']}{arguments}: {type_text(field['type'])}{deprecated(field)}"
            yield "}"


def argument_text(argument: dict[str, Any]) -> str:
    """Return an argument or input field in SDL, with its default."""
    default = "" if argument["defaultValue"] is None else f" = {argument['defaultValue']}"
    return f"{argument['name']}: {type_text(argument['type'])}{default}{deprecated(argument)}"


def deprecated(element: dict[str, Any]) -> str:
    """Return the bare directive of a deprecated element: that it is deprecated is a fact, the reason is prose."""
    return " @deprecated" if element.get("isDeprecated") else ""


def access(content: dict[str, Any], slicer: Slicer) -> dict[str, list[str]]:
    """Return the scopes, any of which opens a `Type` or a `Type.field` of the slice."""
    result: dict[str, list[str]] = {}
    for item in content["offline_scopes"]["items"]:
        name = item["typeName"]
        if name not in slicer.kept or not item["offlineScopes"]:
            continue
        if item["type"] == "field":
            if item["fieldName"] not in {f["name"] for f in slicer.fields(slicer.types[name])}:
                continue
            name = f"{name}.{item['fieldName']}"
        result[name] = item["offlineScopes"]
    return dict(sorted(result.items()))


def main(version: str, path: str) -> None:
    """Write both files of one version."""
    content = read_official(Path(path))
    slicer = Slicer(content["data"])
    missing = sorted(name for name in TYPES if name not in slicer.types)
    folder = Path(__file__).parent
    (folder / f"{version}.graphql").write_text("\n".join(slicer.sdl()) + "\n", encoding="utf-8")
    rows = (f"  {json.dumps(name)}: {json.dumps(scopes)}" for name, scopes in access(content, slicer).items())
    (folder / f"{version}.access.json").write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    print(f"{version}: {len(slicer.kept)} types; not in this version: {', '.join(missing) or 'none'}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
