"""The grammar of the `query` argument: terms, ranges, quotes, AND, OR, NOT, `-` and parentheses.

Terms side by side are joined by AND, and AND binds tighter than OR. A comma inside an unquoted value means "any of".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>\()
    | (?P<close>\))
    | (?P<minus>-(?=[\w("']))
    | (?P<field>[A-Za-z_][\w.$-]*(?:\.[\w$-]+)*)\s*:\s*(?P<op>>=|<=|>|<|=)?\s*
      (?P<value>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s()]+)
    | (?P<term>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[^\s()]+)
    )""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Term:
    """One comparison; `field` is None for words that stand alone and search the default fields."""

    field: str | None
    operator: str
    value: str


@dataclass(frozen=True)
class Not:
    """The opposite of a node."""

    node: Node


@dataclass(frozen=True)
class All:
    """Every one of the nodes; with no node it matches everything."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one of the nodes."""

    nodes: tuple[Node, ...]


Node = Term | Not | All | AnyOf
Predicate = Callable[[dict[str, Any]], bool]


def unquote(text: str) -> str:
    """Return a value without its quotes and escapes."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def parse(query: str | None) -> Node:
    """Return the tree of a search text; an empty one matches everything. Stray parentheses are skipped."""
    tokens = [match for match in _TOKEN.finditer(query or "") if match.group().strip()]
    return _Parser(tokens).disjunction()


class _Parser:
    def __init__(self, tokens: list[re.Match[str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> re.Match[str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def word(self) -> str:
        token = self.peek()
        return (token["term"] or "") if token else ""

    def disjunction(self, nested: bool = False) -> Node:
        nodes = [self.conjunction(nested)]
        while self.word() == "OR":
            self.at += 1
            nodes.append(self.conjunction(nested))
        return nodes[0] if len(nodes) == 1 else AnyOf(tuple(nodes))

    def conjunction(self, nested: bool) -> Node:
        nodes: list[Node] = []
        while (token := self.peek()) is not None and self.word() != "OR":
            if token["close"]:
                if nested:
                    break
                self.at += 1
            elif self.word() == "AND":
                self.at += 1
            else:
                nodes.append(self.unary())
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def unary(self) -> Node:
        token = self.peek()
        if token is None:
            return All(())
        self.at += 1
        if token["minus"] or token["term"] == "NOT":
            return Not(self.unary())
        if token["open"]:
            inside = self.disjunction(nested=True)
            self.at += 1
            return inside
        if token["field"]:
            return _term(token["field"], token["op"] or "", token["value"])
        return Term(None, "", unquote(token["term"] or ""))


def _term(field: str, operator: str, value: str) -> Node:
    if value[0] in "'\"" or "," not in value:
        return Term(field, operator, unquote(value))
    return AnyOf(tuple(Term(field, operator, part) for part in value.split(",") if part))
