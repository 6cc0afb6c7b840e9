"""The kinds of search field, each compiled to a predicate over a document of the store."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import iso, parse_instant
from sandbox.search.syntax import Predicate, Term

Getter = Callable[[dict[str, Any]], Any]
_COMPARE = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "": operator.eq}


class InvalidValue(ValueError):
    """A value that the field does not accept: the filter becomes a warning and matches nothing."""


@dataclass(frozen=True)
class Field:
    """One search field: how its value is read off a document and what a term on it means."""

    kind: str
    get: Getter
    values: frozenset[str] = frozenset()

    def predicate(self, term: Term, zone: ZoneInfo) -> Predicate:
        """Return the test of one term; raises InvalidValue."""
        if term.value == "*" and not term.operator:
            return lambda doc: self.get(doc) not in (None, "", [])
        return getattr(self, f"_{self.kind}")(term, zone)  # type: ignore[no-any-return]

    def _time(self, term: Term, zone: ZoneInfo) -> Predicate:
        low, high = instants(term.value, zone)
        get = self.get
        # A day stands for all its instants: after a day means from its start, up to a day means to its end.
        compare, bound = {
            ">": (operator.ge if high > low else operator.gt, low),
            ">=": (operator.ge, low),
            "<": (operator.lt, low),
            "<=": (operator.lt, high) if high > low else (operator.le, low),
        }.get(term.operator, (None, low))
        if compare is None:
            if high > low:
                return lambda doc: low <= (get(doc) or "") < high
            return lambda doc: get(doc) == low
        return lambda doc: bool((value := get(doc)) and compare(value, bound))

    def _number(self, term: Term, zone: ZoneInfo) -> Predicate:
        try:
            wanted = float(term.value) if self.kind == "number" else int(term.value)
        except ValueError as problem:
            raise InvalidValue(term.value) from problem
        compare, get = _COMPARE[term.operator], self.get
        return lambda doc: (value := get(doc)) is not None and compare(float(value), wanted)

    def _id(self, term: Term, zone: ZoneInfo) -> Predicate:
        match = re.fullmatch(r"(?:gid://shopify/\w+/)?(\d+)", term.value)
        if not match:
            raise InvalidValue(term.value)
        wanted, compare, get = int(match[1]), _COMPARE[term.operator], self.get
        return lambda doc: (value := get(doc)) is not None and compare(number_of(value), wanted)

    def _boolean(self, term: Term, zone: ZoneInfo) -> Predicate:
        if term.value.lower() not in ("true", "false"):
            raise InvalidValue(term.value)
        wanted, get = term.value.lower() == "true", self.get
        return lambda doc: bool(get(doc)) is wanted

    def _choice(self, term: Term, zone: ZoneInfo) -> Predicate:
        wanted, get = term.value.lower(), self.get
        if self.values and wanted not in self.values:
            raise InvalidValue(term.value)
        if wanted == "any":
            return lambda doc: True
        return lambda doc: wanted in labels(get(doc))

    def _text(self, term: Term, zone: ZoneInfo) -> Predicate:
        wanted, get = term.value.lower(), self.get
        if wanted.endswith("*"):
            prefix = wanted[:-1]
            return lambda doc: any(value.startswith(prefix) for value in labels(get(doc)))
        return lambda doc: wanted in labels(get(doc))

    def _without(self, term: Term, zone: ZoneInfo) -> Predicate:
        wanted, get = term.value.lower(), self.get
        return lambda doc: wanted not in labels(get(doc))


def labels(value: Any) -> list[str]:
    """Return the lower-case texts of a scalar or a list."""
    if value is None:
        return []
    return [str(item).lower() for item in value] if isinstance(value, list) else [str(value).lower()]


def number_of(gid: Any) -> int:
    """Return the number inside a gid (the part before a query string) or a plain number."""
    return int(str(gid).rsplit("/", 1)[-1].split("?", 1)[0])


def instants(text: str, zone: ZoneInfo) -> tuple[str, str]:
    """Return the first instant that a value means and the first one after it (the same for a full timestamp).

    A value without a zone is read in the shop's zone; a bare date covers that business day.
    """
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = date.fromisoformat(text)
            start = datetime(day.year, day.month, day.day, tzinfo=zone)
            after = day + timedelta(days=1)
            end = datetime(after.year, after.month, after.day, tzinfo=zone)
            return iso(start), iso(end)
        if text.lower() == "now":
            return iso(datetime.now(UTC)), iso(datetime.now(UTC))
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as problem:
        raise InvalidValue(text) from problem
    full = iso(moment.replace(tzinfo=zone) if moment.tzinfo is None else parse_instant(text))
    return full, full
