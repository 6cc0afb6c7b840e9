"""Customer segments: names made unique, queries checked for syntax."""

from __future__ import annotations

import re
from typing import Any

from sandbox.graph.session import Doc, Session
from sandbox.writeback.payload import UserError, user_error

Args = dict[str, Any]
MAX_NAME = 255
MAX_QUERY = 5_000
MAX_SEGMENTS = 6_000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:\\.|[^'\\])*')
    | (?P<relative>[+-]?\d+(?:d|w|m|y)\b)
    | (?P<date>\d{4}-\d\d-\d\d(?:T[\d:.Z+-]+)?)
    | (?P<number>-?\d+(?:\.\d+)?)
    | (?P<operator>>=|<=|!=|=|>|<)
    | (?P<punctuation>[(),:])
    | (?P<word>[A-Za-z_$][\w.$:-]*)
    )""",
    re.VERBOSE,
)
_METAFIELD = re.compile(r"\bmetafields\.([\w$:-]+)\.([\w-]+)")
_OPERATORS = {"CONTAINS", "IN", "BETWEEN", "MATCHES"}


def syntax_problem(query: str) -> str | None:
    """Return where a segment query stops being one, in Shopify's words, or None."""
    tokens: list[tuple[str, str, int]] = []
    at = 0
    while query[at:].strip():
        match = _TOKEN.match(query, at)
        if not match:
            rest = query[at:]
            bad = rest.lstrip()[0]
            return _unexpected(query, at + len(rest) - len(rest.lstrip()), bad)
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind], match.start(kind)))
        at = match.end()
    return _Check(query, tokens).expression() if tokens else None


def _unexpected(query: str, at: int, token: str) -> str:
    line = query.count("\n", 0, at) + 1
    column = at - (query.rfind("\n", 0, at) + 1)
    return f"Query Line {line} Column {column}: '{token}' is unexpected."


class _Check:
    def __init__(self, query: str, tokens: list[tuple[str, str, int]]) -> None:
        self.query, self.tokens, self.at = query, tokens, 0

    def expression(self) -> str | None:
        problem = self._any()
        if problem is None and self.at < len(self.tokens):
            return self._stop()
        return problem

    def _any(self) -> str | None:
        problem = self._one()
        while problem is None and self._word() in ("AND", "OR"):
            self.at += 1
            problem = self._one()
        return problem

    def _one(self) -> str | None:
        if self._word() == "NOT":
            self.at += 1
        if self._text() == "(":
            self.at += 1
            problem = self._any()
            if problem is None and self._text() != ")":
                return self._stop()
            self.at += 1
            return problem
        if self._kind() != "word":
            return self._stop()
        self.at += 1
        if self._text() == "(":
            problem = self._arguments()
            if problem is not None or self._kind() != "operator":
                return problem
        if self._word() == "IS":
            self.at += 1
            self.at += self._word() == "NOT"
            return self._take("word", "NULL")
        self.at += self._word() == "NOT"
        if self._kind() == "operator":
            self.at += 1
            return self._value()
        if self._word() not in _OPERATORS:
            return self._stop()
        operator = self._word()
        self.at += 1
        if operator in ("IN", "MATCHES") and self._text() == "(":
            return self._arguments()
        problem = self._value()
        if operator == "BETWEEN" and problem is None:
            problem = self._take("word", "AND") or self._value()
        return problem

    def _arguments(self) -> str | None:
        depth = 0
        while self.at < len(self.tokens):
            depth += {"(": 1, ")": -1}.get(self._text(), 0)
            self.at += 1
            if depth == 0:
                return None
        return self._stop()

    def _value(self) -> str | None:
        if self._kind() in ("text", "number", "date", "relative") or self._text().lower() in (
            "true",
            "false",
            "today",
            "yesterday",
        ):
            self.at += 1
            return None
        return self._stop()

    def _take(self, kind: str, text: str) -> str | None:
        if self._kind() == kind and self._text().upper() == text:
            self.at += 1
            return None
        return self._stop()

    def _kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _text(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def _word(self) -> str:
        return self._text().upper() if self._kind() == "word" else ""

    def _stop(self) -> str:
        if self.at < len(self.tokens):
            return _unexpected(self.query, self.tokens[self.at][2], self.tokens[self.at][1])
        return f"Query Line 1 Column {len(self.query)}: the query ends too early."


def _unknown_metafield(session: Session, query: str) -> str | None:
    """A query can ask for metafields of customers that are defined, and for no others."""
    for found in _METAFIELD.finditer(re.sub(r"'(?:\\.|[^'\\])*'", lambda text: " " * len(text[0]), query)):
        if session.store.metafields.definition(session.shop, "CUSTOMER", found[1], found[2]) is None:
            return f"Query Line 1 Column {found.start()}: '{found[0]}' filter cannot be found."
    return None


def _errors(session: Session, name: str | None, query: str | None) -> list[UserError]:
    errors = []
    if name is not None and not name.strip():
        errors.append(user_error(["name"], "Name can't be blank"))
    if name is not None and len(name) > MAX_NAME:
        errors.append(user_error(["name"], f"Name is too long (maximum is {MAX_NAME} characters)"))
    if query is not None:
        problem = syntax_problem(query) or _unknown_metafield(session, query)
        if not query.strip():
            errors.append(user_error(["query"], "Query can't be blank"))
        elif len(query) > MAX_QUERY:
            errors.append(user_error(["query"], f"Query is too long (maximum is {MAX_QUERY} characters)"))
        elif problem:
            errors.append(user_error(["query"], problem))
    return errors


def _free_name(session: Session, name: str, own: str | None = None) -> str:
    taken = {doc["name"] for doc in session.store.scan(session.shop, "Segment") if doc["id"] != own}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free


def create(session: Session, args: Args) -> Args:
    """Answer `segmentCreate`."""
    errors = _errors(session, args["name"], args["query"])
    if not errors and session.store.count(session.shop, "Segment") >= MAX_SEGMENTS:
        errors = [user_error(None, f"Segment limit of {MAX_SEGMENTS} reached.")]
    if errors:
        return {"segment": None, "userErrors": errors}
    now = session.now()
    number = session.store.next_number("Segment", 900_000_000_001)
    doc: Doc = {
        "__typename": "Segment",
        "id": f"gid://shopify/Segment/{number}",
        "name": _free_name(session, args["name"]),
        "query": args["query"],
        "creationDate": now,
        "lastEditDate": now,
    }
    session.store.put(session.shop, doc)
    return {"segment": doc, "userErrors": []}


def update(session: Session, args: Args) -> Args:
    """Answer `segmentUpdate`."""
    doc = session.store.get(session.shop, args["id"])
    if doc is None or doc["__typename"] != "Segment":
        return {"segment": None, "userErrors": [user_error(["id"], "Segment does not exist")]}
    errors = _errors(session, args.get("name"), args.get("query"))
    if errors:
        return {"segment": None, "userErrors": errors}
    if args.get("name"):
        doc["name"] = _free_name(session, args["name"], doc["id"])
    doc["query"] = args.get("query") or doc["query"]
    doc["lastEditDate"] = session.now()
    session.store.put(session.shop, doc)
    return {"segment": doc, "userErrors": []}


def delete(session: Session, args: Args) -> Args:
    """Answer `segmentDelete`."""
    doc = session.store.get(session.shop, args["id"])
    if doc is None or doc["__typename"] != "Segment":
        return {"deletedSegmentId": None, "userErrors": [user_error(["id"], "Segment does not exist")]}
    session.store.delete(session.shop, args["id"])
    return {"deletedSegmentId": args["id"], "userErrors": []}
